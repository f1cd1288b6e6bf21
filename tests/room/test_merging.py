"""What becomes of a notebook when another program writes its file."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from jupyter_crdt_autosave.errors import ExportFailed
from jupyter_crdt_autosave.merge.check import Loss
from jupyter_crdt_autosave.room import file_side, ingest
from jupyter_crdt_autosave.room.alarm import Alarm
from tests.support.desk import Desk, Tab
from tests.support.loop import in_loop

pytestmark = pytest.mark.timeout(60)


async def look(tab: Tab) -> None:
    """Look around once."""
    await tab.live.tick()


def updates(tab: Tab) -> list[bytes]:
    """A list that fills with the document's updates."""
    found: list[bytes] = []
    tab.live.notebook.ydoc.observe(lambda event: found.append(event.update))
    return found


def told(desk: Desk) -> list[str]:
    """What was told about the file."""
    return [event for topic, event in desk.topics() if topic == "file"]


@pytest.fixture
def settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is no notebook is broken, not being written."""
    monkeypatch.setattr(file_side, "SETTLING", 0.0)


@in_loop
async def test_an_unedited_document_becomes_the_file(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await desk.open()
    desk.write("a!", "new", "b")
    await look(tab)
    assert tab.sources == ["a!", "new", "b"]
    assert told(desk) == ["ingested"]
    assert [entry[:3] for entry in desk.versions()] == [
        ("external", "document", ["a", "b"]),
        ("external", "file", ["a!", "new", "b"]),
    ]
    assert not tab.live.status().unsaved


@in_loop
async def test_edits_of_both_sides_are_in_the_document_and_then_in_the_file(desk: Desk) -> None:
    desk.write("one\ntwo\nthree", "b")
    tab = await desk.open()
    tab.type(0, " typed")
    desk.write("ONE\ntwo\nthree", "b", "added")
    await look(tab)
    assert tab.sources == ["ONE\ntwo\nthree typed", "b", "added"]
    assert told(desk) == ["merged"]
    await tab.autosave()
    assert desk.sources() == tab.sources
    assert tab.state["hash"]


@in_loop
async def test_after_a_merge_the_file_is_left_alone_until_the_other_program_is_quiet(
    desk: Desk,
) -> None:
    desk.write("a", "b")
    tab = await desk.open(interval=1000.0)
    tab.type(0, "!")
    await tab.elapse(999.0)
    theirs = desk.write("a", "b2").read_bytes()
    await look(tab)
    assert tab.sources == ["a!", "b2"]
    await tab.elapse(999.0)
    assert (desk.root / "nb.ipynb").read_bytes() == theirs
    assert desk.checkpoint() == ["a!", "b2"]
    await tab.elapse(1.0)
    assert desk.sources() == ["a!", "b2"]
    assert desk.checkpoint() is None


@in_loop
async def test_an_export_that_meets_an_outside_edit_leaves_the_file_alone(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await desk.open()
    tab.type(0, "!")
    theirs = desk.write("a", "b2").read_bytes()
    await tab.autosave()
    assert tab.sources == ["a!", "b2"]
    assert (desk.root / "nb.ipynb").read_bytes() == theirs


@in_loop
async def test_rewriting_the_same_bytes_is_no_change(desk: Desk) -> None:
    path = desk.write("a", "b")
    tab = await desk.open()
    seen = updates(tab)
    os.utime(path, (1, 1))
    await look(tab)
    path.write_bytes(path.read_bytes())
    await look(tab)
    assert seen == []
    assert told(desk) == []
    assert desk.versions() == []


@in_loop
async def test_the_same_notebook_in_other_bytes_is_no_change_either(desk: Desk) -> None:
    path = desk.write("a", "b")
    tab = await desk.open()
    await look(tab)
    path.write_text(json.dumps(json.loads(path.read_text())))
    await look(tab)
    assert told(desk) == []
    assert desk.versions() == []
    assert tab.sources == ["a", "b"]
    assert not tab.live.status().unsaved


@in_loop
async def test_an_older_time_is_no_reason_to_look_away(desk: Desk) -> None:
    path = desk.write("a")
    tab = await desk.open()
    desk.write("restored from a backup")
    os.utime(path, (1, 1))
    await look(tab)
    assert tab.sources == ["restored from a backup"]


@in_loop
async def test_a_file_that_is_being_written_is_taken_once_it_is_whole(desk: Desk) -> None:
    path = desk.write("a", "b")
    tab = await desk.open()
    whole = desk.write("a", "b", "c").read_bytes()
    for size in (0, 1, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:size])
        await look(tab)
        assert tab.sources == ["a", "b"]
        assert tab.live.status().export_error is None
        tab.type(0, "!")
        await tab.autosave()
        assert path.read_bytes() == whole[:size]
        tab.live.notebook.ycells[0]["source"].clear()
        tab.type(0, "a")
    path.write_bytes(whole)
    await look(tab)
    assert tab.sources == ["a", "b", "c"]


MARKED = b"<<<<<<< HEAD\n{}\n=======\n[]\n>>>>>>> other\n"


@in_loop
async def test_a_broken_file_stays_until_somebody_saves(desk: Desk, settled_at_once: None) -> None:
    path = desk.write("a")
    tab = await desk.open()
    tab.type(0, "!")
    path.write_bytes(MARKED)
    await look(tab)
    await tab.autosave()
    assert tab.sources == ["a!"]
    assert path.read_bytes() == MARKED
    assert told(desk) == ["unreadable"]
    assert "cannot be read as a notebook" in str(tab.live.status().export_error)
    await tab.live.save()
    assert desk.sources() == ["a!"]
    assert desk.kept(tab) == [MARKED]
    assert tab.live.status().export_error is None


@in_loop
async def test_a_broken_file_that_is_mended_outside_is_merged(
    desk: Desk, settled_at_once: None
) -> None:
    path = desk.write("a", "b")
    tab = await desk.open()
    tab.type(0, "!")
    path.write_bytes(MARKED)
    await look(tab)
    desk.write("a", "b, resolved")
    await look(tab)
    assert tab.sources == ["a!", "b, resolved"]
    assert tab.live.status().export_error is None


@in_loop
async def test_a_file_that_was_half_written_when_it_was_opened_is_opened_whole(
    desk: Desk,
) -> None:
    path = desk.write("a", "b")
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    opening = asyncio.ensure_future(desk.open())
    await asyncio.sleep(0)
    path.write_bytes(whole)
    assert (await opening).sources == ["a", "b"]


@in_loop
async def test_what_was_made_of_a_broken_file_gives_way_to_the_mended_one(
    desk: Desk, settled_at_once: None
) -> None:
    path = desk.root / "nb.ipynb"
    path.write_bytes(b"{ half")
    tab = await desk.open()
    assert tab.sources == ["{ half"]
    desk.write("whole", "again")
    await look(tab)
    assert tab.sources == ["whole", "again"]


@in_loop
async def test_a_burst_ends_equal_to_the_last_rewrite(desk: Desk) -> None:
    desk.write("n = 0", "m = 0")
    tab = await desk.open()
    for number in range(1, 20):
        desk.write(f"n = {number % 3}", f"m = {number}")
        await look(tab)
        assert tab.sources == [f"n = {number % 3}", f"m = {number}"]
    seen = updates(tab)
    for _ in range(3):
        await look(tab)
        await tab.autosave()
    assert seen == []


async def typed_and_exported(tab: Tab, *lines: str) -> None:
    """Type lines into the first cell, each in a file of its own."""
    for line in lines:
        tab.type(0, f"\n{line}")
        await tab.autosave()


@in_loop
async def test_an_agent_that_read_the_file_a_while_ago_deletes_nothing_typed_since(
    desk: Desk,
) -> None:
    path = desk.write("first", "x = 1", "last")
    tab = await desk.open()
    await typed_and_exported(tab, "before the agent reads")
    read = nbformat.read(path, as_version=4)
    await typed_and_exported(tab, "typed one", "typed two", "typed three")
    read.cells[1].source = "x = compute()"
    nbformat.write(read, path)
    await look(tab)
    expected = ["first\nbefore the agent reads\ntyped one\ntyped two\ntyped three"]
    assert tab.sources == [*expected, "x = compute()", "last"]
    await tab.autosave()
    assert desk.sources() == tab.sources


@in_loop
async def test_also_when_the_server_was_started_again_in_between(desk: Desk) -> None:
    path = desk.write("first", "x = 1")
    tab = await desk.open()
    await typed_and_exported(tab, "one")
    read = nbformat.read(path, as_version=4)
    await typed_and_exported(tab, "two", "three")
    await tab.crash()
    again = await desk.open()
    read.cells[1].source = "x = 2"
    nbformat.write(read, path)
    await look(again)
    assert again.sources == ["first\none\ntwo\nthree", "x = 2"]


@in_loop
async def test_an_agent_that_rewrites_what_was_typed_has_read_it(desk: Desk) -> None:
    """What it replaced must not stand beside what it wrote."""
    path = desk.write("import os")
    tab = await desk.open()
    await typed_and_exported(tab, "def f(n):", "    return n * 2")
    read = nbformat.read(path, as_version=4)
    read.cells[0].source = "import os\ndef double(number):\n    return number + number"
    nbformat.write(read, path)
    await look(tab)
    assert tab.sources == [read.cells[0].source]


@in_loop
async def test_a_return_to_an_earlier_file_is_taken_whole(desk: Desk) -> None:
    """A stash, a checkout, an undo of a tool."""
    path = desk.write("committed", "b")
    committed = path.read_bytes()
    tab = await desk.open()
    await typed_and_exported(tab, "work one", "work two")
    stashed = path.read_bytes()
    path.write_bytes(committed)
    await look(tab)
    assert tab.sources == ["committed", "b"]
    assert ("external", "document", ["committed\nwork one\nwork two", "b"]) in [
        entry[:3] for entry in desk.versions()
    ]
    path.write_bytes(stashed)
    await look(tab)
    assert tab.sources == ["committed\nwork one\nwork two", "b"]
    assert path.read_bytes() == stashed


@in_loop
async def test_what_was_typed_since_the_last_export_survives_such_a_return(desk: Desk) -> None:
    path = desk.write("committed", "b")
    committed = path.read_bytes()
    tab = await desk.open()
    await typed_and_exported(tab, "work")
    tab.type(1, " typed just now")
    path.write_bytes(committed)
    await look(tab)
    assert tab.sources == ["committed", "b typed just now"]


@in_loop
async def test_text_that_the_newest_base_would_have_deleted_is_marked(desk: Desk) -> None:
    path = desk.write("first", "x = 1")
    tab = await desk.open()
    read = nbformat.read(path, as_version=4)
    await typed_and_exported(tab, "typed since")
    read.cells[1].source = "x = 2"
    nbformat.write(read, path)
    await look(tab)
    marks = [entry for entry in desk.versions() if entry.kind == "conflict"]
    assert [entry.details for entry in marks] == [{"cells": [{"cell": "cell-0", "kind": "kept"}]}]
    assert told(desk) == ["merged"]


@in_loop
async def test_what_an_export_leaves_out_by_design_was_deleted_by_nobody(desk: Desk) -> None:
    def strip(model: dict[str, Any], **kwargs: Any) -> None:
        for cell in model["content"]["cells"]:
            cell["outputs"], cell["execution_count"] = [], None

    desk.manager.register_pre_save_hook(strip)
    notebook = nbformat.v4.new_notebook()
    output = nbformat.v4.new_output("stream", text="42\n")
    notebook.cells = [
        nbformat.v4.new_code_cell("a", id="a", outputs=[output], execution_count=1),
        nbformat.v4.new_code_cell("b", id="b"),
    ]
    path = desk.root / "nb.ipynb"
    nbformat.write(notebook, path)
    tab = await desk.open()
    tab.type(1, "!")
    await tab.live.save()
    stripped = nbformat.read(path, as_version=4)
    assert stripped.cells[0].outputs == []
    stripped.cells[1].source = "b! and theirs"
    nbformat.write(stripped, path)
    await look(tab)
    assert tab.sources == ["a", "b! and theirs"]
    (held,) = tab.live.notebook.ycells[0]["outputs"].to_py()
    assert held["text"] in ("42\n", ["42\n"])
    assert not tab.live.status().unsaved


@in_loop
async def test_what_another_program_wrote_under_our_export_is_merged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a", "b")
    tab = await desk.open()
    tab.type(0, "!")
    link = desk.disk.link
    wanted = [("a", "b, written just then")]

    def link_later(source: str, target: str) -> None:
        if wanted and source.endswith("nb.ipynb"):
            desk.write(*wanted.pop())
        link(source, target)

    monkeypatch.setattr(desk.disk, "link", link_later)
    await tab.autosave()
    assert tab.sources == ["a!", "b, written just then"]
    await tab.autosave()
    assert desk.sources() == ["a!", "b, written just then"]


@in_loop
async def test_a_program_that_was_just_writing_the_replaced_file_is_merged_when_it_is_done(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.write("a", "b")
    tab = await desk.open()
    tab.type(0, "!")
    other = desk.write("a", "b, written slowly", name="other.ipynb").read_bytes()
    link = desk.disk.link
    opened: list[Any] = []

    def link_later(source: str, target: str) -> None:
        if not opened:
            opened.append(path.open("wb"))
        link(source, target)

    monkeypatch.setattr(desk.disk, "link", link_later)
    await tab.autosave()
    assert desk.sources() == ["a!", "b"]
    with opened[0] as file:
        file.write(other)
    await look(tab)
    await tab.autosave()
    assert tab.sources == desk.sources() == ["a!", "b, written slowly"]
    assert sorted(os.listdir(desk.root)) == ["nb.ipynb", "other.ipynb"]


@in_loop
async def test_an_agent_that_works_step_by_step_takes_back_what_it_did(desk: Desk) -> None:
    desk.write("a = 1", "b")
    tab = await desk.open()
    for step in (["a = 2\nprint(a)", "b"], ["a = 3", "b"], ["a = 1", "b, too"]):
        desk.write(*step)
        await look(tab)
        assert tab.sources == step
        await typed_and_exported(tab, "# typed")
        tab.live.notebook.ycells[0]["source"].clear()
        tab.type(0, step[0])
        await tab.autosave()


@in_loop
async def test_what_one_program_writes_over_another_ones_words_is_a_version(desk: Desk) -> None:
    path = desk.write("a", "b", "c")
    tab = await desk.open()
    read = nbformat.read(path, as_version=4)
    desk.write("a", "b, by a tool", "c")
    await look(tab)
    read.cells[2].source = "c, by an agent"
    nbformat.write(read, path)
    await look(tab)
    assert tab.sources == ["a", "b", "c, by an agent"]
    assert ["a", "b, by a tool", "c"] in [entry.sources for entry in desk.versions()]


def meanwhile(
    monkeypatch: pytest.MonkeyPatch, tab: Tab, name: str, *steps: Callable[[], object]
) -> list[Any]:
    """Let each of these happen while the ingest is away on its thread; a list of its calls."""
    work, left, calls = getattr(ingest, name), list(steps), []

    def working(*args: Any) -> Any:
        calls.append(args)
        if left:
            tab.live._loop.call_soon_threadsafe(left.pop(0))
        return work(*args)

    monkeypatch.setattr(ingest, name, working)
    return calls


@in_loop
async def test_what_is_typed_while_it_is_decided_is_merged_without_deciding_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who never stops must not keep an outside edit away, nor the event loop busy."""
    desk.write("a = 1\nb = 2", "c")
    tab = await desk.open()
    tab.type(1, "!")
    calls = meanwhile(monkeypatch, tab, "plan", partial(tab.type, 0, "0  # typed"))
    desk.write("a = one\nb = 2", "c", "d")
    await look(tab)
    assert len(calls) == 1
    assert tab.sources == ["a = one\nb = 20  # typed", "c!", "d"]


@in_loop
async def test_the_same_words_that_are_typed_while_it_is_decided_are_a_conflict(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a = 1", "c")
    tab = await desk.open()
    meanwhile(monkeypatch, tab, "plan", partial(tab.type, 0, "0"))
    desk.write("a = 2", "c, too")
    await look(tab)
    assert tab.sources == ["a = 10", "c, too"]
    assert told(desk) == ["conflict"]


@in_loop
async def test_both_sides_are_kept_also_where_they_came_apart_only_while_it_was_decided(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a = 1")
    tab = await desk.open()
    tab.type(0, "0")

    def take_back() -> None:
        del tab.live.notebook.ycells[0]["source"][5:6]

    meanwhile(monkeypatch, tab, "plan", take_back)
    desk.write("a = 10")
    await look(tab)
    assert tab.sources == ["a = 10"]
    assert [entry[:3] for entry in desk.versions()] == [
        ("external", "document", ["a = 1"]),
        ("external", "file", ["a = 10"]),
    ]


@in_loop
async def test_cells_that_come_and_go_while_it_is_decided_are_decided_about_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a", "b", "c")
    tab = await desk.open()
    cells = tab.live.notebook.ycells

    def add() -> None:
        cells.insert(1, tab.live.notebook.create_ycell(new_code_cell("added here", id="new")))

    calls = meanwhile(
        monkeypatch, tab, "plan", add, partial(cells.pop, 3), partial(tab.type, 2, "!")
    )
    desk.write("a2", "b", "c")
    await look(tab)
    assert len(calls) == 3
    assert tab.sources == ["a2", "added here", "b!"]


@in_loop
async def test_what_is_typed_into_a_cell_that_is_to_be_deleted_keeps_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a", "b", "c")
    tab = await desk.open()
    meanwhile(monkeypatch, tab, "plan", partial(tab.type, 1, " typed"))
    desk.write("a", "c")
    await look(tab)
    assert "b typed" in tab.sources


@in_loop
async def test_what_is_typed_right_after_a_merge_is_not_taken_for_saved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a", "b")
    tab = await desk.open(interval=1000.0)
    meanwhile(monkeypatch, tab, "is_same_notebook", partial(tab.type, 0, " typed"))
    desk.write("a", "b2")
    await look(tab)
    assert tab.sources == ["a typed", "b2"]
    assert tab.live.status().unsaved
    await tab.crash()
    again = await desk.open()
    assert again.live.status().unsaved
    desk.write("a", "b3")
    await look(again)
    assert again.sources == ["a typed", "b3"]


@in_loop
async def test_cells_without_ids_are_merged_by_content(desk: Desk) -> None:
    path = desk.root / "nb.ipynb"

    def write(*sources: str) -> None:
        notebook = nbformat.v4.new_notebook(nbformat_minor=4)
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        for cell in cells:
            del cell["id"]
        notebook.cells = cells
        path.write_text(nbformat.writes(notebook))

    write("import os", "x = load()", "plot(x)")
    tab = await desk.open()
    tab.type(1, "  # typed")
    write("import os", "# a new one", "x = load()", "plot(x, y)")
    await look(tab)
    assert tab.sources == ["import os", "# a new one", "x = load()  # typed", "plot(x, y)"]
    await tab.autosave()
    assert desk.sources() == tab.sources


@in_loop
async def test_without_any_base_nothing_is_deleted(desk: Desk) -> None:
    desk.write("a", "b", "c")
    tab = await desk.open()
    tab.type(0, "!")
    await tab.crash()
    (desk.store_path / "archive.db").unlink()
    desk.write("a", "changed there", "added there")
    again = await desk.open()
    assert again.sources == ["a!", "b", "c"]
    (conflict,) = [entry for entry in desk.versions() if entry.kind == "conflict"]
    assert conflict.sources == ["a", "changed there", "added there"]


@in_loop
async def test_an_archive_that_cannot_be_used_stops_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk.write("a", "b")
    tab = await desk.open()

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(sqlite3, "connect", refuse)
    tab.live._workings.archive.close()
    tab.type(0, "!")
    desk.write("a", "b2")
    await look(tab)
    assert tab.sources == ["a!", "b2"]
    kept = [json.loads(data) for data in desk.kept(tab)]
    sources = [[cell["source"] for cell in content["cells"]] for content in kept]
    assert sources == [["a!", "b"], ["a", "b2"]]


def planted(*args: Any) -> list[Loss]:
    """A check that finds a loss."""
    return [Loss("ours", "cell-0", "secret words")]


@in_loop
async def test_a_merge_that_loses_text_is_an_error_where_that_is_asked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_crdt_autosave.merge.plan.losses", planted)
    desk.write("a", "b")
    tab = await desk.open()
    tab.type(0, "!")
    desk.write("a", "b2")
    await look(tab)
    assert tab.sources == ["a!", "b"]
    assert "would have lost text" in str(tab.live.status().export_error)
    with pytest.raises(ExportFailed, match="would have lost text"):
        await tab.live.save()


@in_loop
async def test_else_it_is_logged_without_the_text(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("jupyter_crdt_autosave.merge.plan.losses", planted)
    desk.write("a", "b")
    tab = await desk.open(strict_merge=False)
    tab.type(0, "!")
    desk.write("a", "b2")
    await look(tab)
    assert tab.sources == ["a!", "b2"]
    assert "content_loss in nb.ipynb: ours, cell cell-0, 12 characters" in caplog.text
    assert "secret" not in caplog.text
    assert len(desk.versions()) == 2


def test_the_text_is_logged_where_that_is_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    Alarm(lambda: "nb.ipynb", logging.getLogger("test"), False, True).heed(planted())
    assert "secret words" in caplog.text


@in_loop
async def test_only_what_came_from_outside_loses_its_trust(desk: Desk) -> None:
    path = desk.write("a", "b")
    tab = await desk.open()
    tab.live.notebook.ycells[0]["metadata"]["trusted"] = True
    tab.live.notebook.ycells[1]["metadata"]["trusted"] = True
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source = "a, edited there"
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="ran there\n")]
    nbformat.write(notebook, path)
    await look(tab)
    trusted = [cell["metadata"]["trusted"] for cell in tab.live.notebook.ycells]
    assert trusted == [True, False]


@in_loop
async def test_two_servers_take_one_outside_edit_once(tmp_path: Path) -> None:
    first, second = Desk(tmp_path), Desk(tmp_path)
    first.write("a", "b")
    one, other = await first.open(), await second.open()
    one.type(0, "!")
    first.write("a", "b2", "added")
    for _ in range(3):
        await look(one)
        await look(other)
    await one.autosave()
    for _ in range(3):
        await look(other)
        await look(one)
    assert one.sources == other.sources == ["a!", "b2", "added"] == first.sources()


@in_loop
async def test_a_program_that_reads_and_writes_through_one_handle_is_heard_after_an_export(
    desk: Desk,
) -> None:
    path = desk.write("a", "b")
    tab = await desk.open()
    with path.open("r+", encoding="utf-8") as file:
        notebook = json.load(file)
        tab.type(0, " typed")
        await tab.autosave()
        assert desk.sources() == ["a typed", "b"]
        await tab.live.tick()
        notebook["cells"][1]["source"] = ["b theirs"]
        file.seek(0)
        file.truncate()
        json.dump(notebook, file)
    await tab.live.tick()
    assert tab.sources == ["a typed", "b theirs"]
    await tab.live.tick()
    await tab.autosave()
    assert desk.sources() == ["a typed", "b theirs"]
    assert [entry.name for entry in desk.root.iterdir()] == ["nb.ipynb"]
