"""Whether a merge lost, doubled or reordered text: looks at its result, not at how it was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .decisions import Cell, CellDecision, Content, Decisions
from .lines import bare
from .pairing import Pairs, pair_cells
from .sequence import matches
from .words import words

_Counts = Counter[str]
_Key = tuple[str, str]


@dataclass(frozen=True)
class Loss:
    """Text that should be in a merged notebook, and is not; or that is, and should not.

    ``kind`` is ``ours`` or ``theirs`` (what that side wrote is missing), ``kept`` (what both left
    alone is missing, or out of order) or ``doubled``; ``cell`` is the id of the cell that it is of.
    """

    kind: str
    cell: str
    text: str


@dataclass(frozen=True)
class _Side:
    cells: Sequence[Cell]
    pairs: Pairs
    inserted: _Counts
    origin: dict[str, tuple[str, str]]
    """The cell and the line that an inserted one is, as it is there."""


def losses(base: Content, theirs: Content, ours: Content, decisions: Decisions) -> list[Loss]:
    """What is wrong with a merge; nothing, if it is sound.

    Each line that a side inserted is in the result, or woven into a line of it, or in a conflict;
    what both kept is there in its order; no line is there more often than it was in the base and
    the sides inserted it, but in a cell with a conflict. Blanks and quotes do not count.
    """
    result = [decision.cell for decision in decisions.cells]
    quiet = _quiet(base["cells"], theirs["cells"], ours["cells"], result)
    before, counts = _counted(base["cells"], quiet), _counted(result, quiet)
    sides = {"ours": _side(base, ours, quiet), "theirs": _side(base, theirs, quiet)}
    woven = {kind: list(_woven(decisions.cells, side, kind)) for kind, side in sides.items()}
    apart = {"ours": _Counts(), "theirs": _bare(_texts(decisions))}
    found: list[Loss] = []
    for kind, side in sides.items():
        short = side.inserted - counts - apart[kind]
        old = {word for cell in base["cells"] for word in words(cell["source"])} if short else set()
        lost = (side.origin[key] for key in short)
        found += [Loss(kind, *origin) for origin in lost if not _is_in(origin[1], woven[kind], old)]
    found += _not_kept(base, sides["theirs"], sides["ours"], decisions.cells)
    known = before + sides["ours"].inserted + sides["theirs"].inserted
    new = {bare(line) for line in (*woven["ours"], *woven["theirs"])} - known.keys()
    many = (key for key in counts - known if key not in new)
    return found + list(_doubled(decisions, many))


def _texts(decisions: Decisions) -> Iterator[str]:
    for conflict in decisions.conflicts:
        yield from _lines(conflict.theirs)


def _doubled(decisions: Decisions, many: Iterable[str]) -> Iterator[Loss]:
    marked = {conflict.cell for conflict in decisions.conflicts}
    for key in many:
        places = [
            (decision.cell["id"], line)
            for decision in decisions.cells
            for line in _lines(decision.cell["source"])
            if bare(line) == key
        ]
        if marked.isdisjoint(cell for cell, _ in places):
            yield Loss("doubled", *places[-1])


def _quiet(*notebooks: Sequence[Cell]) -> set[_Key]:
    """The cells that are the same in all notebooks: most, and nothing is wrong with them."""
    return set[_Key].intersection(*({_key(cell) for cell in cells} for cells in notebooks))


def _key(cell: Cell) -> _Key:
    return cell["id"], cell["source"]


def _counted(cells: Iterable[Cell], quiet: set[_Key]) -> _Counts:
    loud = (cell["source"] for cell in cells if _key(cell) not in quiet)
    return _bare(line for source in loud for line in _lines(source))


def _bare(lines: Iterable[str]) -> _Counts:
    return Counter(key for line in lines if (key := bare(line)))


def _side(base: Content, side: Content, quiet: set[_Key]) -> _Side:
    pairs = pair_cells(base["cells"], side["cells"])
    made = _Side(side["cells"], pairs, Counter(), {})
    for place, cell in enumerate(side["cells"]):
        was = base["cells"][pairs[place]]["source"] if place in pairs else ""
        if cell["source"] != was and _key(cell) not in quiet:
            lines = _lines(cell["source"])
            keys = [bare(line) for line in lines]
            old = [bare(line) for line in _lines(was)]
            kept = {m.b + k for m in matches(old, keys) for k in range(m.size)}
            fresh = [number for number, key in enumerate(keys) if key and number not in kept]
            made.inserted.update(keys[number] for number in fresh)
            made.origin.update((keys[number], (cell["id"], lines[number])) for number in fresh)
    return made


def _not_kept(
    base: Content, theirs: _Side, ours: _Side, decided: Iterable[CellDecision]
) -> Iterator[Loss]:
    """Lines of a cell that both sides left alone, and that are not there in that order."""
    for decision in decided:
        if decision.theirs is None or decision.ours is None:
            continue
        place = ours.pairs.get(decision.ours)
        if place is None or place != theirs.pairs.get(decision.theirs):
            continue
        cells = ours.cells[decision.ours], theirs.cells[decision.theirs]
        if decision.cell["source"] not in (cell["source"] for cell in cells):
            old = _lines(base["cells"][place]["source"])
            rest = map(bare, _lines(decision.cell["source"]))
            for line in _left_alone(old, *(_lines(cell["source"]) for cell in cells)):
                if bare(line) not in rest:
                    yield Loss("kept", decision.cell["id"], line)
                    return


def _left_alone(old: list[str], ours: list[str], theirs: list[str]) -> list[str]:
    keys = [[bare(line) for line in side] for side in (old, ours, theirs)]
    kept = [{m.a + k for m in matches(keys[0], key) for k in range(m.size)} for key in keys[1:]]
    return [line for number, line in enumerate(old) if number in kept[0] & kept[1]]


def _woven(decided: Iterable[CellDecision], side: _Side, kind: str) -> Iterator[str]:
    """The lines of merged cells that are not as that side has them."""
    for decision in decided:
        place = decision.ours if kind == "ours" else decision.theirs
        if None not in (decision.ours, decision.theirs) and place is not None:
            source = side.cells[place]["source"]
            if decision.cell["source"] != source:
                yield from Counter(_lines(decision.cell["source"])) - Counter(_lines(source))


def _is_in(line: str, woven: Iterable[str], old: set[str]) -> bool:
    """Whether a line is part of a woven one: all of its new words are, or many if it has none."""
    mine = Counter(word for word in words(line) if bare(word))
    new = mine.keys() - old
    for one in woven:
        there = Counter(words(one))
        if new <= there.keys() and (new or 3 * (mine & there).total() >= mine.total()):
            return True
    return False


def _lines(source: str) -> list[str]:
    return [line for line in source.split("\n") if line.strip()]
