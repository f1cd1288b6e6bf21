"""Measuring: the best of several rounds, and ratios that are printed with their baseline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import nbformat

_ERRAND = 0.0064
"""Seconds that the errand takes there."""


def best(measure: Callable[[], float], rounds: int = 5) -> float:
    """The smallest of several measurements: what the machine's other work disturbed least."""
    return min(measure() for _ in range(rounds))


def seconds(work: Callable[[], object]) -> float:
    """How long something takes this thread, whatever else the machine does."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def slowness() -> float:
    """How much slower this machine is now than the one, at rest, that limits in seconds are of."""
    return max(1.0, best(lambda: seconds(_errand), 15) / _ERRAND)


def _errand() -> None:
    """Something of what merging does: words, and dictionaries of them."""
    found: dict[str, int] = {}
    for number in range(20_000):
        text = f"value_{number % 977} = {number}"
        found[text] = found.get(text, 0) + len(text.split())


async def longest_stall(work: Awaitable[object]) -> float:
    """The longest time for which the event loop does nothing else, in seconds."""
    stalls: list[float] = []

    async def beat() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            stalls.append(time.perf_counter() - began - 0.001)

    beating = asyncio.create_task(beat())
    await asyncio.sleep(0.05)
    stalls.clear()
    await work
    beating.cancel()
    return max(stalls)


def report(what: str, ours: float, baseline: float, unit: str, limit: float) -> float:
    """Print a figure with its baseline; returns the ratio."""
    ratio = ours / baseline
    print(
        f"\n{what}: {ours:.4g} {unit}, baseline {baseline:.4g} {unit}: "
        f"{ratio:.3g} x (limit {limit:g} x)"
    )
    return ratio


def large_notebook(cells: int) -> Any:
    """A notebook of code cells of a kilobyte each."""
    notebook = nbformat.v4.new_notebook()
    source = "".join(f"value_{line} = compute({line})  # a line\n" for line in range(25))
    notebook.cells = [
        nbformat.v4.new_code_cell(f"# {index}\n{source}", id=f"c{index}") for index in range(cells)
    ]
    return notebook
