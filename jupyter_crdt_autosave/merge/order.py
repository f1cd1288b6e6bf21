"""Which items of a sequence can stay where they are when it is put into another order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def staying(positions: Sequence[int]) -> list[int]:
    """The indices of a longest strictly increasing subsequence of `positions`.

    Patience sorting with back pointers (Fredman, 1975), O(n log n). What is not in the answer has
    to move: no set of moves is smaller.
    """
    tails: list[int] = []
    tail_values: list[int] = []
    previous: list[int] = []
    for index, value in enumerate(positions):
        place = bisect_left(tail_values, value)
        previous.append(tails[place - 1] if place else -1)
        tails[place:] = [index] if place == len(tails) else [index, *tails[place + 1 :]]
        tail_values[place : place + 1] = [value]
    chain: list[int] = []
    index = tails[-1] if tails else -1
    while index >= 0:
        chain.append(index)
        index = previous[index]
    return chain[::-1]
