"""Which notebook a cell belongs to."""

from __future__ import annotations

from pathlib import Path

from tests.support.loop import in_loop

from .office import BUSY, IDLE, NONE, answer_to, working

WAIT = "import time; time.sleep(0.3)"


@in_loop
async def test_two_notebooks_on_one_kernel_are_both_busy(home: Path) -> None:
    async with working(home) as office:
        kernel_id, client = await office.ready("a.ipynb")
        await office.open("folder/b.ipynb", kernel_id)
        await office.until(IDLE, "folder/b.ipynb")
        cell = client.execute(WAIT)
        await office.until(BUSY, "a.ipynb")
        assert office.kernels.state("/folder/b.ipynb") is BUSY
        assert office.kernels.state("b.ipynb") is NONE
        await answer_to(client, cell)
        await office.until(IDLE, "folder/b.ipynb")
        assert office.kernels.state("a.ipynb") is IDLE


@in_loop
async def test_a_notebook_is_busy_if_any_of_its_kernels_is(home: Path) -> None:
    async with working(home) as office:
        _, first = await office.ready()
        second = await office.client(await office.open())
        for client in (first, second):
            cell = client.execute(WAIT)
            await office.until(BUSY)
            await answer_to(client, cell)
            await office.until(IDLE)


@in_loop
async def test_a_console_on_a_notebooks_kernel_keeps_it_busy(home: Path) -> None:
    async with working(home) as office:
        kernel_id, _ = await office.ready()
        await office.open("nb.ipynb-console-1", kernel_id, kind="console")
        console = await office.client(kernel_id)
        cell = console.execute(WAIT)
        await office.until(BUSY)
        await answer_to(console, cell)
        await office.until(IDLE)


@in_loop
async def test_a_notebook_may_be_given_another_kernel(home: Path) -> None:
    async with working(home) as office:
        await office.ready()
        other = await office.open("other.ipynb")
        [session, _] = await office.app.session_manager.list_sessions()
        await office.app.session_manager.update_session(session["id"], kernel_id=other)
        client = await office.client(other)
        cell = client.execute(WAIT)
        await office.until(BUSY)
        await answer_to(client, cell)
        await office.until(IDLE)


@in_loop
async def test_a_moved_notebook_is_busy_though_its_session_was_told_nothing(home: Path) -> None:
    async with working(home) as office:
        _, client = await office.ready("old/nb.ipynb")
        office.kernels.moved("old", "new/place")
        assert office.kernels.state("new/place/nb.ipynb") is IDLE
        cell = client.execute(WAIT)
        await office.until(BUSY, "new/place/nb.ipynb")
        assert office.kernels.state("old/nb.ipynb") is NONE
        await answer_to(client, cell)
        await office.until(IDLE, "new/place/nb.ipynb")
        [session] = await office.app.session_manager.list_sessions()
        await office.app.session_manager.update_session(session["id"], path="third.ipynb")
        await office.until(IDLE, "third.ipynb")
        assert office.kernels.state("new/place/nb.ipynb") is NONE
