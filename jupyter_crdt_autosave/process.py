"""A process of its own, for what holds the interpreter for long at a time."""

from __future__ import annotations

import asyncio
import sys


async def run_module(module: str, *arguments: str) -> tuple[int, bytes, str]:
    """Run a module of this package; its exit code, what it put out, and what it complained of.

    It does not outlive a caller that is cancelled.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"jupyter_crdt_autosave.{module}", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        output, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            # Also takes what it has put out: it would not count as ended before.
            await process.communicate()
    return process.returncode or 0, output, complaint.decode(errors="replace")
