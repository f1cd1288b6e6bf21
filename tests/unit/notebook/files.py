"""Notebook files for the tests of this folder."""

from __future__ import annotations

import json
from typing import Any

Cell = dict[str, Any]
Content = dict[str, Any]

KERNEL = {"kernelspec": {"name": "p", "display_name": "P"}, "language_info": {"name": "python"}}


def code(source: Any = "", **other: Any) -> Cell:
    """Make a code cell of a file."""
    common: Cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    return {**common, "source": source, **other}


def markdown(source: Any = "", **other: Any) -> Cell:
    """Make a markdown cell of a file."""
    return {"cell_type": "markdown", "metadata": {}, "source": source, **other}


def notebook(*cells: Cell, minor: int = 5, **other: Any) -> Content:
    """Make a notebook."""
    made = {"cells": list(cells), "metadata": KERNEL, "nbformat": 4, "nbformat_minor": minor}
    return {**made, **other}


def dump(tree: Any, **options: Any) -> bytes:
    """Write JSON as nbformat does, but for the options."""
    tail = options.pop("tail", "\n")
    chosen = {"indent": 1, "sort_keys": True, "ensure_ascii": False, **options}
    text: str = json.dumps(tree, **chosen) + tail
    return text.encode()
