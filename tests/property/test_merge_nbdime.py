"""Against nbdime, on the kinds of changes that it knows: no more conflicts, and no less text."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any

import nbformat as nbformat_package
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbdime.merging.notebooks import merge_notebooks

from jupyter_crdt_autosave.merge.check import losses
from jupyter_crdt_autosave.merge.decide import decide
from jupyter_crdt_autosave.merge.decisions import Decisions
from jupyter_crdt_autosave.notebook import normalise, render

from .merge_texts import MARK, Pen

nbformat: Any = nbformat_package

Content = dict[str, Any]
Sides = tuple[Content, Content, Content]
"""The base, theirs and ours."""


@pytest.fixture(autouse=True, scope="module")
def quiet() -> Iterator[None]:
    """Without what nbdime says of conflicts."""
    logger = logging.getLogger("nbdime")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)


# Triples


def source(pen: Pen) -> str:
    """Lines of words that stand nowhere else."""
    lines = (" + ".join(pen.mark() for _ in range(3)) for _ in range(pen.random.randint(4, 7)))
    return "\n".join(lines)


def code(pen: Pen, name: str) -> Content:
    """A code cell that was run."""
    output = {"output_type": "stream", "name": "stdout", "text": pen.mark()}
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "source": source(pen),
        "outputs": [output],
        "execution_count": 1,
    }


def notebook(pen: Pen) -> Content:
    """A notebook of some cells."""
    cells = [code(pen, f"cell-{place}") for place in range(5)]
    return normalise({"cells": cells, "metadata": {"mine": {"a": 1}}, "nbformat_minor": 5})


def reword(cell: Content, line: int, word: int, pen: Pen) -> None:
    """Another word in a line."""
    lines = [text.split(" + ") for text in cell["source"].split("\n")]
    lines[line][word] = pen.mark()
    cell["source"] = "\n".join(" + ".join(words) for words in lines)


def put_lines(cell: Content, line: int, pen: Pen) -> None:
    """Some lines before another one."""
    lines = cell["source"].split("\n")
    new = [pen.mark() for _ in range(pen.random.randint(1, 3))]
    cell["source"] = "\n".join([*lines[:line], *new, *lines[line:]])


def drop_line(cell: Content, line: int) -> None:
    """One line less."""
    lines = cell["source"].split("\n")
    cell["source"] = "\n".join([*lines[:line], *lines[line + 1 :]])


def rerun(cell: Content, pen: Pen) -> None:
    """The cell was run again."""
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": pen.mark()}]
    cell["execution_count"] = pen.random.randint(2, 99)


Change = Callable[[list[Content], list[Content], Pen, Pen], None]


def in_different_cells(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """Sources of different cells."""
    reword(theirs[1], 0, 0, t)
    put_lines(theirs[1], 2, t)
    reword(ours[3], 1, 1, o)


def in_different_lines(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """Lines of one cell, others between them."""
    reword(theirs[2], 0, 1, t)
    reword(ours[2], 3, 1, o)


def in_neighbouring_lines(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """Lines of one cell that follow each other."""
    reword(theirs[2], 1, 1, t)
    reword(ours[2], 2, 1, o)


def in_one_line(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """Words of one line."""
    reword(theirs[2], 1, 0, t)
    reword(ours[2], 1, 2, o)


def of_one_word(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """One word."""
    reword(theirs[2], 1, 1, t)
    reword(ours[2], 1, 1, o)


def lines_put_in_one_place(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """Lines before the same line."""
    put_lines(theirs[2], 2, t)
    put_lines(ours[2], 2, o)


def cells_put_in_one_place(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """Cells before the same cell."""
    theirs.insert(2, code(t, "theirs"))
    ours.insert(2, code(o, "ours"))


def line_deleted_there(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """One side deletes the line that the other changed."""
    drop_line(theirs[2], 1)
    reword(ours[2], 1, 1, o)


def line_deleted_here(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """One side deletes the line that the other changed."""
    reword(theirs[2], 1, 1, t)
    drop_line(ours[2], 1)


def cell_deleted_there(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """One side deletes the cell that the other changed, and one that it did not."""
    del theirs[2:4]
    reword(ours[2], 1, 1, o)


def cell_deleted_here(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """One side deletes the cell that the other changed, and one that it did not."""
    del ours[2:4]
    reword(theirs[2], 1, 1, t)


def run_on_both_sides(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """Outputs of one cell."""
    rerun(theirs[2], t)
    rerun(ours[2], o)


def run_there(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """Outputs of a cell whose source changed."""
    rerun(theirs[2], t)
    reword(ours[2], 1, 1, o)


def run_on_both_edited_there(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """Outputs of a cell, and its source on one side."""
    rerun(theirs[2], t)
    reword(theirs[2], 1, 1, t)
    rerun(ours[2], o)


def metadata_of_both(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """Metadata of one cell, one key alike, one not, and one of each side."""
    theirs[2]["metadata"] = {"name": t.mark(), "same": 1, "t": 1}
    ours[2]["metadata"] = {"name": o.mark(), "same": 1, "o": 1}


def moved_there(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """A cell is moved on one side, and edited on the other."""
    theirs.append(theirs.pop(1))
    reword(ours[1], 1, 1, o)


def moved_here(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """A cell is moved on one side, and edited on the other."""
    ours.insert(0, ours.pop(3))
    reword(theirs[3], 1, 1, t)


def alike(theirs: list[Content], ours: list[Content], t: Pen, o: Pen) -> None:
    """The same on both sides."""
    reword(theirs[2], 1, 1, t)
    theirs.insert(1, code(t, "new"))
    ours[:] = deepcopy(theirs)


CHANGES: tuple[Change, ...] = (
    in_different_cells,
    in_different_lines,
    in_neighbouring_lines,
    in_one_line,
    of_one_word,
    lines_put_in_one_place,
    cells_put_in_one_place,
    line_deleted_there,
    line_deleted_here,
    cell_deleted_there,
    cell_deleted_here,
    run_on_both_sides,
    run_there,
    run_on_both_edited_there,
    metadata_of_both,
    moved_there,
    moved_here,
    alike,
)


def sides_of(change: Change, seed: int) -> Sides:
    """A triple with one kind of change."""
    random = Random(seed)
    base = notebook(Pen(random, "B"))
    theirs, ours = deepcopy(base), deepcopy(base)
    change(theirs["cells"], ours["cells"], Pen(random, "T"), Pen(random, "O"))
    return base, theirs, ours


# What nbdime makes of them


def merged_by_nbdime(base: Content, theirs: Content, ours: Content) -> tuple[str, int]:
    """The text of its result, and how many of its decisions are conflicts."""
    nodes = (nbformat.from_dict(deepcopy(side)) for side in (base, ours, theirs))
    result, decisions = merge_notebooks(*nodes)
    return text_of(result), sum(bool(decision.conflict) for decision in decisions)


def text_of(content: Content) -> str:
    """The sources of all cells."""
    return "\n".join("".join(cell["source"]) for cell in content["cells"])


def kept_text(decisions: Decisions) -> str:
    """What is in the result or in a conflict."""
    apart = (conflict.theirs for conflict in decisions.conflicts)
    return "\n".join([text_of(decisions.content), *apart])


def assert_as_good(sides: Sides) -> None:
    """Ours is valid, sound, has all the text that nbdime has, and no more conflicts."""
    base, theirs, ours = sides
    decisions = decide(base, theirs, ours)
    text, conflicts = merged_by_nbdime(base, theirs, ours)
    assert len(decisions.conflicts) <= conflicts
    there = set(MARK.findall(text_of(theirs))), set(MARK.findall(text_of(ours)))
    both = there[0] & there[1]
    wanted = {mark for mark in MARK.findall(text) if mark[-1] in "TO" or mark in both}
    assert wanted <= set(MARK.findall(kept_text(decisions)))
    assert losses(base, theirs, ours, decisions) == []
    nbformat.validate(json.loads(render(decisions.content, None)))


@pytest.mark.parametrize("change", CHANGES)
@settings(deadline=None, max_examples=12)
@given(st.integers(0, 2**40))
def test_nbdime_makes_no_fewer_conflicts_and_keeps_no_more(change: Change, seed: int) -> None:
    assert_as_good(sides_of(change, seed))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**40), st.lists(st.sampled_from(CHANGES[:3]), min_size=2, max_size=2))
def test_so_it_is_with_several_changes(seed: int, changes: list[Change]) -> None:
    random = Random(seed)
    base = notebook(Pen(random, "B"))
    theirs, ours = deepcopy(base), deepcopy(base)
    for change in changes:
        change(theirs["cells"], ours["cells"], Pen(random, "T"), Pen(random, "O"))
    assert_as_good((base, theirs, ours))
