"""Merges of random notebooks: nothing is lost, doubled, made up or put into another order.

The seeds are the same in every run; ``MERGE_EXAMPLES=100000 pytest tests/property/test_merge.py``
tries that many new ones of each kind.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

import nbformat as nbformat_package
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pycrdt import Assoc, Doc

from jupyter_crdt_autosave.document.bootstrap import bootstrap
from jupyter_crdt_autosave.document.converge import converge
from jupyter_crdt_autosave.document.mirror import Mirror
from jupyter_crdt_autosave.document.untracked import UntrackedNotebook
from jupyter_crdt_autosave.merge.check import losses
from jupyter_crdt_autosave.merge.decide import decide
from jupyter_crdt_autosave.merge.decisions import Decisions
from jupyter_crdt_autosave.notebook import normalise, render, same
from jupyter_crdt_autosave.notebook.trust import untrusted
from jupyter_crdt_autosave.room.trust import carry_over

from .merge_edits import FIRST_MINOR_WITH_IDS, Cell, Content, Triple, triple
from .merge_oracle import faults
from .merge_texts import MARK, Pen
from .notebooks import edits_of, notebooks

nbformat: Any = nbformat_package

EXAMPLES = int(os.environ.get("MERGE_EXAMPLES", "0"))

Test = Callable[[int, int], None]

PINNED = (
    (513, 3),
    (42753, 1),
    (110213, 6),
    (125451, 4),
    (138090, 1),
    (202433, 6),
    (229672, 5),
    (300041, 6),
    (334938, 1),
    (403130, 3),
    (403377, 4),
    (417118, 5),
    (420383, 6),
)
"""Seeds and sizes that once showed a fault."""


def seeds(count: int) -> Callable[[Test], Test]:
    """Runs a test with that many seeds, and sizes of notebooks."""

    def decorate(test: Test) -> Test:
        drawn = given(st.integers(0, 2**40), st.integers(1, 7))(test)
        for pinned in PINNED:
            drawn = example(*pinned)(drawn)
        checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
        chosen = settings(
            max_examples=EXAMPLES or count,
            derandomize=not EXAMPLES,
            deadline=None,
            suppress_health_check=checks,
        )
        return chosen(drawn)

    return decorate


def merged(sides: Triple) -> Decisions:
    """What is decided."""
    return decide(sides.base, sides.theirs, sides.ours)


def bare(content: Content) -> Content:
    """The content without trusted flags, which a merge leaves out."""
    return {**content, "cells": [untrusted(cell) for cell in content["cells"]]}


def lines_of(content: Content) -> set[str]:
    """The lines of all cells, without blanks and quotes: of those ours stand."""
    text = "\n".join(cell["source"] for cell in content["cells"])
    return set(re.sub(r"[^\S\n]|['\"]", "", text).split("\n")) - {""}


def is_valid(content: Content) -> bool:
    """Whether a notebook is valid in its own format, which may have no ids."""
    written = normalise(content)
    if written["nbformat_minor"] < FIRST_MINOR_WITH_IDS:
        for cell in written["cells"]:
            del cell["id"]
    return not list(nbformat.validator.iter_validate(written))


def document_of(content: Content) -> tuple[UntrackedNotebook, Mirror]:
    """A document that holds `content`, and its mirror."""
    notebook = UntrackedNotebook(Doc())
    notebook.ydoc.apply_update(bootstrap(content)[1])
    return notebook, Mirror(notebook)


def read_back(mirror: Mirror) -> Content:
    """What a mirror says."""
    return asyncio.run(mirror.settle()).notebook


def updates_of(notebook: UntrackedNotebook, change: Callable[[], None]) -> list[bytes]:
    """The updates that a change makes."""
    updates: list[bytes] = []
    subscription = notebook.ydoc.observe(lambda event: updates.append(event.update))
    change()
    notebook.ydoc.unobserve(subscription)
    return updates


@seeds(9000)
def test_nothing_is_lost_doubled_made_up_or_out_of_order(seed: int, size: int) -> None:
    sides = triple(seed, size)
    decisions = merged(sides)
    assert faults(sides, decisions) == []
    assert losses(sides.base, sides.theirs, sides.ours, decisions) == []


@seeds(1500)
def test_where_one_side_changed_nothing_the_other_is_the_result(seed: int, size: int) -> None:
    sides = triple(seed, size)
    taken = decide(sides.base, sides.theirs, sides.base)
    assert same(taken.content, bare(sides.theirs))
    kept = decide(sides.base, sides.base, sides.ours)
    assert same(kept.content, bare(sides.ours))
    assert taken.conflicts == kept.conflicts == ()
    assert not any(decision.changed for decision in kept.cells)


@seeds(700)
def test_the_same_is_decided_again_and_nothing_given_is_changed(seed: int, size: int) -> None:
    sides = triple(seed, size)
    before = deepcopy(sides)
    assert merged(sides) == merged(triple(seed, size))
    assert sides == before


@seeds(1500)
def test_what_both_made_alike_is_there_once(seed: int, size: int) -> None:
    sides = triple(seed, size)
    decisions = decide(sides.base, sides.theirs, deepcopy(sides.theirs))
    assert same(decisions.content, bare(sides.theirs))
    assert decisions.conflicts == ()


@seeds(2500)
def test_without_conflicts_the_sides_can_be_swapped(seed: int, size: int) -> None:
    sides = triple(seed, size)
    there, back = merged(sides), decide(sides.base, sides.ours, sides.theirs)
    if not (there.conflicts or back.conflicts):
        assert lines_of(there.content) == lines_of(back.content)


@seeds(300)
def test_a_notebook_of_valid_ones_is_valid(seed: int, size: int) -> None:
    sides = triple(seed, size)
    assert all(is_valid(side) for side in (sides.base, sides.theirs, sides.ours))
    nbformat.validate(json.loads(render(merged(sides).content, None)))


@seeds(700)
def test_the_document_becomes_what_was_decided_and_then_stays(seed: int, size: int) -> None:
    sides = triple(seed, size)
    notebook, mirror = document_of(sides.ours)
    ours = read_back(mirror)
    decided = carry_over(ours, decide(sides.base, sides.theirs, ours), trusted=False)
    updates = updates_of(notebook, lambda: converge(notebook, ours, decided))
    made = read_back(mirror)
    assert same(bare(made), merged(sides).content)
    assert same(made, read_back(Mirror(notebook))), "the mirror missed a change"
    assert len(updates) <= 1
    for decision, cell in zip(decided.cells, made["cells"], strict=True):
        if decision.ours is not None and not decision.changed:
            assert same(cell, ours["cells"][decision.ours])
    again = carry_over(made, decide(sides.theirs, sides.theirs, made), trusted=False)
    assert updates_of(notebook, lambda: converge(notebook, made, again)) == []


@settings(max_examples=EXAMPLES or 120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), notebooks())
def test_notebooks_of_every_shape_merge(data: st.DataObject, notebook: Content) -> None:
    base = normalise(notebook)
    theirs = normalise(data.draw(edits_of(base)))
    ours = normalise(data.draw(edits_of(base)))
    decisions = decide(base, theirs, ours)
    assert losses(base, theirs, ours, decisions) == []
    assert same(normalise(decisions.content), decisions.content)
    assert same(decide(base, theirs, base).content, bare(theirs))
    assert same(decide(base, base, ours).content, bare(ours))


def source_with_marks(pen: Pen) -> str:
    """A source each line of which stands nowhere else; ASCII: pycrdt's carets mix units else."""
    count = pen.random.randint(1, 30)
    return "\n".join(f"{pen.mark()} = {pen.mark()}" for _ in range(count))


def cells_with_marks(pen: Pen, count: int) -> list[Cell]:
    """Code cells made of such sources."""
    return [
        {"cell_type": "code", "id": f"id{place}", "source": source_with_marks(pen)}
        for place in range(count)
    ]


def typed_elsewhere(pen: Pen, source: str) -> str:
    """A source in which lines were changed, put in and taken out, but none was moved."""
    lines = source.split("\n")
    for _ in range(pen.random.randint(0, 4)):
        place = pen.random.randint(0, len(lines) - 1)
        new = [[], [pen.mark()], [pen.mark(), lines[place]], [lines[place] + pen.mark()]]
        lines[place : place + 1] = pen.random.choice(new)
        lines = lines or [""]
    return "\n".join(lines)


def places_of_marks(source: str, lines: set[str]) -> dict[str, int]:
    """Where the marks of some lines of a source are."""
    found, start = {}, 0
    for line in source.split("\n"):
        if line in lines:
            found.update({mark[0]: start + mark.start() for mark in MARK.finditer(line)})
        start += len(line) + 1
    return found


@seeds(700)
def test_a_caret_stays_at_its_letter_when_other_lines_or_cells_change(seed: int, size: int) -> None:
    random = Random(seed)
    ours = normalise({"cells": cells_with_marks(Pen(random, "B"), size), "metadata": {}})
    theirs = deepcopy(ours)
    for cell in theirs["cells"]:
        cell["source"] = typed_elsewhere(Pen(random, "T"), cell["source"])
    added = cells_with_marks(Pen(random, "T"), 1)[0] | {"id": "added"}
    theirs["cells"].insert(random.randint(0, size), added)
    theirs = normalise(theirs)
    notebook, _ = document_of(ours)
    decisions = decide(ours, theirs, ours)
    carets, after = [], []
    for decision in decisions.cells:
        if decision.ours is not None:
            old, new = ours["cells"][decision.ours]["source"], decision.cell["source"]
            kept = set(old.split("\n")) & set(new.split("\n"))
            text = notebook.ycells[decision.ours]["source"]
            for at in places_of_marks(old, kept).values():
                carets += [text.sticky_index(at), text.sticky_index(at + 1, Assoc.BEFORE)]
            after += [at + side for at in places_of_marks(new, kept).values() for side in (0, 1)]
    converge(notebook, ours, carry_over(ours, decisions, trusted=False))
    assert [caret.get_index() for caret in carets] == after
