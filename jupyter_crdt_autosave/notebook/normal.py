"""The normal form of notebook content: what a Y document holds and gives back."""

from __future__ import annotations

from math import isfinite
from typing import Any

from .ids import assign_ids, usable_id
from .lines import join, join_bundle, join_output
from .values import clean

Cell = dict[str, Any]

LATEST_MINOR = 5
"""The minor format of a notebook that names none."""

TRANSIENT = ("signature", "orig_nbformat", "orig_nbformat_minor")
"""Keys of the metadata of a notebook that mean nothing in a file."""


_FILLERS = {"kernelspec": {"name": "", "display_name": ""}, "language_info": {"name": ""}}
_NOTHING = object()


def normalise(content: dict[str, Any]) -> dict[str, Any]:
    """Give content in normal form, leaving the argument as it is.

    Every cell has a unique id, joined source, metadata, and (code) outputs and execution count;
    the notebook has a cell, a kernelspec and a language_info; every value is one that a Y document
    can hold. Normal content stays as it is. Whatever is too odd to be repaired is left out.
    """
    return shape(clean(content))


def shape(tree: dict[str, Any]) -> dict[str, Any]:
    """Do what ``normalise`` does, for a tree whose values need no cleaning.

    The result shares with the tree what did not change.
    """
    found = tree.get("cells")
    cells = [_cell(cell) for cell in dicts(found)] or [_invented()]
    ids = assign_ids(cells, map(usable_id, cells))
    return {
        "cells": [{**cell, "id": mine} for cell, mine in zip(cells, ids, strict=True)],
        "metadata": _metadata(_dict(tree.get("metadata"))),
        "nbformat": 4,
        "nbformat_minor": minor_of(tree),
    }


def _invented() -> Cell:
    """Make the cell of a notebook without cells, which no front end can show."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"trusted": True},
        "outputs": [],
        "source": "",
    }


def _cell(found: Cell) -> Cell:
    # execution_state is a key of live cells only; the Y document does not give it back.
    cell = {key: value for key, value in found.items() if key != "execution_state"}
    kind = found.get("cell_type")
    cell["cell_type"] = kind if isinstance(kind, str) else "raw"
    cell["source"] = _string(join(found.get("source")))
    cell["metadata"] = _dict(found.get("metadata"))
    _set_attachments(cell)
    if kind == "code":
        cell["outputs"] = [join_output(output) for output in dicts(found.get("outputs"))]
        cell.setdefault("execution_count", None)
    return cell


def _set_attachments(cell: Cell) -> None:
    attachments = cell.get("attachments")
    if not attachments and cell["cell_type"] in ("raw", "markdown"):
        cell.pop("attachments", None)
    elif isinstance(attachments, dict):
        cell["attachments"] = {name: join_bundle(each) for name, each in attachments.items()}


def bare(content: dict[str, Any]) -> dict[str, Any]:
    """Give normal content without the metadata that were only filled in, as files have it."""
    found = content["metadata"]
    metadata = {key: found[key] for key in found if found[key] != _FILLERS.get(key, _NOTHING)}
    return {**content, "metadata": metadata}


def _metadata(found: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in found.items() if key not in TRANSIENT}
    for key, filler in _FILLERS.items():
        metadata.setdefault(key, {**filler})
    return metadata


def minor_of(content: dict[str, Any]) -> int:
    """Give the minor format of a notebook."""
    found = content.get("nbformat_minor")
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    return int(found) if isinstance(found, float) and isfinite(found) else LATEST_MINOR


def dicts(value: Any) -> list[dict[str, Any]]:
    """Give the objects in a list of cells or outputs; nothing else makes sense there."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
