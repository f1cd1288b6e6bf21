"""What a crash leaves ahead of its file gets a checkpoint before anybody opens it."""

from __future__ import annotations

from jupyter_crdt_autosave.room.behind import catch_up
from jupyter_crdt_autosave.storage.journal import Journal
from tests.support.desk import Desk, Tab
from tests.support.loop import in_loop


async def killed(tab: Tab) -> None:
    """The server dies, and its locks with it."""
    assert await tab.live.flush(5)
    await tab.crash()
    journal: Journal = tab.live._journal
    assert journal._writer.close(5)


@in_loop
async def test_what_a_file_lacks_is_in_a_checkpoint_that_opening_makes_right_again(
    desk: Desk,
) -> None:
    before = desk.write("a", "b").read_bytes()
    tab = await desk.open()
    tab.type(1, "!")
    await killed(tab)
    assert catch_up(str(desk.store_path)) == [str(desk.root / "nb.ipynb")]
    assert desk.checkpoint() == ["a", "b!"]
    assert (desk.root / "nb.ipynb").read_bytes() == before
    assert catch_up(str(desk.store_path)) == [], "once is enough"
    again = await desk.open()
    assert again.sources == ["a", "b!"]
    await again.live.save()
    assert desk.sources() == ["a", "b!"]
    assert desk.checkpoint() is None
    await again.close()


@in_loop
async def test_a_document_that_its_file_has_needs_none(desk: Desk) -> None:
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "b")
    await tab.live.save()
    await killed(tab)
    assert catch_up(str(desk.store_path)) == []
    assert desk.checkpoint() is None


@in_loop
async def test_an_open_notebook_is_left_to_its_server(desk: Desk) -> None:
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "b")
    assert await tab.live.flush(5)
    assert catch_up(str(desk.store_path)) == []
    assert desk.checkpoint() is None


@in_loop
async def test_a_file_that_was_changed_meanwhile_is_left_for_the_opening(desk: Desk) -> None:
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "b")
    await killed(tab)
    desk.write("theirs")
    assert catch_up(str(desk.store_path)) == []
    assert desk.checkpoint() is None


@in_loop
async def test_a_checkpoint_of_somebody_else_is_not_replaced(desk: Desk) -> None:
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "b")
    await killed(tab)
    (desk.root / ".autosave").mkdir()
    desk.write("theirs", name=".autosave/nb.ipynb")
    catch_up(str(desk.store_path))
    assert desk.checkpoint() == ["theirs"]
    assert (await desk.open()).sources == ["ab"]
