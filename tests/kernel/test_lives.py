"""Kernels that are restarted, killed, shut down, or were there before."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_crdt_autosave.kernel import listener, requests
from tests.support.loop import in_loop

from .office import BUSY, IDLE, NONE, Office, answer_to, enter, working

ENDLESS = "import time\nwhile True: time.sleep(0.01)"
QUICK_RESTARTER: dict[str, Any] = {"KernelRestarter": {"time_to_dead": 0.3}}


async def works(office: Office, client: Any, path: str = "nb.ipynb") -> None:
    """Make sure that cells are noticed, and their ends."""
    cell = client.execute("import time; time.sleep(1.5)")
    await office.until(BUSY, path)
    await answer_to(client, cell)
    await office.until(IDLE, path)


def kill(office: Office, kernel_id: str) -> None:
    """Kill a kernel's process with -9."""
    os.kill(office.app.kernel_manager.get_kernel(kernel_id).provisioner.pid, signal.SIGKILL)


@in_loop
async def test_a_restart_ends_what_was_running(home: Path) -> None:
    async with working(home) as office:
        kernel_id, client = await office.ready()
        client.execute(ENDLESS)
        await office.until(BUSY)
        await office.app.kernel_manager.restart_kernel(kernel_id, now=True)
        await office.until(IDLE)
        await works(office, await office.client(kernel_id))


@in_loop
async def test_a_kernel_killed_while_busy_is_idle_and_works_again_once_restarted(
    home: Path,
) -> None:
    async with working(home, **QUICK_RESTARTER) as office:
        kernel_id, client = await office.ready()
        client.execute(ENDLESS)
        await office.until(BUSY)
        kill(office, kernel_id)
        began = time.monotonic()
        await office.until(IDLE)
        assert time.monotonic() - began < 5
        await works(office, await office.client(kernel_id))


@in_loop
async def test_a_dead_kernel_that_nobody_restarts_is_not_busy(home: Path) -> None:
    async with working(home, KernelManager={"autorestart": False}) as office:
        kernel_id, client = await office.ready()
        client.execute(ENDLESS)
        await office.until(BUSY)
        kill(office, kernel_id)
        await office.until(IDLE, timeout=5)


@in_loop
async def test_a_kernel_that_was_shut_down_is_none(home: Path) -> None:
    async with working(home) as office:
        kernel_id, client = await office.ready()
        assert office.kernels.state("other.ipynb") is NONE
        client.execute(ENDLESS)
        await office.until(BUSY)
        await office.app.kernel_manager.shutdown_kernel(kernel_id, now=True)
        await office.until(NONE)


@in_loop
async def test_a_kernel_that_ran_a_cell_before_anybody_listened_is_busy(home: Path) -> None:
    async with working(home, started=False) as office:
        kernel_id = await office.open()
        client = await office.client(kernel_id)
        cell = client.execute("input()", allow_stdin=True)
        while (await client.get_iopub_msg(timeout=20))["parent_header"].get("msg_id") != cell:
            pass
        await office.kernels.start()
        await office.until(BUSY)
        await enter(client, cell)
        await office.until(IDLE)
        await works(office, client)


@in_loop
async def test_a_kernel_that_was_there_and_has_nothing_to_do_is_idle(home: Path) -> None:
    async with working(home, started=False) as office:
        client = await office.client(await office.open())
        await office.kernels.start()
        await office.until(IDLE, timeout=3)
        await works(office, client)


@in_loop
async def test_an_end_that_nobody_heard_of_is_found_out_by_asking(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "SILENCE", 1.0)
    async with working(home) as office:
        _, client = await office.ready()
        deaf = listener._status
        monkeypatch.setattr(
            listener,
            "_status",
            lambda session, parts: (
                None
                if (found := deaf(session, parts)) is not None and found.state == "idle"
                else found
            ),
        )
        await answer_to(client, client.execute("1"))
        await office.until(BUSY)
        await office.until(IDLE)


@in_loop
async def test_asking_does_not_end_a_cell_that_runs_and_says_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "SILENCE", 0.2)
    async with working(home) as office:
        _, client = await office.ready()
        office.watch()
        await answer_to(client, client.execute("import time; time.sleep(4)"))
        assert office.states == [IDLE, BUSY]
        await office.until(IDLE)


@in_loop
async def test_a_kernel_that_is_let_go_of_is_heard_no_more(home: Path) -> None:
    async with working(home) as office:
        _, client = await office.ready()
        await office.kernels.stop()
        office.watch()
        await answer_to(client, client.execute("1"))
        assert office.kernels.state("nb.ipynb") is NONE
        assert office.states == [NONE]
