"""Which cell of a changed notebook is which cell of the document."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

Cell = dict[str, Any]


def with_ids_of(ours: Sequence[Cell], theirs: Sequence[Cell], nameless: set[int]) -> list[Cell]:
    """`theirs`, in which cells that came without an id have that of their counterpart in `ours`.

    `nameless` are the places in `theirs` of those cells. They are paired by equal type and source
    in order, then by place between such pairs; an id is given once, and never one that another
    cell of `theirs` brought along. What has no counterpart keeps the id that it was given.
    """
    taken = {cell["id"] for place, cell in enumerate(theirs) if place not in nameless}
    renamed = list(theirs)
    for mine, place in _pairs(ours, theirs):
        if place in nameless and ours[mine]["id"] not in taken:
            taken.add(ours[mine]["id"])
            renamed[place] = {**theirs[place], "id": ours[mine]["id"]}
    return _without_clashes(renamed, nameless)


def _pairs(ours: Sequence[Cell], theirs: Sequence[Cell]) -> list[tuple[int, int]]:
    matcher = SequenceMatcher(None, _keys(ours), _keys(theirs), autojunk=False)
    equal, placed = [], []
    for tag, a, b, c, d in matcher.get_opcodes():
        pairs = list(zip(range(a, b), range(c, d), strict=False))
        if tag == "equal":
            equal += pairs
        else:
            placed += [(m, t) for m, t in pairs if ours[m]["cell_type"] == theirs[t]["cell_type"]]
    return equal + placed


def _keys(cells: Sequence[Cell]) -> list[tuple[str, str]]:
    return [(cell["cell_type"], cell["source"]) for cell in cells]


def _without_clashes(cells: list[Cell], nameless: set[int]) -> list[Cell]:
    """A cell without counterpart must not keep an id that another one was given."""
    given = [cell["id"] for cell in cells]
    for place in sorted(nameless):
        if given.count(given[place]) > 1:
            number = 1
            while f"{given[place]}-{number}" in given:
                number += 1
            given[place] = f"{given[place]}-{number}"
    return [{**cell, "id": name} for cell, name in zip(cells, given, strict=True)]
