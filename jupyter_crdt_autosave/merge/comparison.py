"""What is different between two notebooks, cell by cell. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .cell import is_edited
from .decisions import Cell, Content
from .order import staying
from .pairing import Pairs, pair_cells
from .values import is_same


@dataclass(frozen=True)
class CellChange:
    """What became of one cell.

    ``id`` is that of the cell as it is afterwards, or was if it was removed. ``kind`` is ``added``
    (no ``before``), ``removed`` (no ``after``), ``changed`` or ``moved`` (the same in another
    place). ``edit`` says whether somebody edited it: running a cell, and its metadata, is no edit.
    """

    id: str
    kind: str
    before: Cell | None
    after: Cell | None
    edit: bool


def compare(before: Content, after: Content) -> tuple[CellChange, ...]:
    """The cells that are not as they were, in the order of ``after``.

    A removed cell stands where it was: behind the one that it followed.

    Args:
        before: The notebook as it was.
        after: The notebook as it is; equal cells may be the same objects, which is quick.
    """
    pairs = pair_cells(before["cells"], after["cells"])
    removed = _removed(before["cells"], pairs)
    moved = _moved(pairs)
    found = list(_gone(removed, -1))
    for place, cell in enumerate(after["cells"]):
        origin = pairs.get(place)
        if origin is None:
            found.append(CellChange(cell["id"], "added", None, cell, True))
        else:
            found += _kept(before["cells"][origin], cell, place in moved)
            found += _gone(removed, origin)
    return tuple(found)


def _kept(before: Cell, after: Cell, moved: bool) -> Iterator[CellChange]:
    named = after if after["id"] == before["id"] else {**after, "id": before["id"]}
    if not is_same(before, named):
        edit = moved or is_edited(before, after)
        yield CellChange(after["id"], "changed", before, after, edit)
    elif moved:
        yield CellChange(after["id"], "moved", before, after, True)


def _moved(pairs: Pairs) -> set[int]:
    """The fewest places of cells that have to move."""
    places = sorted(pairs)
    still = {places[index] for index in staying([pairs[place] for place in places])}
    return set(places) - still


def _removed(before: Sequence[Cell], pairs: Pairs) -> dict[int, list[Cell]]:
    """The removed cells, by the place of the last cell before them that is there still (or -1)."""
    there, last = set(pairs.values()), -1
    removed: dict[int, list[Cell]] = {}
    for place, cell in enumerate(before):
        if place in there:
            last = place
        else:
            removed.setdefault(last, []).append(cell)
    return removed


def _gone(removed: dict[int, list[Cell]], behind: int) -> Iterator[CellChange]:
    for cell in removed.get(behind, ()):
        yield CellChange(cell["id"], "removed", cell, None, True)
