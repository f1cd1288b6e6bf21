"""Which cell of one notebook is which cell of another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from typing import Any

from .lines import SIMILAR, gaps, similarity
from .order import staying
from .sequence import matches

Cell = dict[str, Any]
Pairs = dict[int, int]
"""From places in the second notebook to places in the first one."""

_FEW = 20
"""Characters that two cells have to have in common, to be taken for one that grew."""

_NOTHING = 3
"""Characters in a cell that are as good as none."""

_MOST_COMPARED = 4_000
"""Pairs of cells of which the texts are compared."""

_BLIND = str.maketrans("", "", " \t\r\n\v\f'\",;()[]")


def pair_cells(base: Sequence[Cell], cells: Sequence[Cell]) -> Pairs:
    """For each cell the one of `base` that it is or was, if any.

    By id, where one has it in both; then by equal type and source in order, then anywhere; then by
    what is left of the source without blanks, quotes and brackets (formatters change these); then
    by similarity, the most similar first.
    """
    pairs = _by_id(base, cells)
    for key in (_content, _blind):
        _pair_in_order(base, cells, pairs, key)
        _pair_anywhere(base, cells, pairs, key)
    _pair_similar(base, cells, pairs)
    return pairs


def pair_equal(a: Sequence[Cell], b: Sequence[Cell]) -> Pairs:
    """For each cell of `b` the one of `a` that is the same one or just like it."""
    pairs = _by_id(a, b)
    _pair_in_order(a, b, pairs, _content)
    return pairs


def with_ids_of(
    base: Sequence[Cell], cells: Sequence[Cell], nameless: Collection[int]
) -> list[Cell]:
    """`cells`, in which those that came without an id have that of their counterpart in `base`.

    `nameless` are the places of those cells. An id is given once, and never one that another of
    `cells` brought along. What has no counterpart keeps the id that it was given.
    """
    taken = {cell["id"] for place, cell in enumerate(cells) if place not in nameless}
    anonymous = [
        {**cell, "id": None} if place in nameless else cell for place, cell in enumerate(cells)
    ]
    names = [cell["id"] for cell in cells]
    pairs = pair_cells(base, anonymous)
    _pair_by_place(base, anonymous, pairs)
    for place, mine in sorted(pairs.items()):
        if place in nameless and base[mine]["id"] not in taken:
            taken.add(base[mine]["id"])
            names[place] = base[mine]["id"]
    return [
        cell if cell["id"] == name else {**cell, "id": name}
        for cell, name in zip(cells, unique(names, sorted(nameless)), strict=True)
    ]


def unique(names: Sequence[str], changeable: Iterable[int]) -> list[str]:
    """The names, of which those at `changeable` places, in this order, give way to equal ones."""
    given, counts = list(names), Counter(names)
    for place in changeable:
        name, number = given[place], 1
        while counts[given[place]] > 1:
            counts[given[place]] -= 1
            given[place] = f"{name}-{number}"
            counts[given[place]] += 1
            number += 1
    return given


def _by_id(base: Sequence[Cell], cells: Sequence[Cell]) -> Pairs:
    counts = [Counter(cell["id"] for cell in side) for side in (base, cells)]
    places = {cell["id"]: place for place, cell in enumerate(base)}
    pairs = {
        place: places[name]
        for place, cell in enumerate(cells)
        if (name := cell["id"]) in places and all(count[name] == 1 for count in counts)
    }
    return _without_shifted(base, cells, pairs)


def _without_shifted(base: Sequence[Cell], cells: Sequence[Cell], pairs: Pairs) -> Pairs:
    """The pairs but those in which an id now belongs to another cell.

    Some programs number the cells: an insertion then shifts the ids of all that follow.
    """
    changed = {p: i for p, i in pairs.items() if base[i]["source"] != cells[p]["source"]}
    unlike = [place for place, i in changed.items() if not _likeness(base[i], cells[place])]
    if not unlike:
        return pairs
    same = {place: i for place, i in pairs.items() if place not in changed}
    there = _sources(base, {*same.values()}), _sources(cells, same.keys())
    shifted = {
        place
        for place in unlike
        if cells[place]["source"] in there[0] or base[pairs[place]]["source"] in there[1]
    }
    return {place: i for place, i in pairs.items() if place not in shifted}


def _sources(cells: Sequence[Cell], without: Collection[int]) -> set[str]:
    """The sources of the cells but those at some places; empty ones tell nothing."""
    return {
        cell["source"]
        for place, cell in enumerate(cells)
        if place not in without and cell["source"].strip()
    }


_Key = Callable[[Cell], Hashable]


def _content(cell: Cell) -> Hashable:
    return cell["cell_type"], cell["source"]


def _blind(cell: Cell) -> Hashable:
    bare = cell["source"].translate(_BLIND)
    # Cells without words are all alike: nothing says that one is the other.
    return (cell["cell_type"], bare) if bare else id(cell)


def _unpaired(
    base: Sequence[Cell], cells: Sequence[Cell], pairs: Pairs
) -> tuple[list[int], list[int]]:
    paired = set(pairs.values())
    left = [place for place in range(len(base)) if place not in paired]
    return left, [place for place in range(len(cells)) if place not in pairs]


def _pair_in_order(base: Sequence[Cell], cells: Sequence[Cell], pairs: Pairs, key: _Key) -> None:
    left, right = _unpaired(base, cells, pairs)
    if left and right:
        for match in matches([key(base[i]) for i in left], [key(cells[j]) for j in right]):
            for k in range(match.size):
                pairs[right[match.b + k]] = left[match.a + k]


def _pair_anywhere(base: Sequence[Cell], cells: Sequence[Cell], pairs: Pairs, key: _Key) -> None:
    """Cells that moved."""
    left, right = _unpaired(base, cells, pairs)
    if not (left and right):
        return
    places: dict[Hashable, list[int]] = {}
    for i in left:
        if base[i]["source"].strip():
            places.setdefault(key(base[i]), []).append(i)
    for j in right:
        found = places.get(key(cells[j]))
        if found:
            pairs[j] = found.pop(0)


def _pair_similar(base: Sequence[Cell], cells: Sequence[Cell], pairs: Pairs) -> None:
    left, right = _unpaired(base, cells, pairs)
    compared = _worth_comparing(left, right)
    ranked = sorted(
        (-likeness, abs(i - j), i, j)
        for i, j in compared
        if (likeness := _likeness(base[i], cells[j])) > 0
    )
    taken: set[int] = set()
    for _, _, i, j in ranked:
        if i not in taken and j not in pairs:
            taken.add(i)
            pairs[j] = i


def _pair_by_place(base: Sequence[Cell], cells: Sequence[Cell], pairs: Pairs) -> None:
    """Cells between the same neighbours, where there are as many on both sides.

    Good enough for cells that have no name; others would have theirs, were they the same.
    """
    known = [(pairs[place], place) for place in sorted(pairs)]
    kept = [known[index] for index in staying([i for i, _ in known])]
    taken = set(pairs.values())
    for left, right in gaps(kept, (len(base), len(cells))):
        if len(left) == len(right):
            for i, j in zip(left, right, strict=True):
                nameless = cells[j]["id"] is None and j not in pairs and i not in taken
                if nameless and base[i]["cell_type"] == cells[j]["cell_type"]:
                    pairs[j] = i


def _worth_comparing(left: list[int], right: list[int]) -> Iterable[tuple[int, int]]:
    """All pairs, or those of the nearest places where that would be too many."""
    if len(left) * len(right) <= _MOST_COMPARED:
        return ((i, j) for i in left for j in right)
    reach = max(1, _MOST_COMPARED // (2 * len(right)))
    return (
        (left[at], j)
        for number, j in enumerate(right)
        for at in _around(number * len(left) // len(right), reach, len(left))
    )


def _around(place: int, reach: int, end: int) -> range:
    return range(max(0, place - reach), min(end, place + reach + 1))


def _likeness(one: Cell, other: Cell) -> float:
    """How alike two cells are, from 0 to 1; one that grew is like what it was."""
    if one["cell_type"] != other["cell_type"]:
        return 0.0
    return max(similarity(one["source"], other["source"]), _common_lines(one, other))


def _common_lines(one: Cell, other: Cell) -> float:
    """How much of the shorter one stands in the other one, line by line; 0 if it is less than half.

    Some characters are needed: a short line in common means little, unless it is all there was.
    """
    sides = sorted((one["source"], other["source"]), key=len)
    shorter, longer = ([line for line in side.split("\n") if line.strip()] for side in sides)
    known, size = set(longer), sum(map(len, shorter))
    common = sum(len(line) for line in shorter if line in known)
    if common < _FEW:
        return SIMILAR if common == size > _NOTHING else 0.0
    return common / size if 2 * common >= size else 0.0
