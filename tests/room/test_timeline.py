"""Bringing back what a notebook was before, whole or by cell."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import nbformat
import pytest

from jupyter_crdt_autosave.errors import ArchiveUnavailable, VersionMissing
from jupyter_crdt_autosave.model import Version
from jupyter_crdt_autosave.storage.archive import archive_in
from tests.support.desk import Desk, Tab
from tests.support.loop import in_loop

pytestmark = pytest.mark.timeout(60)


def versions(desk: Desk, tab: Tab) -> list[Version]:
    """The timeline of a notebook, newest first."""
    with closing(archive_in(str(desk.store_path))) as archive:
        return archive.versions(tab.live.about_id)


def outputs(tab: Tab, cell: int) -> Any:
    """The outputs of a cell."""
    return tab.live.notebook.ycells[cell].to_py()["outputs"]


@in_loop
async def test_a_named_version_brings_all_back(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await desk.open()
    named = await tab.live.timeline.name("before the talk")
    tab.type(0, "1")
    del tab.live.notebook.ycells[1]
    await tab.live.timeline.restore(named.id)
    assert tab.sources == ["a", "b"]
    await tab.autosave()
    assert desk.sources() == ["a", "b"]
    newest, oldest = versions(desk, tab)
    assert (oldest.kind, oldest.name) == ("named", "before the talk")
    assert (newest.kind, newest.side) == ("restore", "document")
    assert newest.details == {"version": named.id, "of": "named"}


@in_loop
async def test_restoring_the_restore_brings_back_what_it_replaced(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await desk.open()
    named = await tab.live.timeline.name("before")
    tab.type(0, "1")
    tab.live.notebook.append_cell(
        {"cell_type": "markdown", "source": "new", "metadata": {}, "id": "new"}
    )
    await tab.live.timeline.restore(named.id)
    assert tab.sources == ["a", "b"]
    await tab.live.timeline.restore(versions(desk, tab)[0].id)
    assert tab.sources == ["a1", "b", "new"]


@in_loop
async def test_one_cell_comes_back_and_the_others_stay(desk: Desk) -> None:
    desk.write("a", "b", "c")
    tab = await desk.open()
    named = await tab.live.timeline.name("before")
    tab.type(0, "1")
    tab.type(1, "2")
    await tab.live.timeline.restore(named.id, ["cell-1"])
    assert tab.sources == ["a1", "b", "c"]


@in_loop
async def test_a_removed_cell_comes_back_where_it_was(desk: Desk) -> None:
    desk.write("a", "b", "c")
    tab = await desk.open()
    named = await tab.live.timeline.name("before")
    tab.type(0, "1")
    del tab.live.notebook.ycells[1]
    await tab.live.timeline.restore(named.id, ["cell-1"])
    assert tab.sources == ["a1", "b", "c"]
    del tab.live.notebook.ycells[0]
    await tab.live.timeline.restore(named.id, ["cell-0"])
    assert tab.sources == ["a", "b", "c"]


@in_loop
async def test_outputs_come_back_too_but_are_not_trusted(desk: Desk) -> None:
    desk.write("a")
    tab = await desk.open()
    output = nbformat.v4.new_output("display_data", {"text/html": "<b>ran</b>"})
    cell = {"cell_type": "code", "source": "a", "metadata": {"trusted": True}, "id": "cell-0"}
    tab.live.notebook.set_cell(0, {**cell, "execution_count": 1, "outputs": [output]})
    named = await tab.live.timeline.name("before")
    tab.live.notebook.set_cell(0, {**cell, "execution_count": None, "outputs": []})
    await tab.live.timeline.restore(named.id)
    assert outputs(tab, 0)[0]["data"] == {"text/html": "<b>ran</b>"}
    assert not tab.live.notebook.ycells[0].to_py()["metadata"]["trusted"]


@in_loop
async def test_a_caret_in_another_cell_stays(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await desk.open()
    named = await tab.live.timeline.name("before")
    tab.type(0, "1")
    tab.type(1, "2")
    text = tab.live.notebook.ycells[1]["source"]
    caret = text.sticky_index(1)
    await tab.live.timeline.restore(named.id, ["cell-0"])
    assert tab.sources == ["a", "b2"]
    with tab.live.notebook.ydoc.transaction():
        assert caret.get_index() == 1


@in_loop
async def test_restoring_what_is_there_already_changes_nothing(desk: Desk) -> None:
    before = desk.write("a").read_bytes()
    tab = await desk.open()
    named = await tab.live.timeline.name("now")
    await tab.live.timeline.restore(named.id)
    assert [version.kind for version in versions(desk, tab)] == ["named"]
    await tab.autosave()
    assert (desk.root / "nb.ipynb").read_bytes() == before


@in_loop
async def test_a_version_of_another_notebook_is_none_of_this_one(desk: Desk) -> None:
    desk.write("a")
    desk.write("other", name="other.ipynb")
    tab, other = await desk.open(), await desk.open("other.ipynb")
    named = await other.live.timeline.name("theirs")
    for id in (named.id, "nothing", "é"):
        with pytest.raises(VersionMissing):
            await tab.live.timeline.restore(id)
    assert tab.sources == ["a"]


@in_loop
async def test_nothing_is_replaced_that_cannot_be_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a")
    tab = await desk.open()
    named = await tab.live.timeline.name("before")
    tab.type(0, "1")
    archive = tab.live._workings.archive

    def refuse(*args: Any) -> Any:
        raise ArchiveUnavailable("The disk is full.")

    monkeypatch.setattr(archive, "keep_versions", refuse)
    with pytest.raises(ArchiveUnavailable):
        await tab.live.timeline.restore(named.id)
    assert tab.sources == ["a1"]


@in_loop
async def test_what_somebody_saved_is_in_the_timeline(desk: Desk) -> None:
    desk.write("a")
    tab = await desk.open()
    for key in "12":
        tab.type(0, key)
        await tab.live.save()
    await tab.live.save()
    assert [version.kind for version in versions(desk, tab)] == ["save", "save"]
    await tab.live.timeline.restore(versions(desk, tab)[1].id)
    assert tab.sources == ["a1"]


@in_loop
async def test_a_broken_file_that_a_save_replaces_is_in_the_timeline(desk: Desk) -> None:
    path = desk.write("a")
    tab = await desk.open()
    tab.type(0, "1")
    path.write_bytes(b"not a notebook")
    await tab.live.save()
    assert desk.sources() == ["a1"]
    assert ("damaged", "file", ["not a notebook"]) in desk.timeline()


@in_loop
async def test_a_side_of_conflict_markers_is_in_the_timeline(desk: Desk) -> None:
    text = desk.write("a").read_text()
    line = next(line for line in text.splitlines(True) if '"a"' in line)
    both = f"<<<<<<< ours\n{line}=======\n{line.replace('a', 'b')}>>>>>>> theirs\n"
    (desk.root / "nb.ipynb").write_text(text.replace(line, both))
    tab = await desk.open()
    assert tab.sources == ["a"]
    assert ("damaged", "file", ["b"]) in desk.timeline()


@in_loop
async def test_on_a_full_disk_what_can_be_done_without_is_refused_and_that_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a")
    tab = await desk.open()
    monkeypatch.setattr(tab.live._workings.archive, "_free", lambda path: 0.0)
    tab.type(0, "1")
    await tab.live.save()
    assert desk.sources() == ["a1"]
    assert ("version", "refused") in desk.topics()
    assert versions(desk, tab) == [] and desk.kept(tab) == []
