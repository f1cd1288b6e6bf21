"""The check of merges: silent about sound ones; sees what was taken out, doubled or turned."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_crdt_autosave.merge.check import losses
from jupyter_crdt_autosave.merge.decide import decide
from jupyter_crdt_autosave.merge.decisions import CellDecision, Decisions
from jupyter_crdt_autosave.notebook import normalise

from .merge_texts import MARK, texts_of

Content = dict[str, Any]


def notebook(*sources: str) -> Content:
    """A notebook of code cells."""
    cells = [{"cell_type": "code", "id": f"id{n}", "source": s} for n, s in enumerate(sources)]
    return normalise({"cells": cells, "metadata": {}})


def with_sources(decisions: Decisions, *sources: str) -> Decisions:
    """The decisions with other sources, cell by cell."""
    cells = (
        CellDecision({**decision.cell, "source": source}, decision.ours, decision.theirs, True)
        for decision, source in zip(decisions.cells, sources, strict=True)
    )
    return Decisions(tuple(cells), decisions.metadata, 4, 5)


BASE = notebook("import os\nalpha = 1\nbeta = 2\ngamma = 3", "delta = 4")
THEIRS = notebook("import os\nalpha = 1\nbeta = 2\ngamma = 3\ntheirs = 5", "delta = 4")
OURS = notebook("import os\nours = 6\nalpha = 1\nbeta = 2\ngamma = 3", "delta = 4")
GOOD = "import os\nours = 6\nalpha = 1\nbeta = 2\ngamma = 3\ntheirs = 5"


def kinds(*sources: str) -> set[str]:
    """What the check says of a result with these sources."""
    planted = with_sources(decide(BASE, THEIRS, OURS), *sources)
    return {loss.kind for loss in losses(BASE, THEIRS, OURS, planted)}


def test_the_check_is_silent_about_a_sound_merge() -> None:
    assert decide(BASE, THEIRS, OURS).cells[0].cell["source"] == GOOD
    assert kinds(GOOD, "delta = 4") == set()


def test_the_check_sees_what_is_missing() -> None:
    assert kinds(GOOD.replace("ours = 6\n", ""), "delta = 4") == {"ours"}
    assert kinds(GOOD.replace("\ntheirs = 5", ""), "delta = 4") == {"theirs"}
    assert kinds(GOOD.replace("beta = 2\n", ""), "delta = 4") == {"kept"}


def test_the_check_sees_what_is_doubled_or_out_of_order() -> None:
    assert kinds(GOOD + "\nbeta = 2", "delta = 4") == {"doubled"}
    assert kinds(GOOD, "delta = 4\ntheirs = 5") == {"doubled"}
    turned = GOOD.replace("alpha = 1\nbeta = 2", "beta = 2\nalpha = 1")
    assert kinds(turned, "delta = 4") == {"kept"}


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 2**40))
def test_the_check_sees_any_written_line_that_is_taken_out(seed: int) -> None:
    base, theirs, ours = texts_of(seed)
    sides = notebook(base), notebook(theirs), notebook(ours)
    decisions = decide(*sides)
    assert losses(*sides, decisions) == []
    found = decisions.cells[0].cell["source"].split("\n")
    for place, line in enumerate(found):
        written = [mark for mark in MARK.findall(line) if mark[-1] in "OT"]
        left = "\n".join([*found[:place], *found[place + 1 :]])
        conflicting = "".join(conflict.theirs for conflict in decisions.conflicts)
        if any(mark not in left + conflicting for mark in written):
            planted = with_sources(
                decisions, left, *(c.cell["source"] for c in decisions.cells[1:])
            )
            marked = Decisions(planted.cells, planted.metadata, 4, 5, decisions.conflicts)
            assert losses(*sides, marked) != []
