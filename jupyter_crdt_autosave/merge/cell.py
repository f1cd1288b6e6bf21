"""One cell that two sides changed."""

from __future__ import annotations

from typing import Any

from .decisions import Cell, Conflict
from .source import Merged, merge_added, merge_source
from .values import MISSING, is_same, merge_values

_EDITED = ("cell_type", "source", "attachments")
_RUN = ("outputs", "execution_count")
_NEW: Cell = {"source": "", "metadata": {}}

Sides = tuple[Cell, Cell, Cell]
"""A cell as it was, as theirs, and as ours."""


def is_edited(base: Cell, cell: Cell) -> bool:
    """Whether somebody edited the cell; running it, or its metadata, is no edit."""
    return any(cell.get(key) != base.get(key) for key in _EDITED)


def merge_cell(base: Cell | None, theirs: Cell, ours: Cell) -> tuple[Cell, tuple[Conflict, ...]]:
    """The cell with the changes of both, and where they changed the same words.

    Without a base both sides have added it. A cell that one side alone changed is that side's.
    """
    was = _NEW if base is None else base
    if is_same(theirs, was) or is_same(theirs, ours):
        return ours, ()
    if is_same(ours, was):
        return theirs, ()
    sides = was, theirs, ours
    source = _merged_source(base, theirs["source"], ours["source"])
    cell = {
        key: merge_values(*(side.get(key, MISSING) for side in sides))
        for key in {**ours, **theirs}
        if key not in _RUN
    }
    cell |= {"source": source.text, **_merged_run(sides)}
    _fit(cell, sides)
    kinds = ["source"] * source.conflict + ["outputs"] * _mismatched(sides, source)
    return cell, tuple(Conflict(cell["id"], kind, theirs["source"]) for kind in kinds)


def _merged_source(base: Cell | None, theirs: str, ours: str) -> Merged:
    return merge_added(theirs, ours) if base is None else merge_source(base["source"], theirs, ours)


def _merged_run(sides: Sides) -> Cell:
    """What the last run left: outputs and their count are one thing, of the side that ran it."""
    base, theirs, ours = ({key: side.get(key, MISSING) for key in _RUN} for side in sides)
    changed = not all(is_same(theirs[key], base[key]) for key in _RUN)
    kept = all(is_same(ours[key], base[key]) for key in _RUN)
    return theirs if changed and kept else ours


def _mismatched(sides: Sides, source: Merged) -> bool:
    """Whether our outputs would silently stand under a source that is theirs."""
    base, theirs, ours = sides
    if any(side["cell_type"] != "code" for side in (theirs, ours)) or source.text == ours["source"]:
        return False
    return all(not is_same(side.get("outputs"), base.get("outputs")) for side in (theirs, ours))


def _fit(cell: Cell, sides: Sides) -> None:
    """Give the cell the keys that its type needs, and no others."""
    if cell["cell_type"] == "code" and cell.get("attachments", MISSING) is not MISSING:
        # Code cells have none: whoever edited them decides what the cell is.
        cell["cell_type"] = next(s["cell_type"] for s in sides[::-1] if "attachments" in s)
    if cell["cell_type"] == "code":
        defaults: dict[str, Any] = {"outputs": [], "execution_count": None}
        cell |= {key: made for key, made in defaults.items() if cell.get(key, MISSING) is MISSING}
    else:
        cell |= dict.fromkeys(_RUN, MISSING)
        if not cell.get("attachments"):
            cell["attachments"] = MISSING
    for key in [key for key, value in cell.items() if value is MISSING]:
        del cell[key]
