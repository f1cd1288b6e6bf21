"""Notebooks of the formats 1 to 3, brought to format 4."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import NotebookUnreadable


def upgrade(tree: dict[str, Any], major: int) -> dict[str, Any]:
    """Convert a notebook of an old major format, without its warnings and random ids.

    Args:
        tree: The JSON of the file.
        major: Its major format, 1 to 3.

    Raises:
        NotebookUnreadable: Of kind ``shape``.
    """
    try:
        return _upgrade(tree, major)
    except Exception as error:  # the converters check nothing, and fail in many ways
        message = f"a notebook of format {major} that cannot be converted: {error!r}"
        raise NotebookUnreadable(message, "shape") from error


def _upgrade(tree: dict[str, Any], major: int) -> dict[str, Any]:
    # Loading it takes a second, and notebooks of these formats have become rare.
    import nbformat

    versions: dict[int, Any] = nbformat.versions
    notebook = versions[major].to_notebook_json(tree)
    for version in range(major, 3):
        notebook = versions[version + 1].upgrade(notebook, version)
    cells = [_cell(cell) for sheet in notebook["worksheets"] for cell in sheet["cells"]]
    metadata = notebook.get("metadata") or {}
    return {
        "cells": cells,
        "metadata": {key: value for key, value in metadata.items() if key != "name"},
        "nbformat": nbformat.current_nbformat,
        "nbformat_minor": nbformat.current_nbformat_minor,
    }


def _cell(cell: Any) -> dict[str, Any]:
    from nbformat.v4 import convert

    upgrade_cell: Callable[[Any], dict[str, Any]] = convert.upgrade_cell
    made = upgrade_cell(cell)
    del made["id"]
    return made
