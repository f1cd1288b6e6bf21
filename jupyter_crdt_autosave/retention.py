"""Which versions of one notebook have had their time.

Of each kind the newest are kept, as many as configured, and all that are not older than so many
days, whichever are more. A named version is kept for ever.

Kinds whose text is elsewhere too, in the document that went on from there, are also thinned once
they are an hour old: to the last of each five minutes by the clock, and the first of each burst. A
burst is what lies in successive five minutes, none of them empty. Thinning never empties five
minutes, so what is thinned again and again has the same bursts, and comes to the same, as what is
thinned once. The other kinds hold text that may be nowhere else, and no neighbour has it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

HOUR, DAY = 3600.0, 86400.0

SLOT = 300.0
"""Seconds of which one version is left of those that are thinned."""

NAMED = "named"
EXPENDABLE = frozenset({"external", "save"})
"""Kinds that are thinned, and done without while the disk is nearly full.

A kind that is not known here is not one of them.
"""


@dataclass(frozen=True)
class Keep:
    """How many versions of each kind are kept at least, and for how many days all of them."""

    versions: int = 50
    days: float = 30.0


@dataclass(frozen=True)
class Entry:
    """What is decided about: one version, of which `created` is in seconds since the epoch."""

    id: str
    kind: str
    created: float
    named: bool = False


def outdated(entries: Iterable[Entry], now: float, keep: Keep) -> set[str]:
    """The ids of those versions of one notebook that go; `now` in seconds since the epoch.

    Versions of one kind and one moment, as the two sides of an outside edit are, stay or go
    together, and stay if one of them has a name.
    """
    kinds: dict[str, dict[float, list[Entry]]] = {}
    for entry in entries:
        kinds.setdefault(entry.kind, {}).setdefault(entry.created, []).append(entry)
    gone: set[str] = set()
    for kind, moments in kinds.items():
        if kind != NAMED:
            for moment in moments.keys() - _kept(kind, moments, now, keep):
                gone.update(entry.id for entry in moments[moment])
    return gone


def _kept(kind: str, moments: dict[float, list[Entry]], now: float, keep: Keep) -> set[float]:
    """The moments whose versions stay, among those of one kind."""
    named = {moment for moment, at in moments.items() if any(entry.named for entry in at)}
    left = _thinned(moments, now) | named if kind in EXPENDABLE else set(moments)
    kept, newer = set(named), 0
    for moment in sorted(left, reverse=True):
        if newer < keep.versions or now - moment <= keep.days * DAY:
            kept.add(moment)
        newer += len(moments[moment])
    return kept


def _thinned(moments: Collection[float], now: float) -> set[float]:
    """What thinning leaves of moments."""
    slots: dict[float, list[float]] = {}
    for moment in sorted(moments):
        slots.setdefault(moment // SLOT, []).append(moment)
    left = {moment for moment in moments if now - moment <= HOUR}
    left.update(inside[-1] for inside in slots.values())
    left.update(inside[0] for slot, inside in slots.items() if slot - 1 not in slots)
    return left
