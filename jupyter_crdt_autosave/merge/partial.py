"""A notebook in which some cells are as they were in another. Pure."""

from __future__ import annotations

from collections.abc import Collection

from .decisions import Cell, Content
from .pairing import pair_cells


def with_cells(ours: Content, other: Content, names: Collection[str]) -> Content:
    """``ours``, where the named cells are as they are in ``other``.

    A cell that ours has no more comes back behind the one that it followed. Names that ``other``
    does not have are passed over.

    Args:
        ours: The notebook.
        other: Where the cells come from.
        names: The ids of these cells in there.
    """
    here = {origin: place for place, origin in pair_cells(other["cells"], ours["cells"]).items()}
    cells = list(ours["cells"])
    back: dict[int, list[Cell]] = {}
    last = -1
    for place, cell in enumerate(other["cells"]):
        last = here.get(place, last)
        if cell["id"] not in names:
            continue
        if place in here and _is_it(cell, ours["cells"][here[place]]):
            cells[here[place]] = {**cell, "id": cells[here[place]]["id"]}
        else:
            back.setdefault(last, []).append(cell)
    taken = {cell["id"] for cell in cells}
    made = [*_named(back.get(-1, []), taken)]
    for place, cell in enumerate(cells):
        made += [cell, *_named(back.get(place, []), taken)]
    return {**ours, "cells": made}


def _is_it(cell: Cell, other: Cell) -> bool:
    """Whether a cell is that one, and not one that is merely similar."""
    return bool(cell["id"] == other["id"] or cell["source"] == other["source"])


def _named(cells: list[Cell], taken: set[str]) -> list[Cell]:
    """Cells that come back, each with an id that no other cell has."""
    made = []
    for cell in cells:
        name = cell["id"]
        while name in taken:
            name += "-"
        taken.add(name)
        made.append({**cell, "id": name})
    return made
