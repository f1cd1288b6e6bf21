"""How two changed notebooks become one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..notebook import normalise, untrusted
from .cell import is_edited, merge_cell
from .decisions import Cell, CellDecision, Conflict, Content, Decisions
from .order import staying
from .pairing import Pairs, pair_cells, pair_equal, unique
from .values import is_same, merge_objects, merge_values


@dataclass(frozen=True)
class _Entry:
    """One cell, by its places in the base, in theirs and in ours."""

    base: int | None
    theirs: int | None
    ours: int | None


def decide(base: Content, theirs: Content, ours: Content) -> Decisions:
    """Merge what two sides made of one notebook. Pure; the arguments are not changed.

    All are in normal form; trusted flags are neither looked at nor in the result. Where one side
    changed nothing, the result is the other side.
    """
    return _Merge(_bare(base), _bare(theirs), _bare(ours)).decisions(base, theirs, ours)


def _bare(content: Content) -> list[Cell]:
    return [untrusted(cell) for cell in content["cells"]]


class _Merge:
    def __init__(self, base: list[Cell], theirs: list[Cell], ours: list[Cell]) -> None:
        self._base, self._theirs, self._ours = base, theirs, ours
        self._to_theirs = _inverse(pair_cells(base, theirs))
        self._to_ours = _inverse(pair_cells(base, ours))
        self._entries = list(self._paired())

    def decisions(self, base: Content, theirs: Content, ours: Content) -> Decisions:
        merged = [self._cell(entry) for entry in self._ordered()]
        cells = self._uniquely_named([decision for decision, _ in merged])
        conflicts = tuple(
            replace(conflict, cell=decision.cell["id"])
            for decision, (_, found) in zip(cells, merged, strict=True)
            for conflict in found
        )
        version = {
            key: merge_values(base[key], theirs[key], ours[key])
            for key in ("nbformat", "nbformat_minor")
        }
        metadata = merge_objects(base["metadata"], theirs["metadata"], ours["metadata"])
        return Decisions(tuple(cells or _no_cells()), metadata, **version, conflicts=conflicts)

    def _paired(self) -> Iterator[_Entry]:
        for place in range(len(self._base)):
            yield _Entry(place, self._to_theirs.get(place), self._to_ours.get(place))
        theirs = _others(self._theirs, self._to_theirs)
        ours = _others(self._ours, self._to_ours)
        same = pair_equal([self._ours[i] for i in ours], [self._theirs[j] for j in theirs])
        for number, place in enumerate(theirs):
            yield _Entry(None, place, ours[same[number]] if number in same else None)
        met = {ours[place] for place in same.values()}
        yield from (_Entry(None, None, place) for place in ours if place not in met)

    def _survives(self, entry: _Entry) -> bool:
        """What one side deleted is gone, unless the other side edited it."""
        if entry.base is None:
            return True
        was = self._base[entry.base]
        if entry.theirs is None:
            return entry.ours is not None and is_edited(was, self._ours[entry.ours])
        return entry.ours is not None or is_edited(was, self._theirs[entry.theirs])

    def _ordered(self) -> list[_Entry]:
        """Our order, into which goes what they moved or added: behind what is before it there."""
        alive = self._without_invented([e for e in self._entries if self._survives(e)])
        moved = self._moved(self._to_theirs) - self._moved(self._to_ours)
        staying_put = [e for e in alive if e.ours is not None and e.base not in moved]
        order = _Order(sorted(staying_put, key=lambda entry: entry.ours or 0))
        last: _Entry | None = None
        for entry in sorted(_in_theirs(alive), key=lambda entry: entry.theirs or 0):
            if entry not in order:
                order.insert(entry, last)
            last = entry
        return list(order)

    def _without_invented(self, alive: list[_Entry]) -> list[_Entry]:
        """The entries but the one empty cell that an emptied notebook has, if others survive."""
        if len(alive) == 1 or self._theirs != [decision.cell for decision in _no_cells()]:
            return alive
        return [entry for entry in alive if entry.theirs is None or entry.ours is not None]

    def _moved(self, places: Pairs) -> set[int | None]:
        """The cells of the base that have to move to come into another order."""
        held = sorted(places)
        stay = {held[index] for index in staying([places[place] for place in held])}
        return {place for place in held if place not in stay}

    def _cell(self, entry: _Entry) -> tuple[CellDecision, tuple[Conflict, ...]]:
        base = None if entry.base is None else self._base[entry.base]
        theirs = None if entry.theirs is None else self._theirs[entry.theirs]
        ours = None if entry.ours is None else self._ours[entry.ours]
        conflicts: tuple[Conflict, ...] = ()
        if theirs is not None and ours is not None:
            cell, conflicts = merge_cell(base, theirs, ours)
        else:
            cell = _either(ours, theirs)
        changed = ours is None or not is_same(cell, ours)
        return CellDecision(cell, entry.ours, entry.theirs, changed, entry.base), conflicts

    def _uniquely_named(self, cells: list[CellDecision]) -> list[CellDecision]:
        """Where both sides gave one id to different cells, ours keeps it."""
        names = [decision.cell["id"] for decision in cells]
        if len(set(names)) == len(names):
            return cells
        foreign_first = sorted(range(len(cells)), key=lambda place: self._has_our_id(cells[place]))
        return [
            decision if decision.cell["id"] == name else _named(decision, name)
            for decision, name in zip(cells, unique(names, foreign_first), strict=True)
        ]

    def _has_our_id(self, decision: CellDecision) -> bool:
        place = decision.ours
        return place is not None and bool(self._ours[place]["id"] == decision.cell["id"])


class _Order:
    """Cells in order, of which each knows what follows it."""

    def __init__(self, entries: list[_Entry]) -> None:
        self._next: dict[_Entry | None, _Entry | None] = dict(
            zip([None, *entries], [*entries, None], strict=True)
        )

    def __contains__(self, entry: _Entry) -> bool:
        return entry in self._next

    def __iter__(self) -> Iterator[_Entry]:
        entry = self._next[None]
        while entry is not None:
            yield entry
            entry = self._next[entry]

    def insert(self, entry: _Entry, before: _Entry | None) -> None:
        """Put a cell behind another one (None: first), and behind what we added there."""
        after = self._next[before]
        while after is not None and after.theirs is None and after.base is None:
            before, after = after, self._next[after]
        self._next[before], self._next[entry] = entry, after


def _inverse(pairs: Pairs) -> Pairs:
    return {base: place for place, base in pairs.items()}


def _others(cells: Sequence[Cell], paired: Pairs) -> list[int]:
    known = set(paired.values())
    return [place for place in range(len(cells)) if place not in known]


def _in_theirs(entries: list[_Entry]) -> list[_Entry]:
    return [entry for entry in entries if entry.theirs is not None]


def _either(ours: Cell | None, theirs: Cell | None) -> Cell:
    cell = theirs if ours is None else ours
    assert cell is not None
    return cell


def _named(decision: CellDecision, name: str) -> CellDecision:
    return replace(decision, cell={**decision.cell, "id": name}, changed=True)


def _no_cells() -> list[CellDecision]:
    """Each side deleted what the other one kept: a notebook has at least one cell."""
    content: dict[str, Any] = normalise({"cells": [], "metadata": {}})
    return [CellDecision(cell, None, None, True) for cell in _bare(content)]
