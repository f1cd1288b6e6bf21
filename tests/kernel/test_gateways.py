"""Kernels that cannot be listened to, and kernels that speak otherwise."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_events import EventLogger
from jupyter_server.gateway.gateway_client import GatewayClient
from tornado.web import HTTPError

from jupyter_crdt_autosave.kernel import Kernels, kernels, listener, remote
from tests.support.loop import in_loop
from tests.support.server import TOKEN, RealServer

from .office import BUSY, IDLE, NONE, enter, eventually, working


@pytest.fixture
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """A server that runs the kernels of another."""
    server = RealServer(tmp_path_factory.mktemp("gateway"))
    server.start()
    # There is one for all servers of a process.
    GatewayClient.clear_instance()
    yield server
    GatewayClient.clear_instance()
    server.terminate()


async def directly(gateway: RealServer, kernel_id: str) -> AsyncKernelClient:
    """A client of a gateway's kernel, on the gateway's machine."""
    client, file = AsyncKernelClient(), gateway.home / "runtime" / f"kernel-{kernel_id}.json"
    # A kernel whose ports were taken meanwhile is started once more.
    await eventually(file.exists)
    client.load_connection_file(str(file))
    client.start_channels(hb=False)
    await client.wait_for_ready(timeout=30)
    return client


@in_loop
async def test_a_gateways_kernel_is_busy_while_its_cell_runs(
    home: Path, gateway: RealServer
) -> None:
    there = {"url": gateway.url, "auth_token": TOKEN}
    async with working(home, GatewayClient=there) as office:
        kernel_id = await office.open()
        client = await directly(gateway, kernel_id)
        await office.until(IDLE)
        cell = client.execute("input()", allow_stdin=True)
        await office.until(BUSY)
        await enter(client, cell)
        await office.until(IDLE)
        client.stop_channels()
        await office.app.kernel_manager.shutdown_kernel(kernel_id)
        await office.until(NONE)


class Far:
    """Managers of kernels and sessions with one kernel somewhere else."""

    execution_state = "idle"

    def __init__(self) -> None:
        self.answers = True
        self.coming = "idle"

    def list_kernel_ids(self) -> list[str]:
        return ["k"]

    def get_kernel(self, kernel_id: str) -> Far:
        return self

    def get_connection_info(self) -> dict[str, Any]:
        return {"iopub_port": 0}

    async def list_kernels(self) -> list[Any]:
        if not self.answers:
            raise HTTPError(503, "No gateway there")
        self.execution_state = self.coming
        return []

    async def list_sessions(self) -> list[dict[str, Any]]:
        return [{"id": "s", "path": "nb.ipynb", "kernel": {"id": "k"}}]


@in_loop
async def test_a_gateway_that_does_not_answer_is_believed_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kernels, "TICK", 0.01)
    far = Far()
    followed = Kernels(far, far, EventLogger(), logging.getLogger())
    seen: list[str] = []
    turned = asyncio.Event()

    def note() -> None:
        seen.append(followed.state("nb.ipynb").value)
        turned.set()

    followed.observe(note)
    await followed.start()
    turned.clear()
    far.coming = "busy"
    await asyncio.wait_for(turned.wait(), 5)
    far.answers = False
    turned.clear()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(turned.wait(), 0.5)
    monkeypatch.setattr(remote, "SILENCE", 0.6)
    await asyncio.wait_for(turned.wait(), 5)
    await followed.stop()
    assert seen == ["idle", "busy", "idle"]


@in_loop
async def test_a_kernel_whose_topics_are_others_is_understood_all_the_same(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "TOPICS", b"nucleus")
    async with working(home) as office:
        _, client = await office.ready()
        cell = client.execute("input()", allow_stdin=True)
        await office.until(BUSY)
        await enter(client, cell)
        await office.until(IDLE)
