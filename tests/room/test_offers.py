"""Work that a reopened notebook has and its file lacks: restored, discarded, or left standing."""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

import nbformat
import pytest

from jupyter_crdt_autosave.errors import ExportFailed, NotOffered
from jupyter_crdt_autosave.kernel import Presence
from jupyter_crdt_autosave.room.offer import told as told_of
from tests.support.desk import Desk, Tab
from tests.support.loop import in_loop

pytestmark = pytest.mark.timeout(60)


def told(desk: Desk) -> list[str]:
    """What was told about offers."""
    return [event for topic, event in desk.topics() if topic == "recovery"]


def listed(offer: Any) -> list[tuple[str, str, str | None, str | None]]:
    """The changes of an offer: cell, kind, and the sources before and after."""
    return [
        (
            change["id"],
            change["kind"],
            change["before"] and change["before"]["source"],
            change["after"] and change["after"]["source"],
        )
        for change in told_of("nb.ipynb", offer)["changes"]
    ]


async def crashed(desk: Desk, *typed: tuple[int, str], **settings: Any) -> Tab:
    """A notebook reopened after its server died with edits that are in no file."""
    tab = await desk.open(**settings)
    for cell, text in typed:
        tab.type(cell, text)
    await tab.crash()
    return await desk.open(**settings)


@in_loop
async def test_restoring_keeps_the_work_and_writes_it(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await crashed(desk, (0, "1"))
    offer = await tab.offer()
    assert offer is not None and offer.source.value == "document"
    assert listed(offer) == [("cell-0", "changed", "a", "a1")]
    assert told_of("nb.ipynb", offer)["cells"] == {"added": 0, "removed": 0, "changed": 1}
    assert offer.recovered_at is not None and offer.file_modified is not None
    await tab.answer("restore")
    assert desk.sources() == ["a1", "b"] == tab.sources
    assert await tab.offer() is None
    assert tab.live.status().offer is None
    assert told(desk) == ["offered", "restored"]
    assert desk.timeline() == [("restore", "file", ["a", "b"])]


@in_loop
async def test_discarding_takes_back_what_was_offered_and_nothing_typed_since(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await crashed(desk, (0, "1"))
    await tab.offer()
    tab.type(1, "2")
    await tab.answer("discard")
    assert tab.sources == ["a", "b2"]
    assert desk.timeline() == [("discard", "document", ["a1", "b2"])]
    await tab.autosave()
    assert desk.sources() == ["a", "b2"]
    assert desk.checkpoint() is None
    assert told(desk) == ["offered", "discarded"]


@in_loop
async def test_what_is_typed_before_anybody_looked_is_no_part_of_the_offer(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await crashed(desk, (0, "1"))
    tab.type(0, "\n2")
    tab.type(1, "3")
    offer = await tab.offer()
    assert listed(offer) == [("cell-0", "changed", "a", "a1")]
    await tab.answer("discard")
    assert tab.sources == ["a\n2", "b3"]


@in_loop
async def test_a_tab_that_was_open_all_the_time_is_offered_nothing(desk: Desk) -> None:
    desk.write("a")
    tab = await crashed(desk, (0, "1"))
    tab.live.goes_on()
    tab.type(0, "2")
    assert await tab.offer() is None
    await tab.autosave()
    assert desk.sources() == ["a12"]


@in_loop
async def test_discarding_all_leaves_the_file_as_it_is(desk: Desk) -> None:
    before = desk.write("a", "b").read_bytes()
    tab = await crashed(desk, (0, "1"), (1, "2"))
    await tab.answer("discard")
    await tab.autosave()
    assert tab.sources == ["a", "b"]
    assert not tab.live.status().unsaved
    await tab.close()
    assert (desk.root / "nb.ipynb").read_bytes() == before
    again = await desk.open()
    assert await again.offer() is None


@in_loop
async def test_while_an_offer_stands_autosave_leaves_the_file_alone(desk: Desk) -> None:
    before = desk.write("a").read_bytes()
    tab = await crashed(desk, (0, "1"))
    tab.type(0, "2")
    await tab.autosave()
    assert (desk.root / "nb.ipynb").read_bytes() == before
    assert desk.checkpoint() == ["a12"]
    await tab.close()
    assert (desk.root / "nb.ipynb").read_bytes() == before
    assert desk.checkpoint() == ["a12"]


@in_loop
async def test_later_is_offered_again_under_the_same_id(desk: Desk) -> None:
    desk.write("a")
    tab = await crashed(desk, (0, "1"))
    first = await tab.offer()
    await tab.close()
    again = await desk.open()
    second = await again.offer()
    assert first is not None and second is not None
    assert first.id == second.id
    assert listed(second) == [("cell-0", "changed", "a", "a1")]


@in_loop
async def test_an_explicit_save_is_restore(desk: Desk) -> None:
    desk.write("a")
    tab = await crashed(desk, (0, "1"))
    await tab.offer()
    await tab.live.save()
    assert desk.sources() == ["a1"]
    assert await tab.offer() is None
    assert ("restore", "file", ["a"]) in desk.timeline()
    tab.type(0, "2")
    await tab.autosave()
    assert desk.sources() == ["a12"]


@in_loop
async def test_so_is_one_before_anybody_looked(desk: Desk) -> None:
    desk.write("a")
    tab = await crashed(desk, (0, "1"))
    await tab.live.save()
    tab.type(0, "2")
    await tab.autosave()
    assert desk.sources() == ["a12"]
    assert await tab.offer() is None


@in_loop
async def test_only_one_answer_counts(desk: Desk) -> None:
    desk.write("a")
    tab = await crashed(desk, (0, "1"))
    offer = await tab.offer()
    assert offer is not None
    await tab.live.recovery.discard(offer.id)
    with pytest.raises(NotOffered, match=r"nb\.ipynb"):
        await tab.live.recovery.restore(offer.id)
    assert tab.sources == ["a"] == desk.sources()


@in_loop
async def test_an_outside_edit_makes_another_offer(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await crashed(desk, (0, "1"))
    first = await tab.offer()
    desk.write("a", "b theirs")
    await tab.live.tick()
    second = await tab.offer()
    assert first is not None and second is not None and first.id != second.id
    assert listed(second) == [("cell-0", "changed", "a", "a1")]
    assert tab.sources == ["a1", "b theirs"]
    with pytest.raises(NotOffered):
        await tab.live.recovery.discard(first.id)
    await tab.answer("discard")
    assert tab.sources == ["a", "b theirs"] == desk.sources()


@in_loop
async def test_one_that_comes_with_the_answer_is_not_lost(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await crashed(desk, (0, "1"))
    offer = await tab.offer()
    assert offer is not None
    desk.write("a", "b theirs")
    with pytest.raises(NotOffered):
        await tab.live.recovery.restore(offer.id)
    await tab.answer("restore")
    assert desk.sources() == ["a1", "b theirs"] == tab.sources


@in_loop
async def test_a_file_changed_while_closed_is_merged_and_offered(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await desk.open()
    tab.type(0, "1")
    await tab.crash()
    before = desk.write("a", "b theirs").read_bytes()
    again = await desk.open()
    assert again.sources == ["a1", "b theirs"]
    offer = await again.offer()
    assert offer is not None
    assert listed(offer) == [("cell-0", "changed", "a", "a1")]
    await again.autosave()
    assert (desk.root / "nb.ipynb").read_bytes() == before
    await again.answer("restore")
    assert desk.sources() == ["a1", "b theirs"]


@in_loop
async def test_outputs_alone_are_not_offered(desk: Desk) -> None:
    desk.write("a")
    tab = await desk.open()
    outputs = [nbformat.v4.new_output("stream", name="stdout", text="ran\n")]
    cell = {"cell_type": "code", "source": "a", "metadata": {}, "outputs": outputs}
    tab.live.notebook.set_cell(0, {**cell, "id": "cell-0", "execution_count": 1})
    await tab.crash()
    again = await desk.open()
    assert await again.offer() is None
    await again.autosave()
    written = json.loads((desk.root / "nb.ipynb").read_text())
    assert written["cells"][0]["outputs"][0]["text"] == ["ran\n"]


@in_loop
async def test_nothing_is_offered_where_the_file_has_it_all(desk: Desk) -> None:
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "1")
    await tab.live.save()
    await tab.crash()
    again = await desk.open()
    await again.live.tick()
    assert await again.offer() is None
    again.type(0, "2")
    await again.autosave()
    assert desk.sources() == ["a12"]
    assert told(desk) == []


@in_loop
async def test_added_removed_and_moved_cells_are_listed(desk: Desk) -> None:
    desk.write("a", "b", "c", "d")
    tab = await desk.open()
    cells = tab.live.notebook.ycells
    del cells[1]
    tab.live.notebook.append_cell(
        {"cell_type": "markdown", "source": "new", "metadata": {}, "id": "new"}
    )
    cells.insert(0, tab.live.notebook.create_ycell({**cells[2].to_py(), "id": "cell-3"}))
    del cells[3]
    await tab.crash()
    again = await desk.open()
    assert again.sources == ["d", "a", "c", "new"]
    offer = await again.offer()
    assert offer is not None
    assert listed(offer) == [
        ("cell-3", "moved", "d", "d"),
        ("cell-1", "removed", "b", None),
        ("new", "added", None, "new"),
    ]
    await again.answer("discard")
    assert again.sources == ["a", "b", "c", "d"]


@in_loop
async def test_an_offer_that_nobody_can_show_holds_up_the_file_for_a_while_only(
    desk: Desk,
) -> None:
    before = desk.write("a").read_bytes()
    tab = await crashed(desk, (0, "1"), max_deferral=60.0)
    tab.type(0, "2")
    await tab.live.tick()
    await tab.elapse(59)
    await tab.live.tick()
    assert (desk.root / "nb.ipynb").read_bytes() == before
    await tab.elapse(1)
    await tab.live.tick()
    await tab.autosave()
    assert desk.sources() == ["a12"]
    assert told(desk) == ["offered", "settled"]
    assert ("restore", "file", ["a"]) in desk.timeline()


@in_loop
async def test_one_that_was_shown_waits_for_its_answer(desk: Desk) -> None:
    before = desk.write("a").read_bytes()
    tab = await crashed(desk, (0, "1"), max_deferral=60.0)
    await tab.offer()
    tab.type(0, "2")
    await tab.elapse(1000)
    await tab.live.tick()
    await tab.autosave()
    assert (desk.root / "nb.ipynb").read_bytes() == before


@in_loop
async def test_an_answer_does_not_wait_for_the_kernel(desk: Desk) -> None:
    desk.write("a")
    tab = await crashed(desk, (0, "1"))
    desk.kernels.turn(Presence.BUSY)
    await tab.answer("restore")
    assert desk.sources() == ["a1"]


@in_loop
async def test_without_an_archive_nothing_is_discarded(desk: Desk) -> None:
    desk.write("a")
    tab = await crashed(desk, (0, "1"))
    offer = await tab.offer()
    assert offer is not None
    os.rename(desk.store_path / "archive.db", desk.store_path / "gone.db")
    (desk.store_path / "archive.db").mkdir()
    with pytest.raises(Exception, match=r"archive|versions") as refused:
        await tab.live.recovery.discard(offer.id)
    assert refused.type.__name__ == "ArchiveUnavailable"
    assert tab.sources == ["a1"]
    await tab.answer("restore")
    assert desk.sources() == ["a1"]


@in_loop
async def test_a_failed_restore_leaves_the_offer_standing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a")
    tab = await crashed(desk, (0, "1"))
    offer = await tab.offer()
    assert offer is not None
    with monkeypatch.context() as patch:
        patch.setattr(desk.disk, "rename", _refuse)
        with pytest.raises(ExportFailed):
            await tab.live.recovery.restore(offer.id)
    assert desk.sources() == ["a"]
    assert await tab.offer() is not None
    await tab.answer("restore")
    assert desk.sources() == ["a1"]


@in_loop
async def test_the_checkpoint_of_a_lost_store_is_offered(desk: Desk) -> None:
    tab = await _with_lost_store(desk)
    assert tab.sources == ["a", "b"]
    offer = await tab.offer()
    assert offer is not None and offer.source.value == "checkpoint"
    assert listed(offer) == [("cell-0", "changed", "a", "a1")]
    await tab.answer("restore")
    assert tab.sources == ["a1", "b"] == desk.sources()
    await tab.rest()
    assert desk.checkpoint() is None
    assert ("restore", "document", ["a", "b"]) in desk.timeline()


@in_loop
async def test_a_discarded_checkpoint_is_kept_as_a_version(desk: Desk) -> None:
    tab = await _with_lost_store(desk)
    tab.type(1, "2")
    await tab.answer("discard")
    assert desk.checkpoint() is None
    assert tab.sources == ["a", "b2"]
    assert ("discard", "checkpoint", ["a1", "b"]) in desk.timeline()
    await tab.autosave()
    assert desk.sources() == ["a", "b2"]


@in_loop
async def test_nothing_replaces_a_checkpoint_as_long_as_it_is_offered(desk: Desk) -> None:
    tab = await _with_lost_store(desk)
    theirs = (desk.root / ".autosave" / "nb.ipynb").read_bytes()
    await tab.live.tick()
    tab.type(1, "2")
    await tab.autosave()
    assert desk.sources() == ["a", "b"]
    await tab.live.save()
    assert desk.sources() == ["a", "b2"]
    assert (desk.root / ".autosave" / "nb.ipynb").read_bytes() == theirs
    await tab.close()
    again = await desk.open()
    offer = await again.offer()
    assert offer is not None
    assert listed(offer)[0] == ("cell-0", "changed", "a", "a1")
    await again.answer("restore")
    assert desk.sources()[0] == "a1"


@in_loop
async def test_a_checkpoint_merges_into_what_was_typed_since(desk: Desk) -> None:
    tab = await _with_lost_store(desk)
    await tab.live.tick()
    tab.type(1, "2")
    await tab.answer("restore")
    assert tab.sources == ["a1", "b2"] == desk.sources()


@in_loop
async def test_an_equal_checkpoint_is_not_offered_and_stays(desk: Desk) -> None:
    desk.write("a")
    (desk.root / ".autosave").mkdir()
    shutil.copy(desk.root / "nb.ipynb", desk.root / ".autosave" / "nb.ipynb")
    tab = await desk.open()
    assert await tab.offer() is None
    await tab.close()
    assert desk.checkpoint() == ["a"]


@pytest.mark.parametrize("junk", [b"", b'{"cells": [', b"{}", b'{"cells": 1, "nbformat": 4}'])
@in_loop
async def test_what_is_no_notebook_is_not_offered_and_stays(desk: Desk, junk: bytes) -> None:
    desk.write("a")
    (desk.root / ".autosave").mkdir()
    (desk.root / ".autosave" / "nb.ipynb").write_bytes(junk)
    tab = await desk.open()
    assert await tab.offer() is None
    await tab.close()
    assert (desk.root / ".autosave" / "nb.ipynb").read_bytes() == junk


@pytest.mark.parametrize("name", [".~nb.ipynb", "nb.ipynb.invalid"])
@in_loop
async def test_what_an_interrupted_save_left_is_offered_if_it_is_newer(
    desk: Desk, name: str
) -> None:
    file = desk.write("a")
    left = desk.write("a and more", name=name)
    os.utime(file, (1000, 1000))
    os.utime(left, (2000, 2000))
    tab = await desk.open()
    offer = await tab.offer()
    assert offer is not None
    assert listed(offer) == [("cell-0", "changed", "a", "a and more")]
    await tab.answer("restore")
    assert desk.sources() == ["a and more"] == tab.sources


@in_loop
async def test_an_older_one_is_not(desk: Desk) -> None:
    file = desk.write("a")
    left = desk.write("older", name=".~nb.ipynb")
    os.utime(left, (1000, 1000))
    os.utime(file, (2000, 2000))
    tab = await desk.open()
    assert await tab.offer() is None


@in_loop
async def test_a_second_server_does_not_offer_what_the_first_is_working_on(desk: Desk) -> None:
    desk.write("a")
    first = await desk.open()
    first.type(0, "1")
    assert await first.live.flush(5)
    second = await desk.open()
    assert second.sources == ["a1"]
    assert await second.offer() is None


@in_loop
async def test_an_answer_on_one_server_settles_it_on_another(desk: Desk) -> None:
    desk.write("a", "b")
    first = await crashed(desk, (0, "1"))
    offer = await first.offer()
    assert offer is not None
    second = await desk.open()
    await second.live.tick()
    await first.live.recovery.restore(offer.id)
    await second.live.tick()
    with pytest.raises(NotOffered):
        await second.live.recovery.discard(offer.id)
    assert second.sources == ["a1", "b"] == desk.sources()


@in_loop
async def test_reloading_makes_the_document_the_file_and_keeps_what_it_was(desk: Desk) -> None:
    desk.write("a", "b")
    tab = await desk.open()
    tab.type(0, "1")
    desk.write("a", "b theirs", "c")
    await tab.live.recovery.reload()
    assert tab.sources == ["a", "b theirs", "c"] == desk.sources()
    assert not tab.live.status().unsaved
    assert ("discard", "document", ["a1", "b"]) in desk.timeline()


@in_loop
async def test_reloading_settles_an_offer(desk: Desk) -> None:
    desk.write("a")
    tab = await crashed(desk, (0, "1"))
    await tab.offer()
    await tab.live.recovery.reload()
    assert tab.sources == ["a"] == desk.sources()
    assert await tab.offer() is None


async def _with_lost_store(desk: Desk) -> Tab:
    """A notebook whose store is gone, but whose checkpoint is not."""
    desk.write("a", "b")
    tab = await desk.open(autosave_target="checkpoint")
    tab.type(0, "1")
    await tab.autosave()
    assert desk.checkpoint() == ["a1", "b"]
    await tab.crash()
    shutil.rmtree(desk.store_path)
    return await desk.open()


def _refuse(*args: Any, **options: Any) -> None:
    raise OSError(28, "No space left on device")


@in_loop
async def test_where_the_file_is_broken_and_the_store_lost_the_checkpoint_is_shown(
    desk: Desk,
) -> None:
    desk.write("a", "b")
    tab = await desk.open(autosave_target="checkpoint")
    tab.type(0, "1")
    await tab.autosave()
    await tab.crash()
    shutil.rmtree(desk.store_path)
    (desk.root / "nb.ipynb").write_bytes(b"not a notebook")
    again = await desk.open()
    assert again.sources == ["a1", "b"]
    assert ("damaged", "file", ["not a notebook"]) in desk.timeline()
    assert (desk.root / "nb.ipynb").read_bytes() == b"not a notebook"
    await again.live.save()
    assert desk.sources() == ["a1", "b"]


@in_loop
async def test_outputs_that_are_too_large_are_not_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_crdt_autosave.room.offer.LARGEST", 10_000)
    desk.write("a")
    tab = await desk.open()
    output = nbformat.v4.new_output("stream", name="stdout", text="x" * 20_000)
    cell = {"cell_type": "code", "source": "new", "metadata": {}, "outputs": [output]}
    tab.live.notebook.append_cell({**cell, "id": "new", "execution_count": 1})
    await tab.crash()
    again = await desk.open()
    (change,) = told_of("nb.ipynb", await again.offer())["changes"]
    assert (change["after"]["source"], change["after"]["outputs"]) == ("new", [])
    await again.answer("restore")
    written = json.loads((desk.root / "nb.ipynb").read_text())
    assert "".join(written["cells"][1]["outputs"][0]["text"]) == "x" * 20_000
