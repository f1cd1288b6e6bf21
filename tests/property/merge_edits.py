"""Quick random notebooks, and what two sides make of them.

All is drawn from a seed: a failing one can be given again, and thousands take seconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any

from jupyter_crdt_autosave.notebook import normalise, read
from jupyter_crdt_autosave.room.pages import theirs as named

from .merge_texts import Pen, edited

Cell = dict[str, Any]
Content = dict[str, Any]

FIRST_MINOR_WITH_IDS = 5
_WIDGETS = "application/vnd.jupyter.widget-state+json"


@dataclass(frozen=True)
class Triple:
    """A notebook, and what two sides made of it, all in normal form.

    ``runs`` are the texts that one edit of ours, and one of theirs, wrote as a whole. ``by_id``
    says whether theirs has the ids of the base, each for the cell that had it.
    """

    base: Content
    theirs: Content
    ours: Content
    runs: tuple[list[str], list[str]]
    by_id: bool


def triple(seed: int, size: int) -> Triple:
    """A triple; up to `size` cells in the base, and about as many edits of each side."""
    random = Random(seed * 64 + size)
    base = _read_back(_notebook(Pen(random, "B"), random.randint(0, size)))
    common = _after(base, Pen(random, "C"), random.choice((0, 0, 0, 1, 2)))
    pens = Pen(random, "O"), Pen(random, "T")
    ours, theirs = (_after(common, pen, random.choice((0, 1, 2, 3, size + 1))) for pen in pens)
    by_id = base["nbformat_minor"] >= FIRST_MINOR_WITH_IDS and random.random() < 0.8
    if not by_id:
        theirs = _with_other_ids(random, base, theirs)
    return Triple(base, normalise(theirs), normalise(ours), (pens[0].runs, pens[1].runs), by_id)


def _read_back(content: Content) -> Content:
    return read(json.dumps(content).encode()).content


def _after(content: Content, pen: Pen, count: int) -> Content:
    made = deepcopy(content)
    for _ in range(count):
        pen.random.choice(_EDITS)(made, pen)
    return made


def _with_other_ids(random: Random, base: Content, content: Content) -> Content:
    """The content as it comes from a file in which cells have no ids, other ones, or the same."""
    without = content["nbformat_minor"] < FIRST_MINOR_WITH_IDS
    change = _drop_id if without else random.choice(_RENAMINGS)
    cells = [change(random, place, dict(cell)) for place, cell in enumerate(content["cells"])]
    notebook = read(json.dumps({**content, "cells": cells}).encode())
    return named(notebook, base["cells"]).content


def _drop_id(random: Random, place: int, cell: Cell) -> Cell:
    del random, place, cell["id"]
    return cell


def _drop_some_id(random: Random, place: int, cell: Cell) -> Cell:
    return _drop_id(random, place, cell) if random.random() < 0.5 else cell


def _new_id(random: Random, place: int, cell: Cell) -> Cell:
    return cell | {"id": f"new-{place}-{random.getrandbits(32):x}"}


def _some_new_id(random: Random, place: int, cell: Cell) -> Cell:
    return _new_id(random, place, cell) if random.random() < 0.5 else cell


def _number(random: Random, place: int, cell: Cell) -> Cell:
    del random
    return cell | {"id": f"cell-{place}"}


def _twin_id(random: Random, place: int, cell: Cell) -> Cell:
    return cell | {"id": "twin"} if place and random.random() < 0.3 else cell


_RENAMINGS = (_drop_id, _drop_some_id, _new_id, _some_new_id, _number, _twin_id)


# Notebooks


def _notebook(pen: Pen, count: int) -> Content:
    random = pen.random
    cells = [_cell(pen) for _ in range(count)]
    if cells and random.random() < 0.2:
        cells.append(deepcopy(random.choice(cells)))
    names = ("cell-{}".format if random.random() < 0.2 else "id{}".format, range(len(cells)))
    minor = random.choice((5, 5, 5, 4, 2))
    if minor >= FIRST_MINOR_WITH_IDS:
        cells = [cell | {"id": name} for cell, name in zip(cells, map(*names), strict=True)]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "mine": {"a": 1}}
    if random.random() < 0.2:
        metadata["widgets"] = {_WIDGETS: {"version_major": 2, "state": {"w1": {"value": 1}}}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}


def _cell(pen: Pen) -> Cell:
    kind = pen.random.choice(("code", "code", "code", "markdown", "raw"))
    cell: Cell = {"cell_type": kind, "metadata": {}, "source": pen.source()}
    if pen.random.random() < 0.3:
        cell["metadata"] = {"tags": [pen.mark()], "collapsed": False}
    if kind == "code":
        cell |= {"outputs": _outputs(pen), "execution_count": pen.random.choice((None, 1, 2))}
    elif pen.random.random() < 0.3:
        cell["attachments"] = {"a.png": {"image/png": pen.mark()}}
    return cell


def _outputs(pen: Pen) -> list[dict[str, Any]]:
    data = {"text/plain": pen.mark(), "image/png": "iVBORw0KGgo="}
    known: tuple[dict[str, Any], ...] = (
        {"output_type": "stream", "name": "stdout", "text": pen.mark() + "\n"},
        {"output_type": "display_data", "data": data, "metadata": {}},
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": [pen.mark()]},
    )
    return pen.random.sample(known, pen.random.choice((0, 0, 1, 2)))


# Edits


def _some(content: Content, pen: Pen) -> int:
    if not content["cells"]:
        _add_cell(content, pen)
    return pen.random.randrange(len(content["cells"]))


def _fresh(content: Content, pen: Pen, cell: Cell, place: int) -> None:
    content["cells"].insert(place, cell | {"id": f"{pen.sign}{pen.random.getrandbits(40):x}"})


def _edit_source(content: Content, pen: Pen) -> None:
    cell = content["cells"][_some(content, pen)]
    for _ in range(pen.random.choice((1, 1, 2, 4))):
        cell["source"] = edited(cell["source"], pen)


def _edit_all(content: Content, pen: Pen) -> None:
    for cell in content["cells"]:
        cell["source"] = edited(cell["source"], pen)


def _add_cell(content: Content, pen: Pen) -> None:
    _fresh(content, pen, _cell(pen), pen.random.randint(0, len(content["cells"])))


def _delete_cell(content: Content, pen: Pen) -> None:
    del content["cells"][_some(content, pen)]


def _move_cell(content: Content, pen: Pen) -> None:
    cell = content["cells"].pop(_some(content, pen))
    content["cells"].insert(pen.random.randint(0, len(content["cells"])), cell)


def _copy_cell(content: Content, pen: Pen) -> None:
    place = _some(content, pen)
    _fresh(content, pen, deepcopy(content["cells"][place]), place + 1)


def _split_cell(content: Content, pen: Pen) -> None:
    place = _some(content, pen)
    cell = content["cells"][place]
    lines = cell["source"].split("\n")
    cut = pen.random.randint(0, len(lines))
    _fresh(content, pen, deepcopy(cell) | {"source": "\n".join(lines[cut:])}, place + 1)
    cell["source"] = "\n".join(lines[:cut])


def _merge_cells(content: Content, pen: Pen) -> None:
    place = _some(content, pen)
    merged = content["cells"][place : place + 2]
    merged[0]["source"] = "\n".join(cell["source"] for cell in merged)
    del content["cells"][place + 1 : place + 2]


def _change_type(content: Content, pen: Pen) -> None:
    cell = content["cells"][_some(content, pen)]
    for key in ("attachments", "outputs", "execution_count"):
        cell.pop(key, None)
    cell["cell_type"] = pen.random.choice(("code", "markdown", "raw"))
    if cell["cell_type"] == "code":
        cell |= {"outputs": [], "execution_count": None}


def _run(content: Content, pen: Pen) -> None:
    cell = content["cells"][_some(content, pen)]
    if cell["cell_type"] == "code":
        cell |= {"outputs": _outputs(pen), "execution_count": pen.random.randint(3, 99)}


def _run_all(content: Content, pen: Pen) -> None:
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": _outputs(pen), "execution_count": pen.random.randint(3, 99)}


def _clear_outputs(content: Content, pen: Pen) -> None:
    del pen
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}


def _delete_all(content: Content, pen: Pen) -> None:
    if pen.random.random() < 0.3:
        content["cells"].clear()


def _attach(content: Content, pen: Pen) -> None:
    cell = content["cells"][_some(content, pen)]
    if cell["cell_type"] != "code":
        name = pen.random.choice(("a.png", "b.png"))
        cell["attachments"] = {**cell.get("attachments", {}), name: {"image/png": pen.mark()}}


def _annotate(content: Content, pen: Pen) -> None:
    cell = content["cells"][_some(content, pen)]
    key, value = pen.random.choice((("tags", [pen.mark()]), ("name", pen.mark()), ("a", {"b": 1})))
    cell["metadata"][key] = value
    content["metadata"]["mine"] = {**content["metadata"].get("mine", {}), pen.mark(): 1}


def _trust(content: Content, pen: Pen) -> None:
    content["cells"][_some(content, pen)]["metadata"]["trusted"] = pen.random.random() < 0.5


def _store_widgets(content: Content, pen: Pen) -> None:
    state = {pen.random.choice(("w1", "w2")): {"value": pen.mark()}}
    content["metadata"]["widgets"] = {_WIDGETS: {"version_major": 2, "state": state}}


def _change_format(content: Content, pen: Pen) -> None:
    if pen.random.random() < 0.3:
        content["nbformat_minor"] = 5


_EDITS: tuple[Callable[[Content, Pen], None], ...] = (
    *[_edit_source] * 8,
    _edit_all,
    _add_cell,
    _add_cell,
    _delete_cell,
    _move_cell,
    _move_cell,
    _copy_cell,
    _split_cell,
    _merge_cells,
    _change_type,
    _run,
    _run,
    _run_all,
    _clear_outputs,
    _delete_all,
    _attach,
    _annotate,
    _trust,
    _store_widgets,
    _change_format,
)
