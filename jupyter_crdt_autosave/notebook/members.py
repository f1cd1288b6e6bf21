"""Which members a changed object of a file has now, and in what order."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from .style import Style
from .values import clean_text, same


class Member(NamedTuple):
    """One member to be written."""

    origin: int | None
    """Which member of the file it was; None: a new one."""
    name: str | None
    """Under which key the content has its value; None: it stays as the file has it."""


def members(
    keys: Sequence[str], old: Mapping[str, Any], new: Mapping[str, Any], style: Style
) -> list[Member]:
    """Decide what becomes of the members of an object.

    A member that the file has, but the old value has not, stays, unless the new value has it too.
    One that only the old value has was filled in on reading, and is added once it differs.

    Args:
        keys: The keys of the object in the file.
        old: What the object was when the file was read.
        new: What it is now.
        style: Which order new members take among themselves.
    """
    names = [clean_text(key) for key in keys]
    last = {name: place for place, name in enumerate(names)}
    kept = [place for place, name in enumerate(names) if name in new or name not in old]
    made = [Member(place, _shown(names[place], place, last, new)) for place in kept]
    added = [name for name in new if name not in last and _differs(name, old, new)]
    return _insert(made, [keys[place] for place in kept], style.sorted(added), _ordered(keys))


def _shown(name: str, place: int, last: Mapping[str, int], new: Mapping[str, Any]) -> str | None:
    """Give the name of a member, but None for one that is hidden, or followed by its like."""
    return name if name in new and last[name] == place else None


def _differs(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return name not in old or not same(old[name], new[name])


def _ordered(keys: Sequence[str]) -> bool:
    return all(one <= other for one, other in pairwise(keys))


def _insert(made: list[Member], keys: list[str], added: list[str], ordered: bool) -> list[Member]:
    for name in added:
        place = bisect(keys, name) if ordered else len(keys)
        keys.insert(place, name)
        made.insert(place, Member(None, name))
    return made
