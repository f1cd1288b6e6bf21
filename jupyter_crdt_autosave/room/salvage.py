"""A notebook out of a file that is none: nothing on disk may make a notebook unopenable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import NotebookError
from ..merge.markers import sides
from ..notebook import normalise, read


@dataclass(frozen=True)
class Salvage:
    """The content to show, and bytes that it was not made from and that must be kept."""

    content: dict[str, Any]
    aside: tuple[bytes, ...]


def salvage(data: bytes, leftovers: Sequence[bytes]) -> Salvage:
    """The first that works of what is left of a notebook.

    In this order: the checkpoint and what interrupted saves left, our side of the conflict markers,
    one raw cell with the file's text. The file's own bytes are always among what is kept.
    """
    for candidate in leftovers:
        content = _content(candidate)
        if content is not None:
            return Salvage(content, (data,))
    ours, theirs = sides(data)
    content = _content(ours) if ours != theirs else None
    if content is not None:
        return Salvage(content, (theirs, data))
    return Salvage(_raw(data), (data,))


def _content(data: bytes) -> dict[str, Any] | None:
    try:
        return read(data).content
    except NotebookError:
        return None


def _raw(data: bytes) -> dict[str, Any]:
    cell = {"cell_type": "raw", "metadata": {}, "source": data.decode("utf-8", "replace")}
    return normalise({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
