"""Makes a document equal to given content by the smallest updates, in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pycrdt import Array, Map, Text

from ..merge.decisions import Decisions
from ..merge.order import staying
from ..merge.text import splices
from ..notebook import same
from .untracked import UntrackedNotebook

INGEST = "crdt-autosave:ingest"
"""Origin of the transactions in which content from outside enters a document."""

_HEAVY = 8
"""How many cells move rather than one that somebody has just typed in."""

_Cell = dict[str, Any]


def converge(
    notebook: UntrackedNotebook,
    ours: dict[str, Any],
    decisions: Decisions,
    busy: Collection[int] = (),
) -> None:
    """Change `notebook`, which holds `ours`, so that it holds what was decided.

    Nothing is written where nothing differs. A cell that has to move is made anew from what it
    holds; `busy` are places of cells in which somebody is typing, and which had better stay.
    """
    with notebook.ydoc.transaction(origin=INGEST):
        _converge_cells(notebook, ours["cells"], decisions, busy)
        for key in ("nbformat", "nbformat_minor"):
            if ours.get(key) != getattr(decisions, key):
                notebook.ymeta[key] = float(getattr(decisions, key))
        _converge_metadata(notebook, decisions.metadata)


def _converge_metadata(notebook: UntrackedNotebook, wanted: dict[str, Any]) -> None:
    metadata = notebook.ymeta.get("metadata")
    if isinstance(metadata, Map):
        _converge_map(metadata, wanted)
    else:
        notebook.ymeta["metadata"] = Map(wanted)


def _converge_cells(
    notebook: UntrackedNotebook, ours: list[_Cell], decisions: Decisions, busy: Collection[int]
) -> None:
    live = [decision.ours for decision in decisions.cells if decision.ours is not None]
    weights = [_HEAVY if place in busy else 1 for place in live]
    kept = {live[index] for index in staying(live, weights)}
    for place in reversed(range(len(ours))):
        if place not in kept:
            del notebook.ycells[place]
    for place, decision in enumerate(decisions.cells):
        if decision.ours not in kept:
            cell = decision.cell
            if decision.ours is not None and not decision.changed:
                cell = ours[decision.ours]
            notebook.ycells.insert(place, notebook.create_ycell(cell))
        elif decision.changed:
            _converge_cell(notebook, place, ours[decision.ours], decision.cell)


def _converge_cell(notebook: UntrackedNotebook, place: int, ours: _Cell, theirs: _Cell) -> None:
    ycell = notebook.ycells[place]
    if ours.get("cell_type") != theirs["cell_type"]:
        notebook.set_cell(place, theirs)
        return
    for key in ours.keys() - theirs.keys():
        del ycell[key]
    for key, value in theirs.items():
        if not (key in ours and same(ours[key], value)):
            _converge_value(notebook, ycell, key, value)


def _converge_value(notebook: UntrackedNotebook, ycell: Map[Any], key: str, value: Any) -> None:
    held = ycell.get(key)
    if isinstance(held, Text):
        edit_text(held, value)
    elif isinstance(held, Map) and isinstance(value, dict):
        _converge_map(held, value)
    elif isinstance(held, Array) and key == "outputs":
        _converge_outputs(notebook, held, value)
    else:
        ycell[key] = value


def _converge_map(held: Map[Any], theirs: dict[str, Any]) -> None:
    ours = held.to_py() or {}
    for key in ours.keys() - theirs.keys():
        del held[key]
    for key, value in theirs.items():
        if not (key in ours and same(ours[key], value)):
            held[key] = value


def _converge_outputs(notebook: UntrackedNotebook, held: Array[Any], theirs: list[Any]) -> None:
    ours = held.to_py() or []
    head = 0
    while head < min(len(ours), len(theirs)) and same(ours[head], theirs[head]):
        head += 1
    tail = 0
    while tail < min(len(ours), len(theirs)) - head and same(ours[-1 - tail], theirs[-1 - tail]):
        tail += 1
    del held[head : len(ours) - tail]
    fresh = notebook.create_ycell(
        {"cell_type": "code", "source": "", "outputs": theirs[head : len(theirs) - tail]}
    )
    for offset, output in enumerate(_prelim_outputs(fresh)):
        held.insert(head + offset, output)


def _prelim_outputs(ycell: Map[Any]) -> list[Map[Any]]:
    """The outputs of a cell that is in no document yet."""
    raw = ycell.prelim["outputs"].prelim if ycell.prelim else []
    return list(raw)


def edit_text(text: Text, new: str) -> None:
    """Change `text` to `new` by few small edits. Y text counts in UTF-8 bytes."""
    old = str(text)
    for splice in reversed(splices(old, new)):
        start = len(old[: splice.start].encode())
        stop = start + len(old[splice.start : splice.stop].encode())
        if stop > start:
            del text[start:stop]
        if splice.text:
            text.insert(start, splice.text)
