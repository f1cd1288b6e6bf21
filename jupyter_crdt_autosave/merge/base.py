"""Which point of a notebook's past another program's version of it started from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..notebook import same
from .decide import decide
from .decisions import Cell, Content
from .lines import gaps
from .pairing import Pairs, pair_cells
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
    since. `bases` are the newest first, not empty. Going back as far as they may not know what our
    exports brought, it is the one since which the most of what was changed is undone in `theirs`;
    none of them, if more is there than is undone: whoever rewrites new text has read it. Among
    other programs the last one wins: one that works on a notebook step by step also takes back what
    it did.
    """
    places = _line(bases)
    line = [bases[place] for place in places]
    newest = bases[0].content["cells"]
    found = pair_cells(newest, theirs["cells"])
    here = {newest[place]["id"] for place in found.values()}
    last = _latest_known(_lines_of(theirs), here, line)
    scores = {
        place: _undone(line[place].content["cells"], newest, theirs["cells"], found)
        for place in range(1, last + 1)
        if line[place - 1].exported
    }
    best = max(scores.values(), default=0)
    return places[max(p for p in scores if scores[p] == best)] if best > 0 else 0


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


def _latest_known(there: set[str], here: set[str], line: Sequence[Base]) -> int:
    """The place of the newest of our exports of which `there` has most that it brought.

    Only cells that are still `here` count, by their ids.
    """
    last = len(line) - 1
    places = [*(place for place in range(last) if line[place].exported), last]
    for place, before in pairwise(places):
        brought = _brought(line[place + 1 : before + 1], line[place], here)
        known = sum(len(text) for text in brought if text in there)
        if 2 * known >= sum(map(len, brought)) > 0:
            return place
    return last


def _lines_of(content: Content) -> set[str]:
    return {line for cell in content["cells"] for line in cell["source"].split("\n")}


def _brought(before: Sequence[Base], base: Base, here: set[str]) -> list[str]:
    """The lines that only this base has: neither the export before it, nor others since then."""
    cells = {cell["id"]: cell["source"] for cell in before[-1].content["cells"]}
    changed = [
        cell["source"]
        for cell in base.content["cells"]
        if cell["id"] in here and cells.get(cell["id"]) != cell["source"]
    ]
    if not changed:
        return []
    known = set().union(*(_lines_of(one.content) for one in before))
    lines = (line for source in changed for line in source.split("\n"))
    return [line for line in lines if line.strip() and line not in known]


def _undone(
    base: Sequence[Cell], newest: Sequence[Cell], theirs: Sequence[Cell], found: Pairs
) -> int:
    """How many characters of what changed since a base are undone, less those that are there.

    `found` are the cells of `newest` that those of `theirs` are. Where it does not say, because a
    cell has grown too much and has another id now, it may be a cell of the base.
    """
    before = pair_cells(base, newest)
    through = {i: place for place, i in pair_cells(base, theirs).items()}
    direct = {i: place for place, i in found.items()}
    score = 0
    for place, cell in enumerate(newest):
        old = base[before[place]]["source"] if place in before else ""
        if old != cell["source"]:
            there = direct.get(place, through.get(before.get(place, -1)))
            if there is None:
                # Deleted, and with it what was typed since: who did that may not have seen it.
                score += _weight(_fresh(old, cell["source"]), there=False)
            elif place in before:
                score += _undone_lines(old, cell["source"], theirs[there]["source"])
            else:
                score += _weight([cell["source"]], there=True)
    return score


def _fresh(old: str, new: str) -> list[str]:
    known = set(old.split("\n"))
    return [line for line in new.split("\n") if line not in known]


def _undone_lines(base: str, newest: str, theirs: str) -> int:
    # The empty lines at the ends are neighbours for what is inserted there.
    old, new, found = (["", *text.split("\n"), ""] for text in (base, newest, theirs))
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
