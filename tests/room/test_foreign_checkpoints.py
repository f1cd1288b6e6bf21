"""Checkpoints, and what saves left, that no journal knows of."""

from __future__ import annotations

import os
import shutil

import nbformat
import pytest

from jupyter_crdt_autosave.errors import ExportFailed
from tests.room.test_offers import _refuse, _with_lost_store, listed
from tests.support.desk import Desk
from tests.support.loop import in_loop

pytestmark = pytest.mark.timeout(60)


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
    assert desk.checkpoint() == ["a", "b foreign"] or desk.is_in_version("b foreign")


@in_loop
async def test_closing_early_does_not_bury_a_checkpoint_of_others(desk: Desk) -> None:
    desk.write("a", "b")
    await _foreign(desk, "a", "b foreign")
    tab = await desk.open(autosave_target="checkpoint")
    tab.type(0, "1")
    await tab.close()
    assert desk.checkpoint() == ["a", "b foreign"] or desk.is_in_version("b foreign")


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
        or desk.is_in_version("b newer")
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
    assert "a and more" in tab.sources or desk.is_in_version("a and more")
    await tab.close()
    again = await desk.open()
    assert await again.offer() is None


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
