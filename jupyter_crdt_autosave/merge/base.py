"""Which point of a notebook's past another program's version of it started from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..notebook import same
from .decide import decide
from .decisions import Cell, Content
from .lines import gaps
from .pairing import pair_cells
from .sequence import matches


@dataclass(frozen=True)
class Base:
    """One point where file and document agreed.

    ``content`` is what the file held, ``document`` what the document held: an export may leave
    something out by design. Where both are equal they are one object. ``file`` is the same for two
    bases just if the file had the same bytes; ``exported`` says that it was we who wrote it.
    """

    content: Content
    document: Content
    file: str = ""
    exported: bool = False


def starting_point(theirs: Content, bases: Sequence[Base]) -> int:
    """The place of the base that `theirs` was made from, as far as that can be seen.

    Whoever writes a notebook back may have read it a while ago, and does not know what was typed
    since. `bases` are the newest first, not empty. Going back, the first of which they have what
    our export brought is the one; but only if more of what was changed since is undone in `theirs`
    than is there: whoever rewrites new text has read it. Among other programs the last one wins:
    one that works on a notebook step by step also takes back what it did.
    """
    places = _line(bases)
    line = [bases[place] for place in places]
    place = _latest_known(_lines_of(theirs), line)
    while place and not line[place - 1].exported:
        place -= 1
    newest = bases[0].content["cells"]
    found = _lines_by_cell(newest, theirs["cells"]) if place else {}
    return places[place] if _undone(line[place].content["cells"], newest, found) > 0 else 0


def _line(bases: Sequence[Base]) -> list[int]:
    """The places of the bases that lead to the newest one.

    Where the file returned to what it had been, what it was in between leads nowhere.
    """
    line, place = [], 0
    while place < len(bases):
        line.append(place)
        file = bases[place].file
        same = [later for later in range(place + 1, len(bases)) if bases[later].file == file]
        place = same[-1] if file and same else place + 1
    return line


def _latest_known(there: set[str], line: Sequence[Base]) -> int:
    """The place of the newest of our exports of which `there` has most that it brought."""
    last = len(line) - 1
    places = [*(place for place in range(last) if line[place].exported), last]
    for place, before in pairwise(places):
        brought = _brought(line[place + 1 : before + 1], line[place])
        known = sum(len(text) for text in brought if text in there)
        if 2 * known >= sum(map(len, brought)) > 0:
            return place
    return last


def _lines_of(content: Content) -> set[str]:
    return {line for cell in content["cells"] for line in cell["source"].split("\n")}


def _brought(before: Sequence[Base], base: Base) -> list[str]:
    """The lines that only this base has: neither the export before it, nor others since then."""
    cells = {cell["id"]: cell["source"] for cell in before[-1].content["cells"]}
    changed = [
        cell["source"] for cell in base.content["cells"] if cells.get(cell["id"]) != cell["source"]
    ]
    if not changed:
        return []
    known = set().union(*(_lines_of(one.content) for one in before))
    lines = (line for source in changed for line in source.split("\n"))
    return [line for line in lines if line.strip() and line not in known]


def _lines_by_cell(newest: Sequence[Cell], cells: Sequence[Cell]) -> dict[int, list[str]]:
    """For each cell of the newest base, the lines of its counterpart."""
    pairs = pair_cells(newest, cells)
    return {i: ["", *cells[place]["source"].split("\n"), ""] for place, i in pairs.items()}


def _undone(base: Sequence[Cell], newest: Sequence[Cell], found: dict[int, list[str]]) -> int:
    """How many characters of what changed since a base are undone, less those that are there."""
    before = pair_cells(base, newest)
    score = 0
    for place, cell in enumerate(newest):
        if place not in before:
            score += _weight([cell["source"]], there=place in found)
        elif base[before[place]]["source"] != cell["source"] and place in found:
            score += _undone_lines(base[before[place]]["source"], cell["source"], found[place])
    return score


def _undone_lines(base: str, newest: str, found: list[str]) -> int:
    # The empty lines at the ends are neighbours for what is inserted there.
    old, new = ["", *base.split("\n"), ""], ["", *newest.split("\n"), ""]
    pairs = [(m.a + k, m.b + k) for m in matches(old, new) for k in range(m.size)]
    score = 0
    for a, b in gaps(pairs, (len(old), len(new))):
        was = old[max(0, a.start - 1) : a.stop + 1]
        now = new[max(0, b.start - 1) : b.stop + 1]
        changed = [*old[a.start : a.stop], *new[b.start : b.stop]]
        if _contains(found, now):
            score += _weight(changed, there=True)
        elif _contains(found, was):
            score += _weight(changed, there=False)
    return score


def _contains(lines: list[str], part: list[str]) -> bool:
    """Whether lines stand somewhere just like that, one after the other."""
    size = len(part)
    starts = (at for at, line in enumerate(lines) if line == part[0])
    return any(lines[at : at + size] == part for at in starts)


def _weight(texts: Sequence[str], there: bool) -> int:
    size = sum(len(text.strip()) for text in texts)
    return -size if there else size


def in_document_terms(base: Base, theirs: Content) -> Content:
    """`theirs`, with what an export leaves out by design and they therefore cannot have.

    What is not in the file because the export left it out was not deleted by whoever wrote it.
    """
    if base.document is base.content:
        return theirs
    return decide(base.content, base.document, theirs).content


def sharing(content: Content, known: Sequence[Cell]) -> Content:
    """`content`, where cells that are the same as known ones are these very objects.

    What is one object needs no second look, and no second place in memory or in the store.
    """
    by_id = {cell["id"]: cell for cell in known}
    cells = [
        one if (one := by_id.get(cell["id"])) is not None and same(one, cell) else cell
        for cell in content["cells"]
    ]
    return {**content, "cells": cells}


def without_base(theirs: Content, ours: Content) -> Base:
    """A base for two notebooks of which no common past is known: nothing was deleted by anybody.

    Where a cell differs it was we who changed it.
    """
    pairs = pair_cells(ours["cells"], theirs["cells"])
    cells = [theirs["cells"][place] for place in sorted(pairs)]
    content = {**theirs, "cells": cells}
    return Base(content, content)
