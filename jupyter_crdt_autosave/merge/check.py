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
    cell_of: dict[str, str]


def losses(base: Content, theirs: Content, ours: Content, decisions: Decisions) -> list[Loss]:
    """What is wrong with a merge; nothing, if it is sound.

    Each line that a side inserted is in the result, or woven into a line of it, or in a conflict;
    what both kept is there in its order; no line is there more often than it was in the base and
    the sides inserted it. Blank lines do not count.
    """
    result = [decision.cell for decision in decisions.cells]
    quiet = _quiet(base["cells"], theirs["cells"], ours["cells"], result)
    before, counts = _counted(base["cells"], quiet), _counted(result, quiet)
    sides = {"ours": _side(base, ours, quiet), "theirs": _side(base, theirs, quiet)}
    woven = {kind: list(_woven(decisions.cells, side, kind)) for kind, side in sides.items()}
    apart = _lines_of(conflict.theirs for conflict in decisions.conflicts)
    found: list[Loss] = []
    for kind, side in sides.items():
        short = side.inserted - counts - (apart if kind == "theirs" else Counter())
        lost = (line for line in short if not _is_in(line, woven[kind], before))
        found += [Loss(kind, side.cell_of[line], line) for line in lost]
    found += _not_kept(base, sides["theirs"], sides["ours"], decisions.cells)
    inserted = sides["ours"].inserted + sides["theirs"].inserted
    doubled = counts - before - inserted - (Counter(woven["ours"]) & Counter(woven["theirs"]))
    return found + [Loss("doubled", _cell_with(line, result), line) for line in doubled]


def _quiet(*notebooks: Sequence[Cell]) -> set[_Key]:
    """The cells that are the same in all notebooks: most, and nothing is wrong with them."""
    return set[_Key].intersection(*({_key(cell) for cell in cells} for cells in notebooks))


def _key(cell: Cell) -> _Key:
    return cell["id"], cell["source"]


def _counted(cells: Iterable[Cell], quiet: set[_Key]) -> _Counts:
    return _lines_of(cell["source"] for cell in cells if _key(cell) not in quiet)


def _side(base: Content, side: Content, quiet: set[_Key]) -> _Side:
    pairs = pair_cells(base["cells"], side["cells"])
    made = _Side(side["cells"], pairs, Counter(), {})
    for place, cell in enumerate(side["cells"]):
        was = base["cells"][pairs[place]]["source"] if place in pairs else ""
        if cell["source"] != was and _key(cell) not in quiet:
            lines, old = _lines(cell["source"]), _lines(was)
            kept = {m.b + k for m in matches(old, lines) for k in range(m.size)}
            fresh = [line for number, line in enumerate(lines) if number not in kept]
            made.inserted.update(fresh)
            made.cell_of.update(dict.fromkeys(fresh, cell["id"]))
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
            rest = iter(_lines(decision.cell["source"]))
            for line in _left_alone(old, *(_lines(cell["source"]) for cell in cells)):
                if line not in rest:
                    yield Loss("kept", decision.cell["id"], line)
                    return


def _left_alone(old: list[str], ours: list[str], theirs: list[str]) -> list[str]:
    kept = [{m.a + k for m in matches(old, side) for k in range(m.size)} for side in (ours, theirs)]
    return [line for number, line in enumerate(old) if number in kept[0] & kept[1]]


def _woven(decided: Iterable[CellDecision], side: _Side, kind: str) -> Iterator[str]:
    """The lines of merged cells that are not as that side has them."""
    for decision in decided:
        place = decision.ours if kind == "ours" else decision.theirs
        if None not in (decision.ours, decision.theirs) and place is not None:
            source = side.cells[place]["source"]
            if decision.cell["source"] != source:
                known = set(_lines(source))
                yield from (line for line in _lines(decision.cell["source"]) if line not in known)


def _is_in(line: str, woven: Iterable[str], known: Iterable[str]) -> bool:
    """Whether a line is part of a woven one: all of its new words are, and many of the others.

    A line that differs from an old one in blanks and quotes only has nothing that could be lost.
    """
    if line not in known and bare(line) in map(bare, known):
        return True
    mine = Counter(word for word in words(line) if bare(word))
    old = {word for one in known for word in words(one)}
    new = {word for word in mine if word not in old}
    most = 3 if new else 2
    for one in woven:
        there = Counter(words(one))
        if new <= set(there) and most * (mine & there).total() >= mine.total():
            return True
    return False


def _cell_with(line: str, cells: Iterable[Cell]) -> str:
    return next(str(cell["id"]) for cell in cells if line in _lines(cell["source"]))


def _lines_of(sources: Iterable[str]) -> _Counts:
    return Counter(line for source in sources for line in _lines(source))


def _lines(source: str) -> list[str]:
    return [line for line in source.split("\n") if line.strip()]
