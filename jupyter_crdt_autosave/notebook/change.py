"""What became of a notebook since its file was read."""

from __future__ import annotations

from typing import Any, NamedTuple

from .align import Origins, Traced
from .lines import split_cell
from .normal import normalise
from .notebook import Notebook
from .own_ids import FIRST_MINOR, kept_ids
from .trust import untrusted
from .values import same

Cell = dict[str, Any]

_UNLIKE_ANY = object()


class Change(NamedTuple):
    """What a value was when the file was read, what it is now, and how to write it anew."""

    old: Any
    new: Any
    form: Any

    def at(self, old: Any, new: Any) -> Change:
        """Give the change of one item, which was at ``old`` and is at ``new``."""
        return Change(self.old[old], self.new[new], self.form[new])


def change_since(base: Notebook, content: dict[str, Any]) -> Change:
    """Compare a notebook with the file that it was read from.

    What a file cannot say of a cell is left out on both sides: its trusted flag, and its id in a
    format without ids. An id that reading gives anyway is on both sides, one that has to be
    written on the new side alone.
    """
    now = normalise(content)
    cells = now["cells"] if content.get("cells") and not _is_invented(now, base) else []
    origins = _origins(cells, base)
    has_ids, had_ids = (each["nbformat_minor"] >= FIRST_MINOR for each in (now, base.content))
    kept = {origins[place] for place in kept_ids(cells, origins, base)} if has_ids else set()
    with_id = [place in kept if has_ids else had_ids for place in range(len(base.cell_ids))]
    new = Traced((_bare(cell, has_ids) for cell in cells), origins)
    old = [_bare(*each) for each in zip(_file_cells(base), with_id, strict=True)]
    _forget(old, new)
    form = [split_cell(cell) for cell in new] if base.style.lines else new
    return Change({**base.content, "cells": old}, {**now, "cells": new}, {**now, "cells": form})


def _is_invented(now: dict[str, Any], base: Notebook) -> bool:
    """Tell whether the file has no cells, and nobody did anything to the one made up for it."""
    sides = ([untrusted(cell) for cell in each["cells"]] for each in (now, base.content))
    return not base.cell_ids and same(*sides)


def _origins(cells: list[Cell], base: Notebook) -> Origins:
    places = {mine: place for place, mine in enumerate(base.cell_ids)}
    return [places.get(cell["id"]) for cell in cells]


def _file_cells(base: Notebook) -> list[Cell]:
    cells: list[Cell] = base.content["cells"]
    return cells[: len(base.cell_ids)]


def _bare(cell: Cell, with_id: bool) -> Cell:
    bare = dict(untrusted(cell))
    if not with_id:
        del bare["id"]
    return bare


def _forget(old: list[Cell], new: Traced) -> None:
    """Let nothing stay in cells that changed their type if its meaning depends on that.

    Those are what reading fills in or leaves out, and the lists that are lines of a text.
    """
    for cell, origin in zip(new, new.origins, strict=True):
        if origin is not None and old[origin]["cell_type"] != cell["cell_type"]:
            other = {"outputs": _UNLIKE_ANY, "execution_count": _UNLIKE_ANY}
            old[origin] = {"attachments": _UNLIKE_ANY, **old[origin], **other}
