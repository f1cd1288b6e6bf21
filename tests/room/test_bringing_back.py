"""What may come in between while versions and words are brought back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import nbformat
import pytest

from jupyter_crdt_autosave.storage.archive import Draft
from tests.room.test_offers import crashed
from tests.support.desk import Desk, Tab
from tests.support.loop import in_loop

pytestmark = pytest.mark.timeout(60)


@in_loop
async def test_a_conflict_with_other_ids_is_listed(desk: Desk) -> None:
    desk.write("x = 1\ny = 1\nz = 1")
    tab = await desk.open()
    src = tab.live.notebook.ycells[0]["source"]
    del src[4:5]
    src.insert(4, "2")
    path = desk.root / "nb.ipynb"
    nb = json.loads(path.read_text())
    nb["cells"][0]["id"] = "other"
    nb["cells"][0]["source"] = ["x = 3\n", "y = 1\n", "z = 1"]
    path.write_text(json.dumps(nb))
    await tab.live.tick()
    marks = await tab.live.conflicts.marks()
    assert ("file", "conflict") in desk.topics()
    assert [m.theirs for m in marks] == ["x = 3\ny = 1\nz = 1"]


@in_loop
async def test_a_removed_cell_comes_back_beside_a_similar_new_one(desk: Desk) -> None:
    desk.write("a", "frame = read('one.csv')\nframe.head()", "c")
    tab = await desk.open()
    named = await tab.live.timeline.name("before")
    del tab.live.notebook.ycells[1]
    tab.live.notebook.append_cell(
        {
            "cell_type": "code",
            "source": "frame = read('two.csv')\nframe.head()",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "id": "new",
        }
    )
    await tab.live.timeline.restore(named.id, ["cell-1"])
    assert "frame = read('two.csv')\nframe.head()" in tab.sources
    assert "frame = read('one.csv')\nframe.head()" in tab.sources


async def _bring_back(tab: Tab) -> None:
    versions = await asyncio.to_thread(tab.live._workings.archive.versions, tab.live.about_id)
    await tab.live.timeline.restore(versions[-1].id)


async def _reload(tab: Tab) -> None:
    await tab.live.recovery.reload()


@pytest.mark.parametrize("replace", [_bring_back, _reload])
@in_loop
async def test_what_is_typed_while_all_is_being_replaced_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, replace: Callable[[Tab], Awaitable[None]]
) -> None:
    desk.write("a", "b", "c")
    tab = await desk.open()
    await tab.live.timeline.name("before")
    tab.type(0, "1")
    keeping = tab.live._workings.keeping
    insist = keeping.insist

    async def slow(drafts: Sequence[Draft]) -> Any:
        found = await insist(drafts)
        if len(tab.sources) == 3:
            tab.type(1, " typed meanwhile")
            tab.live.notebook.append_cell(
                {"cell_type": "markdown", "source": "new meanwhile", "metadata": {}, "id": "new"}
            )
        return found

    monkeypatch.setattr(keeping, "insist", slow)
    await replace(tab)
    for text in ("b typed meanwhile", "new meanwhile"):
        assert text in tab.sources or desk.is_in_version(text)


@in_loop
async def test_discarding_tells_which_words_stay_because_somebody_typed_in_them(
    desk: Desk,
) -> None:
    desk.write("a", "b")
    tab = await crashed(desk, (0, "\nrecovered"))
    await tab.offer()
    tab.type(0, " and on")
    await tab.answer("discard")
    assert tab.sources == ["a\nrecovered and on", "b"]
    conflicts = [data for topic, data in desk.events if data["event"] == "conflict"]
    assert [data["cells"] for data in conflicts] == [["cell-0"]]
    (mark,) = await tab.live.conflicts.marks()
    assert (mark.ours, mark.theirs) == ("a\nrecovered and on", "a")
    await tab.live.conflicts.take(mark.id)
    assert tab.sources == ["a", "b"]


@in_loop
async def test_a_version_of_an_older_format_comes_back(desk: Desk) -> None:
    path = desk.root / "nb.ipynb"
    path.write_text(
        json.dumps(
            {
                "cells": [
                    {
                        "cell_type": "code",
                        "source": ["a"],
                        "metadata": {},
                        "outputs": [],
                        "execution_count": None,
                    }
                ],
                "metadata": {},
                "nbformat": 4,
                "nbformat_minor": 2,
            }
        )
    )
    tab = await desk.open()
    named = await tab.live.timeline.name("old")
    desk.write("a", "b")
    await tab.live.tick()
    await tab.live.timeline.restore(named.id)
    await tab.live.save()
    nbformat.validate(nbformat.read(path, 4))
    assert tab.sources == ["a"] == desk.sources()


@in_loop
async def test_the_words_of_a_file_are_taken_for_a_cell_that_was_removed(desk: Desk) -> None:
    desk.write("q", "x = 1\ny = 1\nz = 1")
    tab = await desk.open()
    src = tab.live.notebook.ycells[1]["source"]
    del src[4:5]
    src.insert(4, "2")
    desk.write("q", "x = 3\ny = 1\nz = 1")
    await tab.live.tick()
    (mark,) = await tab.live.conflicts.marks()
    del tab.live.notebook.ycells[1]
    await tab.live.conflicts.take(mark.id)
    assert tab.sources == ["q", "x = 3\ny = 1\nz = 1"]
    assert await tab.live.conflicts.marks() == []


@in_loop
async def test_taking_words_for_a_removed_cell_leaves_a_similar_one_alone(desk: Desk) -> None:
    """Take on a mark by similarity: the cell was removed and a similar one is there."""
    desk.write("q", "frame = read('one.csv')\nframe.head()")
    tab = await desk.open()
    src = tab.live.notebook.ycells[1]["source"]
    del src[:]
    src.insert(0, "frame = read('ours.csv')\nframe.head()")
    desk.write("q", "frame = read('theirs.csv')\nframe.head()")
    await tab.live.tick()
    (mark,) = await tab.live.conflicts.marks()
    del tab.live.notebook.ycells[1]
    tab.live.notebook.append_cell(
        {
            "cell_type": "code",
            "source": "frame = read('new.csv')\nframe.head()",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "id": "new",
        }
    )
    await tab.live.conflicts.take(mark.id)
    assert "frame = read('new.csv')\nframe.head()" in tab.sources
