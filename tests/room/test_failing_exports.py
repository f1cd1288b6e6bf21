"""An export that fails half way, and what happens to the file right behind one."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

from jupyter_crdt_autosave.disk import OSDisk
from tests.support.desk import Desk
from tests.support.loop import in_loop


class Full(OSDisk):
    """A disk on which nothing can be put in a notebook's place, for as long as it is full."""

    full = True

    def rename(self, source: str, target: str) -> None:  # type: ignore[override]
        if self.full and target.endswith(".ipynb"):
            raise OSError(errno.ENOSPC, "No space left on device")
        os.replace(source, target)


@in_loop
async def test_an_export_that_failed_after_it_was_announced_is_tried_again(tmp_path: Path) -> None:
    """What the file was about to hold is not what it holds."""
    disk = Full()
    desk = Desk(tmp_path, disk)
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "!")
    await tab.autosave()
    assert desk.sources() == ["a"]
    assert tab.live.status().unsaved
    await tab.live.tick()
    assert tab.live.status().unsaved
    disk.full = False
    await tab.autosave()
    assert desk.sources() == ["a!"]
    assert not tab.live.status().unsaved


@in_loop
async def test_an_outside_edit_after_an_export_that_failed_deletes_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Full())
    desk.write("a", "b")
    tab = await desk.open()
    tab.type(0, " typed")
    await tab.autosave()
    desk.write("a", "b2")
    await tab.live.tick()
    assert tab.sources == ["a typed", "b2"]


@in_loop
async def test_a_change_right_behind_an_export_is_noticed(desk: Desk) -> None:
    """Hooks run between reading back and the end of an export: time for another program."""
    path = desk.write("a", "b")
    tab = await desk.open(interval=1000.0)

    def meddle(**kwargs: Any) -> None:
        path.write_text(path.read_text().replace('"b"', '"b, by another"'))

    desk.manager.register_post_save_hook(meddle)
    tab.type(0, "!")
    await tab.live.save()
    await tab.live.tick()
    assert tab.sources == ["a!", "b, by another"]
