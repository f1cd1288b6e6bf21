"""What may come in between while work is offered."""

from __future__ import annotations

import asyncio

import pytest

from tests.room.test_offers import crashed, listed
from tests.support.desk import Desk
from tests.support.loop import in_loop

pytestmark = pytest.mark.timeout(60)


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
    assert desk.sources() == ["a"] or desk.is_in_version("a")
    assert await tab.offer() is not None


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
async def test_a_save_before_anybody_looked_keeps_what_the_file_held(desk: Desk) -> None:
    desk.write("a")
    tab = await crashed(desk, (0, "1"))
    await tab.live.save()
    assert ("restore", "file", ["a"]) in desk.timeline()


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
