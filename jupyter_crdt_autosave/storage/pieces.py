"""Which parts the contents in the database are made of.

A manifest names the parts of its cells in their order. Each of these parts also stands beside it in
a table of its own, by a foreign key: a part that any manifest needs cannot be removed, and what a
part is needed for is found without reading a manifest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from .parts import Part, decode, unpack

_BATCH = 500

Key = int | tuple[int, int]
"""The number of a cell's part, or those of the cell without its outputs and of these."""


def part_of(hash: bytes, packed: int, data: bytes) -> Part:
    """The part, or the manifest, in a row."""
    return Part(hash, bool(packed), data)


def key_of(numbers: Any) -> Key:
    """The key that JSON made of `numbers`."""
    return numbers if isinstance(numbers, int) else (numbers[0], numbers[1])


def numbers_of(keys: Iterable[Key]) -> set[int]:
    """The numbers of all parts in keys."""
    return {number for key in keys for number in ((key,) if isinstance(key, int) else key)}


def batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """The numbers, as many at a time as a query takes."""
    for start in range(0, len(numbers), _BATCH):
        yield numbers[start : start + _BATCH]


def present(db: sqlite3.Connection, numbers: set[int]) -> set[int]:
    """Those of the numbers that are of parts."""
    there: set[int] = set()
    for batch in batches(sorted(numbers)):
        places = ",".join("?" * len(batch))
        rows = db.execute(f"SELECT number FROM parts WHERE number IN ({places})", batch)
        there.update(number for (number,) in rows)
    return there


def link(db: sqlite3.Connection, manifest: int, parts: set[int]) -> None:
    """Note which parts a manifest needs; belongs in a transaction.

    Raises:
        sqlite3.IntegrityError: one of them is not there.
    """
    rows = [(part, manifest) for part in sorted(parts)]
    db.executemany("INSERT INTO pieces (part, manifest) VALUES (?, ?)", rows)


def link_all(db: sqlite3.Connection) -> None:
    """Note what the manifests of an earlier format need, as far as they are sound."""
    found = db.execute("SELECT number, hash, packed, data FROM manifests").fetchall()
    for number, *columns in found:
        with suppress(ValueError):
            cells = decode(unpack(part_of(*columns)))["cells"]
            needed = [(number, part) for part in numbers_of(map(key_of, cells))]
            db.executemany(
                "INSERT INTO pieces (manifest, part) SELECT ?, number FROM parts WHERE number = ?",
                needed,
            )
