"""Which items of a sequence can stay where they are when it is put into another order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import lt


def staying(positions: Sequence[int], weights: Sequence[int] | None = None) -> list[int]:
    """The indices of a strictly increasing subsequence of `positions` of the greatest weight.

    Every item weighs 1 unless `weights` (positive) says otherwise. What is not in the answer has to
    move: no set of moves is smaller, or lighter. Patience sorting with back pointers (Fredman,
    1975), where an item stands once for every unit of its weight: O(n log n).
    """
    if all(map(lt, positions, positions[1:])):
        return list(range(len(positions)))
    tails: list[int] = []
    tail_values: list[int] = []
    previous: list[int] = []
    for index, value in enumerate(positions):
        place = bisect_left(tail_values, value)
        previous.append(tails[place - 1] if place else -1)
        for level in range(place, place + (weights[index] if weights else 1)):
            if level == len(tails):
                tails.append(index)
                tail_values.append(value)
            else:
                tails[level], tail_values[level] = index, value
    chain: list[int] = []
    index = tails[-1] if tails else -1
    while index >= 0:
        chain.append(index)
        index = previous[index]
    return chain[::-1]
