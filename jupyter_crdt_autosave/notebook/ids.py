"""Cell ids for cells that have none, the same on every server that reads the same cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import xxhash

from .canonical import canonical_json

Cell = dict[str, Any]


def usable_id(cell: Cell) -> str | None:
    """Give the id that a cell brings along, None if it has none that can be used."""
    found = cell.get("id")
    return found if isinstance(found, str) and found else None


def assign_ids(cells: Sequence[Cell], found: Iterable[str | None]) -> list[str]:
    """Give every cell an id that no other cell of the notebook has.

    The first cell with an id keeps it. A cell without one, or with the id of an earlier cell, gets
    one derived from its type, source and attachments, and its number among equal such cells: so
    it stays the same while other cells change, and when it runs.

    Args:
        cells: The cells, with joined sources.
        found: The usable ids that they have.
    """
    kept = _first_of_each(found)
    taken, seen = set(kept), Counter[bytes]()
    return [mine or _derive(cell, taken, seen) for cell, mine in zip(cells, kept, strict=True)]


def _first_of_each(found: Iterable[str | None]) -> list[str | None]:
    seen: set[str | None] = set()
    kept: list[str | None] = []
    for mine in found:
        kept.append(None if mine in seen else mine)
        seen.add(mine)
    return kept


def _derive(cell: Cell, taken: set[str | None], seen: Counter[bytes]) -> str:
    """Derive the id of one cell, noting it in ``taken`` and its content in ``seen``."""
    content = canonical_json([cell["cell_type"], cell["source"], cell.get("attachments")])
    key = xxhash.xxh3_128_digest(content)
    while True:
        made = xxhash.xxh3_64_hexdigest(key, seed=seen[key])
        seen[key] += 1
        if made not in taken:
            taken.add(made)
            return made
