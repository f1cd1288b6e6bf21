"""What two servers, or programs, do to one notebook at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from jupyter_crdt_autosave.errors import StoreUnavailable
from tests.support.desk import Desk
from tests.support.loop import in_loop

pytestmark = pytest.mark.timeout(60)


def test_who_opens_a_file_while_it_is_asked_whether_somebody_has_it_open_kills_nobody(
    tmp_path: Path,
) -> None:
    code = textwrap.dedent("""
        import os, subprocess, sys, time
        from jupyter_crdt_autosave.file import handles
        path = sys.argv[1]
        close = os.close
        def slow(fd):
            p = subprocess.Popen([sys.executable, "-c", "open(%r, 'rb')" % path])
            time.sleep(1.5)
            close(fd)
            p.wait()
        handles.os = type(sys)("os")
        handles.os.__dict__.update({**os.__dict__, "close": slow})
        handles.in_use(path, 0.0)
    """)
    f = tmp_path / "x"
    f.write_bytes(b"x")
    command = [sys.executable, "-c", code, str(f)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@in_loop
async def test_opening_beside_another_server_leaves_its_export_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a")
    first = await desk.open()
    first.type(0, "1")
    assert await first.live.flush(5)
    rename, loop = desk.disk.rename, asyncio.get_running_loop()
    opened: list[Any] = []

    def slow(old: str, new: str) -> None:
        if not opened and ".autosave" in old:
            opened.append(asyncio.run_coroutine_threadsafe(desk.open(), loop))
            time.sleep(0.5)
        rename(old, new)

    monkeypatch.setattr(desk.disk, "rename", slow)
    await first.live.save()
    assert desk.sources() == ["a1"]
    second = await asyncio.wrap_future(opened[0])
    assert second.sources == ["a1"]


@in_loop
async def test_a_sweep_of_one_server_leaves_the_export_of_another(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a")
    first = await desk.open()
    second = await desk.open()
    first.type(0, "1")
    second.live._exports.untidy = True
    rename = desk.disk.rename
    seen: list[str] = []
    ticks: list[Any] = []
    loop = asyncio.get_running_loop()

    def slow(old: str, new: str) -> None:
        if not seen and ".autosave" in str(old):
            seen.append(old)
            ticks.append(asyncio.run_coroutine_threadsafe(second.live.tick(), loop))
            time.sleep(0.5)
        rename(old, new)

    monkeypatch.setattr(desk.disk, "rename", slow)
    await first.live.save()
    assert seen
    await asyncio.wrap_future(ticks[0])
    assert desk.sources() == ["a1"]


@in_loop
async def test_a_save_that_worked_is_told_so_whatever_becomes_of_the_old_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "1")
    file = tab.live._side.file

    def refuse(*arguments: Any) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(file, "_over", refuse)
    await tab.live.save()
    assert desk.sources() == ["a1"]


@in_loop
async def test_what_another_server_exports_while_it_is_looked_is_not_doubled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a", "b")
    first, second = await desk.open(), await desk.open()
    rounds = second.live._rounds._workings
    follow = rounds.follow
    exported = False

    async def slow() -> bool:
        nonlocal exported
        written = await follow()
        if not exported:
            exported = True
            first.type(0, " typed")
            await first.live.save()
        return written

    async def later() -> None:
        """What the first server noted of its export is not in the archive yet."""

    monkeypatch.setattr(first.live._workings.bases, "flush", later)
    monkeypatch.setattr(rounds, "follow", slow)
    second.type(1, " here")
    for tab in (second, first, second):
        await tab.live.tick()
    assert second.sources == ["a typed", "b here"] == first.sources
    await second.live.save()
    assert desk.sources() == ["a typed", "b here"]
    assert not [v for v in desk.versions() if v.kind == "external"]


@in_loop
async def test_a_sweep_that_has_to_wait_for_another_server_is_no_failed_save(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("a")
    tab = await desk.open()
    exports = tab.live._exports
    exports.untidy = True

    with monkeypatch.context() as patch:
        patch.setattr(exports._shelf, "lock", Refusing)
        await tab.live.tick()
    assert tab.live.status().export_error is None
    assert exports.untidy
    await tab.live.tick()
    assert not exports.untidy


class Refusing(AbstractContextManager[None]):
    """A lock that cannot be had."""

    def __enter__(self) -> None:
        raise StoreUnavailable("Another server has held the lock.")

    def __exit__(self, *raised: object) -> None:
        """Nothing is held."""
