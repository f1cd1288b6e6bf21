"""What may come in between while work is offered, brought back or swept."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_crdt_autosave.errors import ExportFailed, StoreUnavailable
from jupyter_crdt_autosave.storage.archive import Draft
from tests.room.test_offers import _refuse, _with_lost_store, crashed, listed
from tests.support.desk import Desk, Tab
from tests.support.loop import in_loop

pytestmark = pytest.mark.timeout(60)


def kept(desk: Desk) -> list[tuple[str, str | None, list[str]]]:
    """The versions of all notebooks."""
    return [(version.kind, version.side, version.sources) for version in desk.versions()]


def is_kept(desk: Desk, source: str) -> bool:
    """Whether some version has a cell with this text."""
    return any(source in sources for _, _, sources in kept(desk))


def test_who_opens_a_file_while_it_is_asked_whether_somebody_has_it_open_kills_nobody(
    tmp_path: Path,
) -> None:
    code = textwrap.dedent("""
        import os, subprocess, sys, time
        from jupyter_crdt_autosave.file import handles
        path = sys.argv[1]
        close = os.close
        def slow(fd):
            p = subprocess.Popen([sys.executable, "-c", "open(%r, 'rb')" % path])
            time.sleep(1.5)
            close(fd)
            p.wait()
        handles.os = type(sys)("os")
        handles.os.__dict__.update({**os.__dict__, "close": slow})
        handles.in_use(path, 0.0)
    """)
    f = tmp_path / "x"
    f.write_bytes(b"x")
    command = [sys.executable, "-c", code, str(f)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@in_loop
async def test_what_was_saved_survives_the_restoring_of_a_checkpoint(desk: Desk) -> None:
    tab = await _with_lost_store(desk)
    await tab.live.tick()
    tab.type(1, "2")
    tab.live.notebook.append_cell(
        {"cell_type": "markdown", "source": "new", "metadata": {}, "id": "new"}
    )
    await tab.live.save()
    await tab.answer("restore")
    assert tab.sources == ["a1", "b2", "new"] == desk.sources()


@in_loop
async def test_an_outside_edit_survives_the_restoring_of_a_checkpoint(desk: Desk) -> None:
    tab = await _with_lost_store(desk)
    await tab.offer()
    desk.write("a", "b theirs", "c theirs")
    await tab.live.tick()
    await tab.answer("restore")
    assert tab.sources == ["a1", "b theirs", "c theirs"] == desk.sources()


@in_loop
async def test_a_checkpoint_that_nobody_can_show_holds_up_the_file_once_only(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await desk.open(autosave_target="checkpoint")
    tab.type(0, "1")
    await tab.autosave()
    await tab.crash()
    shutil.rmtree(desk.store_path)
    tab = await desk.open(max_deferral=60.0)
    await tab.live.tick()
    tab.type(1, "2")
    await tab.elapse(61)
    await tab.live.tick()
    await tab.rest()
    await tab.autosave()
    assert desk.sources() == ["a", "b2"]
    await tab.live.tick()
    tab.type(1, "3")
    for _ in range(3):
        await tab.autosave()
        await tab.live.tick()

    assert desk.sources() == ["a", "b23"]


@in_loop
async def test_over_a_changed_file_an_offer_waits_for_ever(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await crashed(desk, (0, "1"), max_deferral=60.0)
    await tab.live.tick()
    before = desk.write("a", "b theirs").read_bytes()
    await tab.live.tick()
    assert tab.live.status().offer is not None
    await tab.elapse(61)
    await tab.live.tick()
    await tab.autosave()
    assert (desk.root / "nb.ipynb").read_bytes() == before


@in_loop
async def test_after_an_outside_edit_what_was_typed_since_is_still_no_part_of_the_offer(
    desk: Desk,
) -> None:
    desk.write("a", "b", "c")
    tab = await crashed(desk, (0, "1"))
    await tab.offer()
    tab.type(1, "2")
    desk.write("a", "b", "c theirs")
    await tab.live.tick()
    assert listed(await tab.offer()) == [("cell-0", "changed", "a", "a1")]
    await tab.answer("discard")
    assert tab.sources == ["a", "b2", "c theirs"]


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


@in_loop
async def test_what_was_typed_at_the_place_of_an_offer_is_not_doubled(desk: Desk) -> None:
    desk.write("a", "b")
    (desk.root / ".autosave").mkdir()
    desk.write("a\nmore\n", "b", name=".autosave/nb.ipynb")
    tab = await desk.open()
    await tab.offer()
    tab.type(0, "\nmore\nand more")
    await tab.answer("restore")
    assert tab.sources[0].count("and more") == 1
    assert tab.sources[0].split("\n").count("more") == 1


async def _foreign(desk: Desk, *sources: str) -> None:
    """A checkpoint that no journal knows of."""
    (desk.root / ".autosave").mkdir(exist_ok=True)
    desk.write(*sources, name=".autosave/nb.ipynb")


@in_loop
async def test_an_offer_of_the_document_does_not_bury_a_checkpoint_of_others(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await desk.open()
    tab.type(0, "1")
    await tab.crash()
    await _foreign(desk, "a", "b foreign")
    tab = await desk.open()
    await tab.offer()
    tab.type(0, "2")
    await tab.autosave()
    assert desk.checkpoint() == ["a", "b foreign"] or is_kept(desk, "b foreign")


@in_loop
async def test_closing_early_does_not_bury_a_checkpoint_of_others(desk: Desk) -> None:
    desk.write("a", "b")
    await _foreign(desk, "a", "b foreign")
    tab = await desk.open(autosave_target="checkpoint")
    tab.type(0, "1")
    await tab.close()
    assert desk.checkpoint() == ["a", "b foreign"] or is_kept(desk, "b foreign")


@in_loop
async def test_a_checkpoint_that_is_replaced_while_another_is_offered_is_kept(desk: Desk) -> None:
    desk.write("a", "b")
    await _foreign(desk, "a1", "b")
    tab = await desk.open()
    await tab.offer()
    await _foreign(desk, "a1", "b newer")
    await tab.answer("restore")
    assert (
        desk.checkpoint() == ["a1", "b newer"]
        or is_kept(desk, "b newer")
        or "b newer" in tab.sources
    )


@in_loop
async def test_discarding_what_a_save_left_leaves_a_checkpoint_alone(desk: Desk) -> None:
    desk.write("a")
    (desk.root / ".autosave").mkdir()
    nb = nbformat.v4.new_notebook()
    nb.cells = [
        nbformat.v4.new_code_cell(
            "a",
            id="cell-0",
            outputs=[nbformat.v4.new_output("stream", name="stdout", text="eight hours")],
        )
    ]
    nbformat.write(nb, desk.root / ".autosave/nb.ipynb")
    left = desk.write("a and more", name=".~nb.ipynb")
    os.utime(desk.root / "nb.ipynb", (1000, 1000))
    os.utime(left, (2000, 2000))
    tab = await desk.open()
    await tab.offer()
    await tab.answer("discard")
    assert (desk.root / ".autosave/nb.ipynb").exists()


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
        assert text in tab.sources or is_kept(desk, text)


@in_loop
async def test_what_was_saved_survives_a_checkpoint_that_is_restored_after_reopening(
    desk: Desk,
) -> None:
    tab = await _with_lost_store(desk)
    await tab.live.tick()
    tab.type(1, "2")
    await tab.live.save()
    await tab.close()
    again = await desk.open()
    assert listed(await again.offer()) == [("cell-0", "changed", "a", "a1")]
    await again.answer("restore")
    assert again.sources == ["a1", "b2"] == desk.sources()


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


@pytest.mark.parametrize("action", ["restore", "discard"])
@pytest.mark.parametrize("name", [".~nb.ipynb", "nb.ipynb.invalid"])
@in_loop
async def test_what_a_save_left_is_gone_once_it_was_answered(
    desk: Desk, name: str, action: str
) -> None:
    file = desk.write("a")
    left = desk.write("a and more", name=name)
    os.utime(file, (1000, 1000))
    os.utime(left, (2000, 2000))
    tab = await desk.open()
    await tab.answer(action)
    assert not left.exists()
    assert "a and more" in tab.sources or is_kept(desk, "a and more")
    await tab.close()
    again = await desk.open()
    assert await again.offer() is None


@in_loop
async def test_opening_beside_another_server_leaves_its_export_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a")
    first = await desk.open()
    first.type(0, "1")
    assert await first.live.flush(5)
    rename, loop = desk.disk.rename, asyncio.get_running_loop()
    opened: list[Any] = []

    def slow(old: str, new: str) -> None:
        if not opened and ".autosave" in old:
            opened.append(asyncio.run_coroutine_threadsafe(desk.open(), loop))
            time.sleep(0.5)
        rename(old, new)

    monkeypatch.setattr(desk.disk, "rename", slow)
    await first.live.save()
    assert desk.sources() == ["a1"]
    second = await asyncio.wrap_future(opened[0])
    assert second.sources == ["a1"]


@in_loop
async def test_an_offer_outlives_a_file_that_is_missing_for_a_moment(desk: Desk) -> None:
    path = desk.write("a")
    data = path.read_bytes()
    tab = await desk.open()
    tab.type(0, "1")
    await tab.crash()
    path.unlink()
    tab = await desk.open()
    await tab.offer()
    path.write_bytes(data)
    await tab.live.tick()
    await tab.autosave()
    assert desk.sources() == ["a"] or is_kept(desk, "a")
    assert await tab.offer() is not None


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
async def test_an_outside_edit_before_anybody_looked_is_no_part_of_the_offer(desk: Desk) -> None:
    desk.write("a", "b", "c")
    tab = await crashed(desk, (0, "1"))
    tab.type(2, "2")
    desk.write("a", "b theirs", "c")
    await tab.live.tick()
    offer = await tab.offer()
    assert ("cell-1", "changed", "b theirs", "b") not in listed(offer)
    assert listed(offer)[0] == ("cell-0", "changed", "a", "a1")


@in_loop
async def test_what_is_shown_after_a_save_can_be_answered(desk: Desk) -> None:
    tab = await _with_lost_store(desk)
    await tab.offer()
    tab.type(1, "2")
    await tab.live.save()
    offer = await tab.offer()
    assert offer is not None
    await tab.live.recovery.discard(offer.id)


@in_loop
async def test_a_save_before_anybody_looked_keeps_what_the_file_held(desk: Desk) -> None:
    desk.write("a")
    tab = await crashed(desk, (0, "1"))
    await tab.live.save()
    assert ("restore", "file", ["a"]) in kept(desk)


@in_loop
async def test_a_tab_that_goes_on_while_it_is_looked_is_offered_nothing(desk: Desk) -> None:
    desk.write("a")
    tab = await crashed(desk, (0, "1"))
    looking = asyncio.create_task(tab.live.tick())
    for _ in range(200):
        await asyncio.sleep(0)
        if not tab.live._offers.pending:
            break
    assert tab.live._offers.standing is None
    tab.live.goes_on()
    await looking
    assert tab.live.status().offer is None


@in_loop
async def test_restoring_again_after_a_failure_doubles_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a", "b")
    (desk.root / ".autosave").mkdir()
    desk.write("a\nmore", "b", "added", name=".autosave/nb.ipynb")
    tab = await desk.open()
    offer = await tab.offer()
    assert offer is not None
    with monkeypatch.context() as patch:
        patch.setattr(desk.disk, "rename", _refuse)
        with pytest.raises(ExportFailed):
            await tab.live.recovery.restore(offer.id)
    assert tab.sources == ["a\nmore", "b", "added"]
    tab.type(0, "\nand on")
    await tab.live.tick()
    await tab.answer("restore")
    assert tab.sources == ["a\nmore\nand on", "b", "added"] == desk.sources()


@in_loop
async def test_discarding_after_a_failed_restore_takes_it_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a", "b")
    (desk.root / ".autosave").mkdir()
    desk.write("a\nmore", "b", "added", name=".autosave/nb.ipynb")
    tab = await desk.open()
    offer = await tab.offer()
    assert offer is not None
    with monkeypatch.context() as patch:
        patch.setattr(desk.disk, "rename", _refuse)
        with pytest.raises(ExportFailed):
            await tab.live.recovery.restore(offer.id)
    await tab.answer("discard")
    assert tab.sources == ["a", "b"]


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


@in_loop
async def test_a_sweep_of_one_server_leaves_the_export_of_another(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a")
    first = await desk.open()
    second = await desk.open()
    first.type(0, "1")
    second.live._exports.untidy = True
    rename = desk.disk.rename
    seen: list[str] = []
    ticks: list[Any] = []
    loop = asyncio.get_running_loop()

    def slow(old: str, new: str) -> None:
        if not seen and ".autosave" in str(old):
            seen.append(old)
            ticks.append(asyncio.run_coroutine_threadsafe(second.live.tick(), loop))
            time.sleep(0.5)
        rename(old, new)

    monkeypatch.setattr(desk.disk, "rename", slow)
    await first.live.save()
    assert seen
    await asyncio.wrap_future(ticks[0])
    assert desk.sources() == ["a1"]


@in_loop
async def test_a_save_that_worked_is_told_so_whatever_becomes_of_the_old_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "1")
    file = tab.live._side.file

    def refuse(*arguments: Any) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(file, "_over", refuse)
    await tab.live.save()
    assert desk.sources() == ["a1"]


@in_loop
async def test_what_another_server_exports_while_it_is_looked_is_not_doubled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a", "b")
    first, second = await desk.open(), await desk.open()
    rounds = second.live._rounds._workings
    follow = rounds.follow
    exported = False

    async def slow() -> bool:
        nonlocal exported
        written = await follow()
        if not exported:
            exported = True
            first.type(0, " typed")
            await first.live.save()
        return written

    async def later() -> None:
        """What the first server noted of its export is not in the archive yet."""

    monkeypatch.setattr(first.live._workings.bases, "flush", later)
    monkeypatch.setattr(rounds, "follow", slow)
    second.type(1, " here")
    for tab in (second, first, second):
        await tab.live.tick()
    assert second.sources == ["a typed", "b here"] == first.sources
    await second.live.save()
    assert desk.sources() == ["a typed", "b here"]
    assert not kept_as(desk, "external")


def kept_as(desk: Desk, kind: str) -> list[list[str]]:
    """The versions of a kind."""
    return [sources for found, _, sources in kept(desk) if found == kind]


@in_loop
async def test_a_sweep_that_has_to_wait_for_another_server_is_no_failed_save(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a")
    tab = await desk.open()
    exports = tab.live._exports
    exports.untidy = True

    with monkeypatch.context() as patch:
        patch.setattr(exports._shelf, "lock", Refusing)
        await tab.live.tick()
    assert tab.live.status().export_error is None
    assert exports.untidy
    await tab.live.tick()
    assert not exports.untidy


class Refusing(AbstractContextManager[None]):
    """A lock that cannot be had."""

    def __enter__(self) -> None:
        raise StoreUnavailable("Another server has held the lock.")

    def __exit__(self, *raised: object) -> None:
        """Nothing is held."""
