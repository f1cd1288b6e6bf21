"""Whether the cells of a file can go on with the ids, or the lack of ids, that they have there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .align import Origins
from .ids import assign_ids
from .notebook import Notebook

FIRST_MINOR = 5
"""The first minor format in which cells have ids."""


def kept_ids(cells: Sequence[dict[str, Any]], origins: Origins, base: Notebook) -> set[int]:
    """Find the cells whose id need not be written, because reading the file gives it anyway.

    Args:
        cells: The cells of a notebook of a format with ids.
        origins: For each of them, which cell of the file it was, if any.
        base: The file.
    """
    ids = [cell["id"] for cell in cells]
    own = [None if origin is None else base.own_ids[origin] for origin in origins]
    had_ids = base.content["nbformat_minor"] >= FIRST_MINOR
    kept = {
        place
        for place, origin in enumerate(origins)
        if origin is not None and (had_ids or own[place] == ids[place])
    }
    # An id that is written takes its cell out of those by which other ids are derived.
    while wrong := _misread(cells, ids, own, kept):
        kept -= wrong
    return kept


def _misread(
    cells: Sequence[dict[str, Any]], ids: list[str], own: list[str | None], kept: set[int]
) -> set[int]:
    """Find the cells among those kept whose ids would be read as other ids."""
    found = [own[place] if place in kept else mine for place, mine in enumerate(ids)]
    read = assign_ids(cells, found)
    return {place for place in kept if read[place] != ids[place]}
