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
    something out by design. Where both are equal they are one object. ``exported`` says that it was
    we who wrote the file.
    """

    content: Content
    document: Content
    exported: bool = False


def starting_point(theirs: Content, bases: Sequence[Base]) -> int:
    """The place of the base that `theirs` was made from, as far as that can be seen.

    Whoever writes a notebook back may have read it a while ago, and does not know what was typed
    since. `bases` are the newest first, not empty. Going back, the first of which they have what
    was typed until then is the one; but only if more of what was changed since is undone in
    `theirs` than is there: whoever rewrites new text has read it.
    """
    place = _latest_known(_lines_of(theirs), bases)
    # Whoever wrote the file after us had read it: there is no way back behind that.
    while place and not bases[place - 1].exported:
        place -= 1
    if not place:
        return 0
    newest = bases[0].content["cells"]
    found = _lines_by_cell(newest, theirs["cells"])
    return place if _undone(bases[place].content["cells"], newest, found) > 0 else 0


def _latest_known(there: set[str], bases: Sequence[Base]) -> int:
    for place, (newer, older) in enumerate(pairwise(bases)):
        typed = _typed(older.content, newer.content) if newer.exported else []
        known = sum(len(line) for line in typed if line in there)
        if 2 * known >= sum(map(len, typed)) > 0:
            return place
    return len(bases) - 1


def _lines_of(content: Content) -> set[str]:
    return {line for cell in content["cells"] for line in cell["source"].split("\n")}


def _typed(older: Content, newer: Content) -> list[str]:
    """The lines that came in by an export."""
    sources = {cell["id"]: cell["source"] for cell in older["cells"]}
    found: list[str] = []
    for cell in newer["cells"]:
        old = sources.get(cell["id"], "")
        if old != cell["source"]:
            known = set(old.split("\n"))
            lines = cell["source"].split("\n")
            found += [line for line in lines if line.strip() and line not in known]
    return found


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
