"""Which items of a changed list are items of the list as it was."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any

from .canonical import canonical_json
from .values import same

_MOST_PAIRS = 250_000
"""Beyond this many pairs of items to compare, items are paired by place."""

Origins = list[int | None]


class Traced(list[Any]):
    """A list which knows of each of its items which item of an older list it was, if any."""

    def __init__(self, items: Iterable[Any], origins: Origins) -> None:
        super().__init__(items)
        self.origins = origins


def align(old: list[Any], new: list[Any]) -> Origins:
    """Give for each item of ``new`` the place in ``old`` of the item that it is or was, if any.

    Equal items are paired, and between them changed ones in order, unless ``new`` knows better.
    """
    if isinstance(new, Traced):
        return new.origins
    start = _equal(old, new)
    rest_old, rest_new = old[start:], new[start:]
    tail = _equal(rest_old[::-1], rest_new[::-1])
    size_old, size_new = len(rest_old) - tail, len(rest_new) - tail
    between = _between(rest_old[:size_old], rest_new[:size_new])
    return [
        *range(start),
        *(None if place is None else start + place for place in between),
        *range(start + size_old, len(old)),
    ]


def _equal(old: list[Any], new: list[Any]) -> int:
    """Count the items at the beginning that are the same."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if not same(one, other):
            break
        count += 1
    return count


def _between(old: list[Any], new: list[Any]) -> Origins:
    if len(old) * len(new) > _MOST_PAIRS:
        return _by_place(old, new, 0)
    keys = [[canonical_json(item) for item in side] for side in (old, new)]
    matcher = SequenceMatcher(None, keys[0], keys[1], autojunk=False)
    origins: Origins = []
    for _, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        origins += _by_place(old[old_start:old_end], new[new_start:new_end], old_start)
    return origins


def _by_place(old: list[Any], new: list[Any], start: int) -> Origins:
    return [
        start + place if place < len(old) and _alike(old[place], item) else None
        for place, item in enumerate(new)
    ]


def _alike(one: Any, other: Any) -> bool:
    """Tell whether items can be one thing that changed; outputs of two types cannot.

    The type of an output says which of its lists are lines of a text.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return bool(one.get("output_type") == other.get("output_type"))
    return True
