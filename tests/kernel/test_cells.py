"""Busy means that a cell runs: with real kernels, and nobody connected but who runs the cells."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from tests.support.loop import in_loop

from .office import BUSY, IDLE, Office, answer_to, enter, eventually, working

ENDLESS = "import time\nwhile True: time.sleep(0.01)"


async def in_a_subshell(office: Office, kernel_id: str, client: Any) -> None:
    """Let a sub-shell of a kernel do something, as JupyterLab does for widgets."""
    session, shell, control = client.session, client.shell_channel, client.control_channel
    control.send(session.msg("create_subshell_request", {}))
    reply = await asyncio.wait_for(client.get_control_msg(), 10)
    message = session.msg("comm_info_request", {})
    message["header"]["subshell_id"] = reply["content"]["subshell_id"]
    shell.send(message)
    await answer_to(client, message["header"]["msg_id"])


@in_loop
async def test_run_all_is_one_stretch_and_idle_comes_half_a_second_behind_it(home: Path) -> None:
    async with working(home) as office:
        _, client = await office.ready()
        office.watch()
        for _ in range(5):
            last = client.execute("import time; time.sleep(0.05)")
        await answer_to(client, last)
        ended = time.monotonic()
        await office.until(IDLE)
        assert office.states == [IDLE, BUSY, IDLE]
        assert 0.4 < office.turns[2][0] - ended < 1.0


@in_loop
async def test_an_endless_cell_is_busy_until_it_is_interrupted(home: Path) -> None:
    async with working(home) as office:
        kernel_id, client = await office.ready()
        office.watch()
        client.execute(ENDLESS)
        queued = client.execute("1")
        await office.until(BUSY)
        await office.app.kernel_manager.interrupt_kernel(kernel_id)
        await answer_to(client, queued)
        await office.until(IDLE)
        assert office.states == [IDLE, BUSY, IDLE]


@in_loop
async def test_a_cell_that_waits_for_input_is_busy(home: Path) -> None:
    async with working(home) as office:
        _, client = await office.ready()
        office.watch()
        cell = client.execute("input()", allow_stdin=True)
        await office.until(BUSY)
        await enter(client, cell)
        await office.until(IDLE)
        assert office.states == [IDLE, BUSY, IDLE]


@in_loop
async def test_widgets_and_subshells_talk_while_a_cell_runs(home: Path) -> None:
    """The server takes the kernel for idle then."""
    async with working(home) as office:
        kernel_id, client = await office.ready()
        kernel = office.app.kernel_manager.get_kernel(kernel_id)
        office.watch()
        client.execute(ENDLESS)
        await office.until(BUSY)
        await in_a_subshell(office, kernel_id, client)
        await eventually(lambda: kernel.execution_state == "idle")
        # Two more looks around do not change it.
        await asyncio.sleep(2.1)
        assert kernel.execution_state == "idle"
        assert office.states == [IDLE, BUSY]
        await office.app.kernel_manager.interrupt_kernel(kernel_id)
        await office.until(IDLE)


@in_loop
async def test_questions_of_the_front_end_are_no_cells(home: Path) -> None:
    async with working(home) as office:
        _, client = await office.ready()
        office.watch()
        for question in (
            client.complete("impo"),
            client.inspect("print"),
            client.comm_info(),
            client.history(),
            client.is_complete("1"),
        ):
            await answer_to(client, question)
        assert office.states == [IDLE]


@in_loop
async def test_a_cell_that_fails_ends_like_any_other(home: Path) -> None:
    async with working(home) as office:
        _, client = await office.ready()
        office.watch()
        await answer_to(client, client.execute("1/0"))
        await office.until(IDLE)
        assert office.states == [IDLE, BUSY, IDLE]


@in_loop
async def test_a_flood_of_outputs_hides_no_end(home: Path) -> None:
    """Nothing is read for a while, and what a full subscription is sent is dropped."""
    async with working(home) as office:
        _, client = await office.ready()
        office.watch()
        done = home / "done"
        client.execute(
            "from IPython.display import display\n"
            "for i in range(12000): display(i)\n"
            f"open({str(done)!r}, 'w').close()"
        )
        await office.until(BUSY)
        deadline = time.monotonic() + 60
        while not done.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)  # noqa: ASYNC251
        await office.until(IDLE)
        assert office.states == [IDLE, BUSY, IDLE]
