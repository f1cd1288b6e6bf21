"""Measuring: the best of several rounds, and ratios that are printed with their baseline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nbformat


def best(measure: Callable[[], float], rounds: int = 5) -> float:
    """The smallest of several measurements: what the machine's other work disturbed least."""
    return min(measure() for _ in range(rounds))


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
