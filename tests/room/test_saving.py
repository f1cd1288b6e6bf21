"""What an export does to the file, and what it tells the person who asked for it."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tornado.web import HTTPError

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.errors import ExportFailed
from jupyter_crdt_autosave.file import local
from jupyter_crdt_autosave.file.scratch import Scratch
from tests.support.desk import Desk
from tests.support.loop import in_loop


@in_loop
async def test_a_saved_notebook_is_on_disk_with_the_hash_that_jupyterlab_is_told(
    desk: Desk,
) -> None:
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "b")
    await tab.live.save()
    assert desk.sources() == ["ab"]
    model = await desk.manager.get("nb.ipynb", content=False, require_hash=True)
    assert tab.state["hash"] == model["hash"]
    assert tab.state["path"] == "nb.ipynb"
    assert tab.state["dirty"] is False
    assert not tab.live.status().unsaved


@in_loop
async def test_nothing_but_the_notebook_is_left_in_the_folder(desk: Desk) -> None:
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "b")
    await tab.live.save()
    tab.type(0, "c")
    await tab.autosave()
    await tab.close()
    assert os.listdir(desk.root) == ["nb.ipynb"]


@in_loop
async def test_an_edit_changes_only_its_own_line(desk: Desk) -> None:
    path = desk.write("first\nsecond\nthird", "other")
    before = path.read_text().splitlines()
    tab = await desk.open()
    tab.live.notebook.ycells[0]["source"].insert(6, "X")
    await tab.live.save()
    after = path.read_text().splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert changed == ['    "Xsecond\\n",']


@in_loop
async def test_unknown_keys_survive_at_every_level(desk: Desk) -> None:
    path = desk.root / "nb.ipynb"
    output = {"output_type": "stream", "name": "stdout", "text": ["x\n"], "unknown_o": [1.0]}
    cell = {
        "cell_type": "code", "id": "c", "metadata": {}, "execution_count": 1, "source": ["a"],
        "outputs": [output], "unknown_c": {"deep": 2},
    }  # fmt: skip
    root = {
        "cells": [cell], "metadata": {"m": 1}, "nbformat": 4, "nbformat_minor": 5,
        "unknown_r": {"big": 123456789012345678901234567890},
    }  # fmt: skip
    path.write_text(json.dumps(root, indent=1) + "\n")
    tab = await desk.open()
    tab.type(0, "!")
    await tab.live.save()
    cell["source"] = ["a!"]
    assert json.loads(path.read_text()) == root


@in_loop
async def test_mode_and_symlink_are_kept(desk: Desk) -> None:
    path = desk.write("a")
    path.chmod(0o640)
    (desk.root / "link.ipynb").symlink_to("nb.ipynb")
    tab = await desk.open("link.ipynb")
    tab.type(0, "!")
    await tab.live.save()
    assert (desk.root / "link.ipynb").is_symlink()
    assert desk.sources("nb.ipynb") == ["a!"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@in_loop
async def test_other_names_of_the_file_see_the_change(desk: Desk) -> None:
    path = desk.write("a")
    os.link(path, desk.root / "hard.ipynb")
    tab = await desk.open()
    tab.type(0, "!")
    await tab.live.save()
    assert desk.sources("hard.ipynb") == ["a!"]
    assert path.stat().st_nlink == 2


@in_loop
async def test_hooks_decide_what_is_written_and_the_document_keeps_the_rest(desk: Desk) -> None:
    """A hook that strips outputs must not empty the document when the notebook is reopened."""
    posts: list[str] = []

    def strip(model: dict[str, Any], **kwargs: Any) -> None:
        for cell in model["content"]["cells"]:
            cell["outputs"] = []

    def post(model: dict[str, Any], os_path: str, **kwargs: Any) -> None:
        posts.append(os_path)

    desk.manager.register_pre_save_hook(strip)
    desk.manager.register_post_save_hook(post)
    notebook = nbformat.v4.new_notebook()
    output = nbformat.v4.new_output("stream", text="hello")
    notebook.cells = [nbformat.v4.new_code_cell("a", outputs=[output], id="c")]
    nbformat.write(notebook, desk.root / "nb.ipynb")
    tab = await desk.open()
    tab.type(0, "!")
    await tab.live.save()
    assert posts == [str(desk.root / "nb.ipynb")]
    saved = json.loads((desk.root / "nb.ipynb").read_text())
    assert saved["cells"][0]["outputs"] == []
    await tab.close()
    again = await desk.open()
    assert again.live.notebook.get_cell(0)["outputs"][0]["text"] == "hello"
    assert not again.live.status().unsaved


@in_loop
async def test_a_hook_that_refuses_is_heard(desk: Desk) -> None:
    def refuse(model: dict[str, Any], **kwargs: Any) -> None:
        raise HTTPError(400, "too many cells")

    desk.write("a")
    desk.manager.register_pre_save_hook(refuse)
    tab = await desk.open()
    tab.type(0, "!")
    with pytest.raises(ExportFailed, match="too many cells"):
        await tab.live.save()
    assert desk.sources() == ["a"]
    assert "too many cells" in (tab.live.status().export_error or "")
    assert tab.state["dirty"] is True


@in_loop
async def test_trust_survives_saving_and_reopening(desk: Desk) -> None:
    notebook = nbformat.v4.new_notebook()
    html = nbformat.v4.new_output("display_data", data={"text/html": "<script>1</script>"})
    notebook.cells = [nbformat.v4.new_code_cell("a", outputs=[html], id="c")]
    desk.manager.notary.sign(notebook)
    nbformat.write(notebook, desk.root / "nb.ipynb")
    tab = await desk.open()
    assert tab.live.notebook.get_cell(0)["metadata"]["trusted"] is True
    tab.type(0, "!")
    await tab.live.save()
    model = await desk.manager.get("nb.ipynb", content=True)
    assert model["content"]["cells"][0]["metadata"]["trusted"] is True


@in_loop
async def test_an_outside_output_is_not_trusted(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await desk.open()
    for cell in tab.live.notebook.ycells:
        cell["metadata"]["trusted"] = True
    await tab.live.save()
    path = desk.root / "nb.ipynb"
    data = json.loads(path.read_text())
    evil = {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<script>"}}
    data["cells"][0]["outputs"] = [evil]
    path.write_text(json.dumps(data))
    await tab.live.tick()
    first, second = (tab.live.notebook.get_cell(index) for index in (0, 1))
    assert first["outputs"][0]["data"]["text/html"] == "<script>"
    assert first["metadata"]["trusted"] is False
    assert second["metadata"]["trusted"] is True


@in_loop
async def test_a_read_only_file_is_not_replaced(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.write("a")
    tab = await desk.open()
    tab.type(0, "!")
    real = os.access
    monkeypatch.setattr(
        os, "access", lambda where, mode: False if str(where) == str(path) else real(where, mode)
    )
    with pytest.raises(ExportFailed, match="read-only"):
        await tab.live.save()
    assert desk.sources() == ["a"]


@in_loop
async def test_bytes_that_another_program_writes_in_the_last_moment_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our last look and our rename another program can replace the file."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))

    class Intruder(OSDisk):
        armed = False

        def link(self, source: str, target: str) -> None:  # type: ignore[override]
            if self.armed:
                Path(source).write_text('{"theirs": 1}')
            os.link(source, target)

    disk = Intruder()
    desk = Desk(tmp_path, disk)
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "!")
    disk.armed = True
    await tab.live.save()
    assert desk.sources() == ["a!"]
    assert desk.kept(tab) == [], "it may be the beginning of a notebook"
    monkeypatch.setattr(local, "SETTLING", 0.0)
    await tab.live.tick()
    assert b'{"theirs": 1}' in desk.kept(tab)
    assert os.listdir(desk.root) == ["nb.ipynb"]


@in_loop
async def test_an_outside_edit_is_taken_over_while_the_document_has_no_edits(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await desk.open()
    desk.write("a", "changed", "c")
    await tab.live.tick()
    assert tab.sources == ["a", "changed", "c"]
    hash_now = (await desk.manager.get("nb.ipynb", content=False, require_hash=True))["hash"]
    assert tab.state["hash"] == hash_now


@in_loop
async def test_an_outside_edit_with_an_older_time_is_noticed(desk: Desk) -> None:
    path = desk.write("a")
    tab = await desk.open()
    desk.write("b")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    await tab.live.tick()
    assert tab.sources == ["b"]


@in_loop
async def test_a_half_written_file_is_never_taken_over(desk: Desk) -> None:
    path = desk.write("a" * 100)
    whole = path.read_bytes()
    tab = await desk.open()
    for length in (0, 10, len(whole) // 2):
        path.write_bytes(whole[:length])
        await tab.live.tick()
        assert tab.sources == ["a" * 100]
    path.write_bytes(whole.replace(b"aaa", b"bbb"))
    await tab.live.tick()
    assert tab.sources == [("a" * 100).replace("aaa", "bbb")]


@in_loop
async def test_a_file_deleted_under_an_open_notebook_comes_back_by_a_plain_put(desk: Desk) -> None:
    path = desk.write("a")
    tab = await desk.open()
    tab.type(0, "!")
    path.unlink()
    await tab.live.tick()
    await tab.autosave()
    assert not path.exists()
    content = tab.live.notebook.get()
    await desk.manager.new({"type": "notebook", "format": "json", "content": content}, "nb.ipynb")
    await tab.live.tick()
    assert tab.sources == ["a!"]
    assert not tab.live.status().unsaved
    tab.type(0, "?")
    await tab.autosave()
    assert desk.sources() == ["a!?"]


@in_loop
async def test_with_autosave_off_nothing_is_written_and_that_is_said(desk: Desk) -> None:
    desk.write("a")
    desk.autosaves = False
    tab = await desk.open()
    tab.type(0, "!")
    await tab.live.tick()
    assert desk.sources() == ["a"]
    assert tab.state["dirty"] is True
    await tab.close()
    assert desk.sources() == ["a"]
    again = await desk.open()
    assert again.sources == ["a!"]
    await again.live.save()
    assert desk.sources() == ["a!"]
    assert again.state["dirty"] is False


@in_loop
async def test_a_notebook_that_lost_all_its_text_leaves_the_fuller_file_in_its_timeline(
    desk: Desk,
) -> None:
    desk.write("precious")
    tab = await desk.open()
    source = tab.live.notebook.ycells[0]["source"]
    del source[0 : len(source)]
    await tab.autosave()
    assert desk.sources() == [""]
    assert ("loss", "file", ["precious"]) in desk.timeline()


@in_loop
async def test_equal_state_is_never_written_again(desk: Desk) -> None:
    """An equal write is an update that every client answers: the echo never ends."""
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "!")
    await tab.live.save()
    updates: list[bytes] = []
    subscription = tab.live.notebook.ydoc.observe(lambda event: updates.append(event.update))
    for _ in range(5):
        await tab.live.tick()
        await tab.live.save()
    tab.live.notebook.ydoc.unobserve(subscription)
    assert updates == []


@in_loop
async def test_a_hundred_reruns_leave_one_output(desk: Desk) -> None:
    desk.write("a")
    tab = await desk.open()
    cell = tab.live.notebook.ycells[0]
    for number in range(100):
        del cell["outputs"][0 : len(cell["outputs"])]
        text = f"{number}" + "x" * 10_000
        cell["outputs"].append({"output_type": "stream", "name": "stdout", "text": text})
    assert len(tab.live.notebook.ydoc.get_update()) < 1.2 * 11_500


@in_loop
async def test_two_servers_on_one_notebook_merge(tmp_path: Path, desk: Desk) -> None:
    desk.write("a", "b")
    first, second = await desk.open(), await desk.open()
    first.type(0, "1")
    second.type(1, "2")
    for tab in (first, second, first):
        await tab.live.tick()
    assert first.sources == second.sources == ["a1", "b2"]
    await first.live.save()
    await second.live.tick()
    assert not second.live.status().unsaved
    second.type(0, "!")
    await second.live.save()
    await first.live.tick()
    assert first.sources == ["a1!", "b2"] == desk.sources()
    assert desk.kept(first) == []


@in_loop
async def test_a_store_that_cannot_be_made_still_lets_the_notebook_work(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write("a")
    desk.store_path.write_text("in the way")
    tab = await desk.open()
    tab.type(0, "!")
    status = tab.live.status()
    assert not status.journal.healthy
    assert str(desk.store_path) in (status.journal.error or "")
    assert ("journal", "failing") in desk.topics()
    desk.store_path.unlink()
    assert await tab.live.flush(20)
    await asyncio.sleep(0)
    assert tab.live.status().journal.healthy
    await tab.crash()
    again = await desk.open()
    assert again.sources == ["a!"]


@in_loop
async def test_kill_at_any_step_of_an_export_leaves_the_old_file_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))

    class Killed(BaseException):
        pass

    class Mortal(OSDisk):
        left = 10**9

        def __getattribute__(self, name: str) -> Any:
            found = object.__getattribute__(self, name)
            if name in ("open", "write", "rename", "link", "unlink", "mkdir", "sync_folder"):
                left = object.__getattribute__(self, "left")
                if left <= 0:
                    raise Killed
                object.__setattr__(self, "left", left - 1)
            return found

    for steps in range(60):
        home = tmp_path / f"{steps}"
        disk = Mortal()
        desk = Desk(home, disk)
        old = desk.write("old").read_bytes()
        tab = await desk.open()
        assert await tab.live.flush(5)
        tab.type(0, " and new")
        finished = True
        disk.left = steps
        try:
            await tab.live.save()
        except (Killed, ExportFailed, OSError):
            finished = False
        after = (desk.root / "nb.ipynb").read_bytes()
        assert after == old or desk.sources() == ["old and new"]
        # A killed process holds no locks.
        await tab.crash()
        fresh = Desk(home)
        again = await fresh.open()
        assert again.sources == ["old and new"]
        await again.live.save()
        assert fresh.sources() == ["old and new"]
        assert fresh.kept(again) == []
        await again.close()
        assert os.listdir(desk.root) == ["nb.ipynb"]
        if finished:
            break
    assert finished, "an export takes fewer steps than were tried"


@in_loop
async def test_an_export_under_way_does_not_bring_a_deleted_file_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook that is deleted while it is being saved must not reappear."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    reached, go_on = threading.Event(), threading.Event()

    class Slow(OSDisk):
        armed = False

        def link(self, source: str, target: str) -> None:  # type: ignore[override]
            os.link(source, target)
            if self.armed:
                reached.set()
                go_on.wait(10)

    disk = Slow()
    desk = Desk(tmp_path, disk)
    path = desk.write("a")
    tab = await desk.open()
    tab.type(0, "!")
    disk.armed = True
    saving = asyncio.create_task(tab.autosave())
    await asyncio.to_thread(reached.wait, 10)
    path.unlink()
    releasing = asyncio.create_task(tab.live.release("deleted"))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(saving, releasing)
    assert not path.exists()
    desk.write("fresh")
    again = await desk.open()
    assert again.sources == ["fresh"]


@in_loop
async def test_a_file_that_vanishes_before_it_is_replaced_stays_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.write("a")
    tab = await desk.open()
    tab.type(0, "!")
    render = Scratch.prepare

    def prepare(self: Scratch, data: bytes, like: os.stat_result | None) -> str:
        made = render(self, data, like)
        path.unlink()
        return made

    monkeypatch.setattr(Scratch, "prepare", prepare)
    await tab.autosave()
    assert not path.exists()
    assert "deleted while" in (tab.live.status().export_error or "")
