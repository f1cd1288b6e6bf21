"""Processes that a server starts for its own work."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest

from jupyter_crdt_autosave.process import run_module
from tests.support.client import until
from tests.support.loop import in_loop


def children() -> list[psutil.Process]:
    """The processes that this one has started."""
    return psutil.Process().children()


@in_loop
async def test_a_process_does_not_outlive_a_caller_that_is_cancelled(tmp_path: Path) -> None:
    before = children()
    running = asyncio.create_task(run_module("room.reading", "survey", str(tmp_path), "0" * 32))
    await until(lambda: len(children()) > len(before))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert children() == before


@in_loop
async def test_what_a_process_complains_of_comes_with_its_exit_code(tmp_path: Path) -> None:
    code, output, complaint = await run_module("room.reading", "file", str(tmp_path))
    assert (code, output) == (1, b"")
    assert "IndexError" in complaint
