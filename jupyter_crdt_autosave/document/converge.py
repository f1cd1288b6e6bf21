"""Makes a document equal to given content by the smallest updates, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pycrdt import Array, Map, Text

from ..merge.order import staying
from ..merge.text import splices
from ..notebook import same
from .untracked import UntrackedNotebook

INGEST = "crdt-autosave:ingest"
"""Origin of the transactions in which content from outside enters a document."""

_Cell = dict[str, Any]


def converge(notebook: UntrackedNotebook, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Change `notebook`, which holds `ours`, so that it holds `theirs`.

    Both are normalised content. Cells are paired by id; one that has to move is made anew from
    what it holds. Nothing is written where nothing differs.
    """
    with notebook.ydoc.transaction(origin=INGEST):
        _converge_cells(notebook, ours["cells"], theirs["cells"])
        for key in ("nbformat", "nbformat_minor"):
            if ours.get(key) != theirs[key]:
                notebook.ymeta[key] = float(theirs[key])
        _converge_metadata(notebook, theirs["metadata"])


def _converge_metadata(notebook: UntrackedNotebook, theirs: dict[str, Any]) -> None:
    metadata = notebook.ymeta.get("metadata")
    if isinstance(metadata, Map):
        _converge_map(metadata, theirs)
    else:
        notebook.ymeta["metadata"] = Map(theirs)


def _converge_cells(notebook: UntrackedNotebook, ours: list[_Cell], theirs: list[_Cell]) -> None:
    wanted = {cell["id"]: place for place, cell in enumerate(theirs)}
    live = [(at, wanted[cell["id"]]) for at, cell in enumerate(ours) if cell.get("id") in wanted]
    kept = {live[index] for index in staying([place for _, place in live])}
    kept_at = dict(kept)
    for at in reversed(range(len(ours))):
        if at not in kept_at:
            del notebook.ycells[at]
    _fill(notebook, ours, theirs, sorted(kept))


def _fill(
    notebook: UntrackedNotebook,
    ours: list[_Cell],
    theirs: list[_Cell],
    kept: Iterable[tuple[int, int]],
) -> None:
    source = {place: at for at, place in kept}
    for place, cell in enumerate(theirs):
        if place in source:
            _converge_cell(notebook, place, ours[source[place]], cell)
        else:
            notebook.ycells.insert(place, notebook.create_ycell(cell))


def _converge_cell(notebook: UntrackedNotebook, place: int, ours: _Cell, theirs: _Cell) -> None:
    if same(ours, theirs):
        return
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
