"""Every row of the opening table, on real files: what is shown, and what stays on disk."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from jupyter_crdt_autosave.errors import FileMissing, NotebookTooNew
from tests.support.desk import Desk, Tab
from tests.support.loop import in_loop

CONFLICT = """{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "one",
   "metadata": {},
   "outputs": [],
<<<<<<< HEAD
   "source": ["mine"]
=======
   "source": ["yours"]
>>>>>>> branch
  }
 ],
 "metadata": {},
 "nbformat": 4,
 "nbformat_minor": 5
}
"""


def segments(tab: Tab) -> list[Path]:
    """The files of a notebook's journal."""
    return sorted(Path(tab.live.folder).glob("*.journal"))


@in_loop
async def test_a_notebook_without_a_document_is_made_from_its_file(desk: Desk) -> None:
    before = desk.write("a = 1", "b = 2").read_bytes()
    tab = await desk.open()
    assert tab.sources == ["a = 1", "b = 2"]
    await tab.close()
    assert (desk.root / "nb.ipynb").read_bytes() == before


@in_loop
async def test_edits_that_are_in_no_file_come_back_after_a_crash(desk: Desk) -> None:
    desk.write("a = 1")
    tab = await desk.open()
    tab.type(0, " + 41")
    await tab.crash()
    assert desk.sources() == ["a = 1"]
    again = await desk.open()
    assert again.sources == ["a = 1 + 41"]
    await again.answer("restore")
    assert desk.sources() == ["a = 1 + 41"]


@in_loop
async def test_a_changed_file_is_taken_over_by_a_document_without_edits(desk: Desk) -> None:
    desk.write("a = 1", "b = 2")
    tab = await desk.open()
    lineage = tab.live.lineage
    await tab.close()
    desk.write("a = 1", "b = 3", "c = 4")
    again = await desk.open()
    assert again.sources == ["a = 1", "b = 3", "c = 4"]
    assert again.live.lineage == lineage
    assert ("file", "ingested") in desk.topics()
    assert not again.live.status().unsaved


@in_loop
async def test_a_changed_file_is_merged_when_the_document_was_edited_too(desk: Desk) -> None:
    desk.write("a = 1", "b = 2")
    tab = await desk.open()
    tab.type(0, "  # typed")
    await tab.crash()
    desk.write("a = 1", "b = 3")
    again = await desk.open()
    assert again.sources == ["a = 1  # typed", "b = 3"]
    assert [entry[:3] for entry in desk.versions()] == [
        ("external", "document", ["a = 1  # typed", "b = 2"]),
        ("external", "file", ["a = 1", "b = 3"]),
    ]
    await again.live.save()
    assert desk.sources() == again.sources


@in_loop
async def test_where_both_changed_the_same_words_ours_stand_and_theirs_are_a_version(
    desk: Desk,
) -> None:
    desk.write("a = 1")
    tab = await desk.open()
    tab.type(0, "0")
    await tab.crash()
    desk.write("a = 2")
    again = await desk.open()
    assert again.sources == ["a = 10"]
    (entry,) = desk.versions()
    assert entry[:3] == ("conflict", "file", ["a = 2"])
    assert entry.details == {"cells": [{"cell": "cell-0", "kind": "source"}]}
    told = [data for topic, data in desk.events if topic == "file"]
    assert [(data["event"], data["cells"]) for data in told] == [("conflict", ["cell-0"])]


@in_loop
async def test_a_file_changed_under_a_clean_crash_is_taken_over(desk: Desk) -> None:
    """A crash without unsaved edits must not make the next outside edit look like a conflict."""
    desk.write("a = 1")
    tab = await desk.open()
    tab.type(0, "0")
    await tab.live.save()
    await tab.crash()
    desk.write("a = 99")
    again = await desk.open()
    assert again.sources == ["a = 99"]


@in_loop
async def test_a_missing_file_stays_missing_until_it_is_saved(desk: Desk) -> None:
    path = desk.write("a = 1")
    tab = await desk.open()
    tab.type(0, "0")
    await tab.crash()
    path.unlink()
    again = await desk.open()
    assert again.sources == ["a = 10"]
    await again.live.tick()
    assert not path.exists()
    assert again.state["dirty"] is True
    await again.live.save()
    assert desk.sources() == ["a = 10"]
    assert again.state["dirty"] is False


@in_loop
async def test_nothing_opens_where_there_is_neither_document_nor_file(desk: Desk) -> None:
    with pytest.raises(FileMissing, match=r"nb\.ipynb"):
        await desk.open()


@in_loop
async def test_an_unreadable_file_is_left_alone_beside_the_document(desk: Desk) -> None:
    path = desk.write("a = 1")
    tab = await desk.open()
    tab.type(0, "0")
    await tab.crash()
    path.write_text(CONFLICT)
    again = await desk.open()
    assert again.sources == ["a = 10"]
    again.type(0, "0")
    await again.live.tick()
    assert path.read_text() == CONFLICT
    assert "cannot be read" in (again.live.status().export_error or "")
    await again.live.save()
    assert desk.sources() == ["a = 100"]
    assert CONFLICT.encode() in desk.kept(again)


@in_loop
async def test_conflict_markers_open_with_our_side_and_keep_theirs(desk: Desk) -> None:
    path = desk.root / "nb.ipynb"
    path.write_text(CONFLICT)
    tab = await desk.open()
    assert tab.sources == ["mine"]
    assert any(b"yours" in data and b"<<<" not in data for data in desk.kept(tab))
    tab.type(0, "!")
    await tab.live.tick()
    assert path.read_text() == CONFLICT


@in_loop
async def test_broken_bytes_open_as_one_raw_cell(desk: Desk) -> None:
    (desk.root / "nb.ipynb").write_text('{"cells": [{"cell_ty')
    tab = await desk.open()
    assert tab.sources == ['{"cells": [{"cell_ty']
    assert tab.live.notebook.get_cell(0)["cell_type"] == "raw"
    assert desk.kept(tab) == [b'{"cells": [{"cell_ty']


@in_loop
async def test_an_interrupted_save_of_jupyter_is_found(desk: Desk) -> None:
    """A kill during a save of jupyter_server leaves no bytes in the file and a `.~` copy."""
    path = desk.write("a = 1")
    shutil.copy(path, desk.root / ".~nb.ipynb")
    path.write_bytes(b"")
    tab = await desk.open()
    assert tab.sources == ["a = 1"]


@in_loop
async def test_a_file_of_a_newer_format_is_not_touched(desk: Desk) -> None:
    path = desk.root / "nb.ipynb"
    path.write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 5, "nbformat_minor": 0}))
    with pytest.raises(NotebookTooNew):
        await desk.open()


@in_loop
async def test_a_damaged_journal_gives_back_what_is_sound(desk: Desk) -> None:
    desk.write("a = 1")
    tab = await desk.open()
    tab.type(0, "0")
    tab.type(0, "1")
    await tab.crash()
    [segment] = segments(tab)
    data = bytearray(segment.read_bytes())
    data[-3] ^= 0xFF
    segment.write_bytes(bytes(data))
    again = await desk.open()
    assert again.sources == ["a = 10"]
    assert ("journal", "damaged") in desk.topics()


@in_loop
async def test_a_journal_without_its_beginning_gives_way_to_the_file(desk: Desk) -> None:
    desk.write("a = 1")
    tab = await desk.open()
    tab.type(0, "0")
    await tab.crash()
    folder = tab.live.folder
    [segment] = segments(tab)
    data = segment.read_bytes()
    segment.write_bytes(data[:200] + bytes(300) + data[500:])
    again = await desk.open()
    assert again.sources == ["a = 1"]
    assert segment.exists(), "what was damaged is kept aside"
    assert again.live.folder != folder


@in_loop
async def test_a_notebook_moved_outside_jupyter_is_followed(desk: Desk) -> None:
    path = desk.write("a = 1")
    tab = await desk.open()
    tab.type(0, "0")
    await tab.crash()
    path.rename(desk.root / "moved.ipynb")
    again = await desk.open("moved.ipynb")
    assert again.sources == ["a = 10"]
    assert again.live.folder == tab.live.folder
    await again.live.save()
    assert desk.sources("moved.ipynb") == ["a = 10"]


@in_loop
async def test_a_copy_of_a_notebook_is_another_notebook(desk: Desk) -> None:
    path = desk.write("a = 1")
    tab = await desk.open()
    tab.type(0, "0")
    await tab.crash()
    shutil.copy(path, desk.root / "copy.ipynb")
    other = await desk.open("copy.ipynb")
    assert other.sources == ["a = 1"]
    assert other.live.folder != tab.live.folder


@in_loop
async def test_a_released_path_never_shows_the_old_content(desk: Desk) -> None:
    path = desk.write("secret")
    tab = await desk.open()
    tab.type(0, "!")
    path.unlink()
    await tab.live.release("deleted")
    desk.write("fresh")
    again = await desk.open()
    assert again.sources == ["fresh"]
    assert again.live.folder != tab.live.folder


@pytest.mark.parametrize("minor", [0, 1, 2, 3, 4])
@in_loop
async def test_an_untouched_notebook_of_an_old_minor_format_is_not_written(
    desk: Desk, minor: int
) -> None:
    path = desk.write("a", "b")
    data = json.loads(path.read_text())
    data["nbformat_minor"] = minor
    for cell in data["cells"]:
        del cell["id"]
    path.write_text(json.dumps(data, indent=1) + "\n")
    before = path.read_bytes()
    for _ in range(2):
        tab = await desk.open()
        await tab.live.tick()
        assert not tab.live.status().unsaved
        await tab.close()
    assert path.read_bytes() == before
    tab = await desk.open()
    tab.type(1, "!")
    await tab.live.save()
    after = path.read_text().splitlines()
    changed = [
        new for old, new in zip(before.decode().splitlines(), after, strict=True) if old != new
    ]
    assert changed == ['    "b!"']


@in_loop
async def test_an_untouched_notebook_of_format_3_is_not_written(desk: Desk) -> None:
    path = desk.root / "nb.ipynb"
    cells = [nbformat.v3.new_code_cell("print 1")]
    sheet = nbformat.v3.new_worksheet(cells=cells)
    path.write_text(nbformat.v3.writes_json(nbformat.v3.new_notebook(worksheets=[sheet])))
    before = path.read_bytes()
    tab = await desk.open()
    assert tab.sources == ["print 1"]
    await tab.live.tick()
    await tab.close()
    again = await desk.open()
    assert not again.live.status().unsaved
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5},
        {
            "cells": [
                {
                    "cell_type": "markdown",
                    "id": "m",
                    "metadata": {},
                    "source": "x",
                    "attachments": {},
                }
            ],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 5,
        },
    ],
    ids=["no cells", "empty attachments"],
)
@in_loop
async def test_what_a_document_holds_differently_is_no_change(
    desk: Desk, content: dict[str, object]
) -> None:
    path = desk.root / "nb.ipynb"
    path.write_text(json.dumps(content))
    before = path.read_bytes()
    tab = await desk.open()
    await tab.live.tick()
    assert not tab.live.status().unsaved
    await tab.live.save()
    await tab.close()
    again = await desk.open()
    await again.close()
    assert path.read_bytes() == before


@in_loop
async def test_what_jupyterlab_fills_in_is_no_reason_to_write(desk: Desk) -> None:
    path = desk.write("a")
    before = path.read_bytes()
    tab = await desk.open()
    tab.live.notebook.ymeta["metadata"]["kernelspec"] = {"name": "python3", "display_name": "P"}
    await tab.autosave()
    assert path.read_bytes() == before
    await tab.live.save()
    assert json.loads(path.read_text())["metadata"]["kernelspec"]["name"] == "python3"
