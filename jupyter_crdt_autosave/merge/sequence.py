"""What two sequences have in common, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from .order import staying

BUDGET = 25_000_000
"""Pairs of items that are compared at once: some milliseconds and megabytes."""

_SURROGATES = 0xD800
_SURROGATES_END = 0xE000
_OTHER = "\0"


class Match(NamedTuple):
    """`size` items that are the same, from `a` on in the one and from `b` on in the other."""

    a: int
    b: int
    size: int


def matches(a: Sequence[Hashable], b: Sequence[Hashable], budget: int = BUDGET) -> list[Match]:
    """The runs that two sequences have in common, ascending in both.

    Common ends first; between them a longest common subsequence (bit-parallel: Hyyrö, 2004). Where
    that would take more than `budget` pairs, items that both have exactly once are taken for
    common first (patience diff: Cohen), which splits the task; a part that does not split and is
    still too large has nothing in common. Of items of `a` that are alike the last ones are taken,
    so that several sequences have the same ones in common with `a`.
    """
    return _joined(_late([*_matches(a, b, 0, 0, budget)], a)[::-1])


def _late(found: list[Match], a: Sequence[Hashable]) -> list[Match]:
    """The matches, from the last one on, each as late in `a` as the next one allows."""
    late: list[Match] = []
    end = len(a)
    for match in reversed(found):
        size = match.size
        while size:
            last = match.a + size - 1
            place = next((k for k in range(end - 1, last, -1) if a[k] == a[last]), None)
            if place is None:
                break
            size, end = size - 1, place
            late.append(Match(place, match.b + size, 1))
        if size:
            late.append(Match(match.a, match.b, size))
            end = match.a
    return late


def _matches(
    a: Sequence[Hashable], b: Sequence[Hashable], at_a: int, at_b: int, budget: int
) -> Iterator[Match]:
    head, tail = common_ends(a, b)
    if head:
        yield Match(at_a, at_b, head)
    rest_a, rest_b = a[head : len(a) - tail], b[head : len(b) - tail]
    if rest_a and rest_b:
        between = _common if len(rest_a) * len(rest_b) <= budget else _split
        yield from between(rest_a, rest_b, at_a + head, at_b + head, budget)
    if tail:
        yield Match(at_a + len(a) - tail, at_b + len(b) - tail, tail)


def common_ends(a: Sequence[object], b: Sequence[object]) -> tuple[int, int]:
    """How many items are the same at the beginning, and at the end of what is left then."""
    shorter = min(len(a), len(b))
    head = 0
    while head < shorter and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < shorter - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    return head, tail


def _common(
    a: Sequence[Hashable], b: Sequence[Hashable], at_a: int, at_b: int, _: int
) -> Iterator[Match]:
    # The shorter one has few enough different items to give each a character of its own.
    shorter, longer = (a, b) if len(a) < len(b) else (b, a)
    known = dict.fromkeys(shorter)
    if known.keys().isdisjoint(longer):
        return
    codes = {item: _character(number) for number, item in enumerate(known, 1)}
    texts = ("".join([codes.get(item, _OTHER) for item in items]) for items in (a, b))
    for block in LCSseq.opcodes(*texts).as_matching_blocks():
        if block.size:
            yield Match(at_a + block.a, at_b + block.b, block.size)


def _character(number: int) -> str:
    return chr(number if number < _SURROGATES else number + _SURROGATES_END - _SURROGATES)


def _split(
    a: Sequence[Hashable], b: Sequence[Hashable], at_a: int, at_b: int, budget: int
) -> Iterator[Match]:
    places = _unique(b)
    pairs = [(i, places[item]) for item, i in _unique(a).items() if item in places]
    if not pairs:
        return
    # What follows on each other is one match from the beginning: there are many.
    end_a = end_b = size = 0
    for index in [*staying([place for _, place in pairs]), None]:
        i, j = (len(a), len(b)) if index is None else pairs[index]
        if index is not None and size and i == end_a and j == end_b:
            end_a, end_b, size = i + 1, j + 1, size + 1
            continue
        if size:
            yield Match(at_a + end_a - size, at_b + end_b - size, size)
        if i > end_a and j > end_b:
            yield from _matches(a[end_a:i], b[end_b:j], at_a + end_a, at_b + end_b, budget)
        end_a, end_b, size = i + 1, j + 1, 1


def _unique(items: Sequence[Hashable]) -> dict[Hashable, int]:
    """The items that are there once, with their places."""
    counts = Counter(items)
    return {item: place for place, item in enumerate(items) if counts[item] == 1}


def _joined(found: Iterable[Match]) -> list[Match]:
    """Matches of which none goes on where another one ends."""
    joined: list[Match] = []
    for match in found:
        if joined:
            last = joined[-1]
            if (last.a + last.size, last.b + last.size) == (match.a, match.b):
                joined[-1] = Match(last.a, last.b, last.size + match.size)
                continue
        joined.append(match)
    return joined
