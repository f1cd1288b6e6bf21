"""When a notebook's file is written, and when a checkpoint instead."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tornado.web import HTTPError

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.errors import ExportFailed
from jupyter_crdt_autosave.kernel import Presence
from jupyter_crdt_autosave.schedule import Target, Wish
from jupyter_crdt_autosave.storage.history import read_history
from tests.support.desk import Desk, Tab
from tests.support.loop import in_loop

pytestmark = pytest.mark.timeout(60)


def told(desk: Desk) -> list[str]:
    """What was told about autosave."""
    return [event for topic, event in desk.topics() if topic == "autosave"]


async def turn(desk: Desk, tab: Tab, presence: Presence) -> None:
    """The notebook's kernel begins to run a cell, or is done with all."""
    desk.kernels.turn(presence)
    await tab.rest()


def everything(desk: Desk) -> dict[str, bytes]:
    """Every file in the folder of notebooks."""
    found = [path for path in sorted(desk.root.rglob("*")) if path.is_file()]
    return {str(path.relative_to(desk.root)): path.read_bytes() for path in found}


class FullDisk(OSDisk):
    """A disk on which nothing can be made in the folder of notebooks while it is full."""

    full = False
    store_too = False

    def open(  # type: ignore[override]
        self, path: str, flags: int, mode: int = 0o600
    ) -> int:
        if self.full and flags & os.O_CREAT and "/notebooks/" in path:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.open(path, flags, mode)

    def rename(self, source: str, target: str) -> None:  # type: ignore[override]
        if self.store_too and target.endswith("checkpoint.ipynb"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.rename(source, target)


@in_loop
async def test_the_file_is_written_an_interval_after_the_first_edit_that_it_lacks(
    desk: Desk,
) -> None:
    desk.write("a")
    tab = await desk.open(interval=10.0)
    tab.type(0, "b")
    await tab.elapse(6.0)
    tab.type(0, "c")
    await tab.elapse(3.9)
    assert desk.sources() == ["a"]
    await tab.elapse(0.1)
    assert desk.sources() == ["abc"]
    tab.type(0, "d")
    await tab.elapse(9.9)
    assert desk.sources() == ["abc"]
    await tab.elapse(0.1)
    assert desk.sources() == ["abcd"]
    assert desk.checkpoint() is None


@in_loop
async def test_a_notebook_that_is_only_looked_at_is_never_written(desk: Desk) -> None:
    before = desk.write("a").read_bytes()
    tab = await desk.open()
    tab.live.notebook.ystate["x"] = 1
    await tab.autosave()
    assert tab.live.status().due_at is None
    await turn(desk, tab, Presence.BUSY)
    await turn(desk, tab, Presence.IDLE)
    await tab.close()
    assert everything(desk) == {"nb.ipynb": before}
    assert desk.topics() == []


@in_loop
async def test_no_byte_is_written_while_a_cell_runs_and_once_it_is_done_the_file_is(
    desk: Desk,
) -> None:
    before = desk.write("a").read_bytes()
    tab = await desk.open(interval=10.0, max_deferral=None)
    await turn(desk, tab, Presence.BUSY)
    tab.type(0, "b")
    await tab.elapse(9.0)
    assert tab.live.status().deferred is None
    await tab.elapse(5000.0)
    assert everything(desk) == {"nb.ipynb": before}
    status = tab.live.status()
    assert (status.kernel, status.unsaved, status.due_at) == ("busy", True, None)
    assert status.deferred is not None
    assert tab.state["dirty"] is False
    await turn(desk, tab, Presence.IDLE)
    assert desk.sources() == ["ab"]
    assert tab.live.status().deferred is None
    assert told(desk) == ["deferred", "resumed"]
    await tab.close()
    assert list(everything(desk)) == ["nb.ipynb"]


@in_loop
async def test_the_end_of_a_cell_is_an_occasion_to_save_though_no_interval_is_over(
    desk: Desk,
) -> None:
    desk.write("a")
    tab = await desk.open(interval=10.0)
    tab.type(0, "b")
    await turn(desk, tab, Presence.BUSY)
    await turn(desk, tab, Presence.IDLE)
    assert desk.sources() == ["ab"]


@in_loop
async def test_a_cell_that_runs_for_very_long_gets_a_checkpoint_which_is_renewed_and_goes(
    desk: Desk,
) -> None:
    before = desk.write("a").read_bytes()
    tab = await desk.open(interval=10.0, max_deferral=600.0)
    await turn(desk, tab, Presence.BUSY)
    tab.type(0, "b")
    await tab.elapse(599.0)
    assert desk.checkpoint() is None
    await tab.elapse(1.0)
    assert desk.checkpoint() == ["ab"]
    assert read_history(desk.disk, tab.live.folder).checkpoints[-1].running
    tab.type(0, "c")
    await tab.elapse(9.0)
    assert desk.checkpoint() == ["ab"]
    await tab.elapse(1.0)
    assert desk.checkpoint() == ["abc"]
    assert (desk.root / "nb.ipynb").read_bytes() == before
    last = tab.live.status().last_autosave
    assert last is not None and last.target == "checkpoint"
    await turn(desk, tab, Presence.IDLE)
    assert desk.sources() == ["abc"]
    assert list(everything(desk)) == ["nb.ipynb"]
    assert read_history(desk.disk, tab.live.folder).checkpoints == []
    assert told(desk) == ["deferred", "checkpoint", "resumed", "cleared"]


@in_loop
async def test_a_checkpoint_is_a_notebook_without_a_trace_of_us(desk: Desk) -> None:
    kernel = {"name": "python3", "display_name": "Python 3"}
    language = {"name": "python"}
    desk.write(
        "a", metadata={"kernelspec": kernel, "language_info": language, "mine": {"deep": [1]}}
    )
    tab = await desk.open(autosave_target="checkpoint")
    tab.type(0, "b")
    await tab.autosave()
    data = (desk.root / ".autosave" / "nb.ipynb").read_bytes()
    expected = nbformat.read(desk.root / "nb.ipynb", as_version=4)
    expected.cells[0].source = "ab"
    assert data.decode() == nbformat.writes(expected) + "\n"
    assert (desk.root / ".autosave" / ".gitignore").read_text() == "*\n"


@in_loop
async def test_a_save_while_a_cell_runs_is_written_at_once_and_takes_the_checkpoint_away(
    desk: Desk,
) -> None:
    desk.write("a")
    tab = await desk.open(max_deferral=0.0)
    await turn(desk, tab, Presence.BUSY)
    tab.type(0, "b")
    await tab.autosave()
    assert desk.checkpoint() == ["ab"]
    tab.type(0, "c")
    await tab.live.save()
    assert desk.sources() == ["abc"]
    assert list(everything(desk)) == ["nb.ipynb"]
    assert not tab.live.status().unsaved
    assert tab.live.status().deferred is None
    saved = everything(desk)
    await turn(desk, tab, Presence.IDLE)
    await tab.autosave()
    assert everything(desk) == saved


@in_loop
async def test_with_autosave_off_in_all_tabs_a_checkpoint_holds_what_the_file_lacks(
    desk: Desk,
) -> None:
    before = desk.write("a").read_bytes()
    tab = await desk.open()
    tab.live.tabs((Wish(autosaves=False), Wish(autosaves=False)))
    tab.type(0, "b")
    await tab.autosave()
    assert (desk.root / "nb.ipynb").read_bytes() == before
    assert desk.checkpoint() == ["ab"]
    assert tab.state["dirty"] is True
    tab.live.tabs((Wish(autosaves=False), Wish(autosaves=True)))
    await tab.autosave()
    assert desk.sources() == ["ab"]
    assert desk.checkpoint() is None
    assert tab.state["dirty"] is False


@in_loop
async def test_the_smallest_interval_of_the_tabs_holds_at_once(desk: Desk) -> None:
    desk.write("a")
    tab = await desk.open(interval=60.0)
    tab.live.tabs((Wish(interval=30.0), Wish()))
    tab.type(0, "b")
    await tab.elapse(6.0)
    tab.live.tabs((Wish(interval=5.0), Wish()))
    await tab.rest()
    assert desk.sources() == ["ab"]


@in_loop
async def test_when_the_last_tab_closes_the_file_is_brought_up_to_date(desk: Desk) -> None:
    desk.write("a")
    tab = await desk.open()
    tab.live.tabs((Wish(),))
    tab.type(0, "b")
    tab.live.tabs(())
    await tab.rest()
    assert desk.sources() == ["ab"]


@in_loop
async def test_a_notebook_that_is_closed_while_a_cell_runs_leaves_a_checkpoint(desk: Desk) -> None:
    before = desk.write("a").read_bytes()
    tab = await desk.open()
    await turn(desk, tab, Presence.BUSY)
    tab.type(0, "b")
    await tab.close()
    assert (desk.root / "nb.ipynb").read_bytes() == before
    assert desk.checkpoint() == ["ab"]
    desk.kernels.turn(Presence.NONE)
    again = await desk.open()
    assert again.sources == ["ab"]
    await again.answer("restore")
    await again.rest()
    assert desk.sources() == ["ab"]
    assert list(everything(desk)) == ["nb.ipynb"]


@in_loop
async def test_undoing_all_edits_takes_the_checkpoint_away(desk: Desk) -> None:
    before = desk.write("a").read_bytes()
    tab = await desk.open(autosave_target="checkpoint")
    tab.type(0, "b")
    await tab.autosave()
    assert desk.checkpoint() == ["ab"]
    del tab.live.notebook.ycells[0]["source"][1]
    await tab.live.tick()
    await tab.rest()
    assert everything(desk) == {"nb.ipynb": before}


@in_loop
async def test_after_a_crash_the_checkpoint_is_right_again_once_the_notebook_was_opened(
    desk: Desk,
) -> None:
    desk.write("a")
    tab = await desk.open(autosave_target="checkpoint")
    tab.type(0, "b")
    await tab.autosave()
    tab.type(0, "c")
    await tab.crash()
    again = await desk.open(autosave_target="checkpoint")
    await again.autosave()
    assert desk.checkpoint() == ["abc"]
    await again.live.save()
    assert list(everything(desk)) == ["nb.ipynb"]
    assert read_history(desk.disk, again.live.folder).checkpoints == []


@in_loop
async def test_a_kill_between_the_export_and_the_clearing_leaves_no_stale_checkpoint(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a")
    tab = await desk.open(autosave_target="checkpoint")
    tab.type(0, "b")
    await tab.autosave()

    def refuse(path: str) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        unlink = desk.disk.unlink
        patch.setattr(
            desk.disk,
            "unlink",
            lambda path: refuse(path) if path.endswith(".autosave/nb.ipynb") else unlink(path),
        )
        await tab.live.save()
        await tab.crash()
    assert desk.sources() == ["ab"] == desk.checkpoint()
    again = await desk.open(autosave_target="checkpoint")
    await again.live.tick()
    await again.rest()
    assert list(everything(desk)) == ["nb.ipynb"]


@in_loop
async def test_a_checkpoint_of_somebody_else_stays_until_it_is_answered(desk: Desk) -> None:
    desk.write("a")
    (desk.root / ".autosave").mkdir()
    desk.write("precious", name=".autosave/nb.ipynb")
    tab = await desk.open(autosave_target="checkpoint")
    await tab.autosave()
    assert desk.checkpoint() == ["precious"]
    tab.type(0, "b")
    await tab.autosave()
    assert desk.checkpoint() == ["precious"]
    stored = nbformat.read(Path(tab.live.folder) / "checkpoint.ipynb", as_version=4)
    assert [cell.source for cell in stored.cells] == ["ab"]
    await tab.answer("discard")
    tab.type(0, "c")
    await tab.autosave()
    assert desk.checkpoint() == ["abc"]
    assert ("discard", "checkpoint", ["precious"]) in desk.timeline()


@in_loop
async def test_a_file_that_cannot_be_written_is_tried_again_and_a_checkpoint_written_meanwhile(
    desk: Desk,
) -> None:
    tries: list[int] = []
    refusing = ["for now"]

    def refuse(model: dict[str, Any], **kwargs: Any) -> None:
        tries.append(1)
        if refusing:
            raise HTTPError(400, "no outputs, please")

    desk.manager.register_pre_save_hook(refuse)
    desk.write("a")
    tab = await desk.open(interval=10.0)
    tab.type(0, "b")
    await tab.elapse(10.0)
    assert len(tries) == 1
    assert desk.sources() == ["a"]
    assert desk.checkpoint() == ["ab"]
    failed = tab.live.status()
    assert failed.unsaved and "no outputs, please" in (failed.export_error or "")
    assert tab.state.get("dirty")
    await tab.elapse(4.0)
    assert len(tries) == 1
    await tab.elapse(1.0)
    assert len(tries) == 2
    await tab.elapse(9.0)
    assert len(tries) == 2
    refusing.clear()
    await tab.elapse(1.0)
    assert desk.sources() == ["ab"]
    assert desk.checkpoint() is None
    assert tab.live.status().export_error is None
    assert tab.state["dirty"] is False
    exports = [event for topic, event in desk.topics() if topic == "export"]
    assert exports == ["failing", "done"]


@in_loop
async def test_where_the_folder_takes_no_files_the_store_has_the_checkpoint_and_that_is_said(
    tmp_path: Path,
) -> None:
    disk = FullDisk()
    desk = Desk(tmp_path, disk)
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "b")
    disk.full = True
    await tab.elapse(10.0)
    assert desk.sources() == ["a"]
    assert desk.checkpoint() is None
    stored = Path(tab.live.folder) / "checkpoint.ipynb"
    assert nbformat.read(stored, as_version=4).cells[0].source == "ab"
    reasons = [data["reason"] for topic, data in desk.events if data["event"] == "checkpoint"]
    assert reasons == ["No space left on device"]
    disk.full = False
    await tab.autosave()
    assert desk.sources() == ["ab"]
    assert not stored.exists()


@in_loop
async def test_a_checkpoint_that_can_be_written_nowhere_is_said_and_tried_again(
    tmp_path: Path,
) -> None:
    disk = FullDisk()
    desk = Desk(tmp_path, disk)
    desk.write("a")
    tab = await desk.open(autosave_target="checkpoint")
    tab.type(0, "b")
    disk.full = disk.store_too = True
    await tab.elapse(10.0)
    assert desk.checkpoint() is None
    assert "No space left" in (tab.live.status().export_error or "")
    assert told(desk) == ["checkpoint_failing"]
    disk.full = disk.store_too = False
    await tab.elapse(5.0)
    assert desk.checkpoint() == ["ab"]
    assert tab.live.status().export_error is None


@in_loop
async def test_the_checkpoint_goes_where_the_notebook_goes(desk: Desk) -> None:
    path = desk.write("a")
    tab = await desk.open(autosave_target="checkpoint")
    tab.type(0, "b")
    await tab.autosave()
    (desk.root / "deep").mkdir()
    path.rename(desk.root / "deep" / "new.ipynb")
    await tab.live.move("deep/new.ipynb")
    assert desk.sources("deep/.autosave/new.ipynb") == ["ab"]
    assert not (desk.root / ".autosave").exists()
    await tab.live.save()
    assert list(everything(desk)) == ["deep/new.ipynb"]


@in_loop
async def test_the_checkpoint_of_a_deleted_notebook_goes_with_it(desk: Desk) -> None:
    path = desk.write("a")
    tab = await desk.open(autosave_target="checkpoint")
    tab.type(0, "b")
    await tab.autosave()
    path.unlink()
    await tab.live.release("deleted")
    await tab.rest()
    assert everything(desk) == {}
    await tab.live.save()
    assert desk.sources() == ["ab"]


@in_loop
async def test_notebooks_of_one_name_have_checkpoints_of_their_own(desk: Desk) -> None:
    (desk.root / "deep").mkdir()
    desk.write("a")
    desk.write("x", name="deep/nb.ipynb")
    names = ("nb.ipynb", "deep/nb.ipynb")
    tabs = [await desk.open(name, autosave_target="checkpoint") for name in names]
    for tab in tabs:
        tab.type(0, "!")
        await tab.autosave()
    assert desk.checkpoint() == ["a!"]
    assert desk.sources("deep/.autosave/nb.ipynb") == ["x!"]


@in_loop
async def test_a_broken_file_is_left_alone_and_a_checkpoint_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_crdt_autosave.room.file_side.SETTLING", 0.0)
    path = desk.write("a")
    tab = await desk.open()
    path.write_text("<<<<<<< ours")
    await tab.live.tick()
    tab.type(0, "b")
    await tab.autosave()
    assert path.read_text() == "<<<<<<< ours"
    assert desk.checkpoint() == ["ab"]
    desk.write("a")
    await tab.live.tick()
    await tab.autosave()
    assert desk.sources() == ["ab"]
    assert desk.checkpoint() is None


@in_loop
async def test_an_autosave_that_is_asked_for_comes_now_as_far_as_it_may(desk: Desk) -> None:
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "b")
    assert await tab.live.autosave() is Target.NOTEBOOK
    assert desk.sources() == ["ab"]
    await turn(desk, tab, Presence.BUSY)
    tab.type(0, "c")
    assert await tab.live.autosave() is Target.NONE
    assert tab.live.status().deferred is not None
    assert desk.sources() == ["ab"]
    await turn(desk, tab, Presence.IDLE)
    assert desk.sources() == ["abc"]


@in_loop
async def test_whoever_saves_a_closed_notebook_is_told(desk: Desk) -> None:
    desk.write("a")
    tab = await desk.open()
    await tab.close()
    with pytest.raises(ExportFailed, match="closed"):
        await tab.live.save()


@in_loop
async def test_an_edit_during_an_export_is_in_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a")
    tab = await desk.open(interval=10.0)
    tab.type(0, "b")
    rename = desk.disk.rename

    def type_meanwhile(source: str, target: str) -> None:
        rename(source, target)
        if target.endswith("nb.ipynb") and json.loads(Path(target).read_text()):
            monkeypatch.undo()
            tab.live._loop.call_soon_threadsafe(tab.type, 0, "c")

    monkeypatch.setattr(desk.disk, "rename", type_meanwhile)
    await tab.elapse(10.0)
    assert desk.sources() == ["ab"]
    assert tab.live.status().unsaved
    await tab.elapse(10.0)
    assert desk.sources() == ["abc"]


@in_loop
async def test_a_file_in_the_common_style_is_written_without_being_read_as_a_notebook_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = desk.write("a", "b", metadata={"kernelspec": kernel, "language_info": {"name": "py"}})
    tab = await desk.open()
    tab.type(0, "!")
    await tab.autosave()

    def refuse(*_: object) -> None:
        raise AssertionError("the whole file was made anew")

    monkeypatch.setattr("jupyter_crdt_autosave.file.sight.read", refuse)
    monkeypatch.setattr("jupyter_crdt_autosave.room.pages.render", refuse)
    for _ in range(3):
        tab.type(1, "?")
        await tab.autosave()
    expected = nbformat.read(path, as_version=4)
    assert [cell.source for cell in expected.cells] == ["a!", "b???"]
    assert path.read_text() == nbformat.writes(expected) + "\n"


@in_loop
async def test_a_file_in_a_style_of_its_own_keeps_it_however_often_it_is_written(
    desk: Desk,
) -> None:
    path = desk.write("a", "b")
    path.write_text(json.dumps(json.loads(path.read_text()), indent=4))
    before = path.read_text().splitlines()
    tab = await desk.open()
    for text in "xyz":
        tab.type(0, text)
        await tab.autosave()
    changed = [
        (old, new)
        for old, new in zip(before, path.read_text().splitlines(), strict=True)
        if old != new
    ]
    assert [(old.strip(), new.strip()) for old, new in changed] == [('"a"', '"axyz"')]
