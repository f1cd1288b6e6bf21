"""Notebook contents in the database: a manifest for each, and parts that many share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from .parts import Cell, Content, Part, decode, encode, join, pack, split, unpack
from .schema import epoch_of
from .transaction import writing

REMEMBERED = 8
"""Of how many documents the cells that were stored last are known."""

_BATCH = 500

Key = int | tuple[int, int]
"""The number of a cell's part, or those of the cell without its outputs and of these."""


class _Known(NamedTuple):
    """A cell that is stored, so that it is known again: it is never changed."""

    cell: Cell
    key: Key
    size: int


class _Fresh(NamedTuple):
    """A cell that may not be stored yet."""

    cell: Cell
    parts: list[Part]
    size: int


@dataclass(frozen=True)
class Stored:
    """A content that is in the database: its manifest's number, its cells, its bytes unpacked."""

    manifest: int
    cells: int
    size: int


class Contents:
    """The contents in one open database."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self._known: dict[str, dict[int, _Known]] = {}
        self._epoch = ""

    @contextmanager
    def storing(self, document: str, contents: Sequence[Content]) -> Iterator[list[Stored]]:
        """Store contents of a document, in one transaction with what is written in the block.

        Cells that are the same objects as those stored last are not looked at again.
        """
        prepared = self._prepare(document, contents)
        with writing(self.db):
            epoch = epoch_of(self.db)
            if epoch != self._epoch and self._known:
                self._known.clear()
                prepared = self._prepare(document, contents)
            known: dict[int, _Known] = {}
            stored = {key: self._store(*each, known) for key, each in prepared.items()}
            yield [stored[id(content)] for content in contents]
        self._epoch = epoch
        self._remember(document, known)

    def forget(self, document: str) -> None:
        """Let go of the cells of a document."""
        self._known.pop(document, None)

    def load(self, manifests: Iterable[int]) -> dict[int, Content]:
        """Contents by the numbers of their manifests, without those that are damaged.

        Cells that several have in common are the same objects.
        """
        found = {number: self._manifest(number) for number in set(manifests)}
        keys = {number: list(map(_key, each["cells"])) for number, each in found.items() if each}
        cells = self._cells({key for each in keys.values() for key in each})
        return {
            number: {**(found[number] or {}), "cells": [cells[key] for key in each]}
            for number, each in keys.items()
            if cells.keys() >= set(each)
        }

    def used(self, after: int = 0, limit: int = -1) -> tuple[set[int], int]:
        """The parts of so many manifests with higher numbers than `after`, and the last of these.

        Raises:
            ValueError: a manifest is damaged, so that nobody knows which parts it needs.
        """
        rows = self.db.execute(
            "SELECT hash, packed, data, number FROM manifests WHERE number > ? "
            "ORDER BY number LIMIT ?",
            (after, limit),
        ).fetchall()
        parts: set[int] = set()
        for *columns, _ in rows:
            keys = set(map(_key, decode(unpack(_part(*columns)))["cells"]))
            parts.update(_numbers(keys))
        return parts, rows[-1][3] if rows else after

    def _prepare(
        self, document: str, contents: Sequence[Content]
    ) -> dict[int, tuple[Content, list[_Known | _Fresh]]]:
        """Encode what is not known, before anybody has to wait for it."""
        known = self._known.get(document, {})
        distinct = {id(each): each for each in contents}
        return {key: (each, _entries(each["cells"], known)) for key, each in distinct.items()}

    def _store(
        self, content: Content, entries: list[_Known | _Fresh], known: dict[int, _Known]
    ) -> Stored:
        cells = [each if isinstance(each, _Known) else self._keep(each) for each in entries]
        known.update((id(each.cell), each) for each in cells)
        manifest = encode({**content, "cells": [each.key for each in cells]})
        number = self._insert("manifests", pack(manifest))
        return Stored(number, len(cells), len(manifest) + sum(each.size for each in cells))

    def _keep(self, fresh: _Fresh) -> _Known:
        cell, *outputs = map(self._number, fresh.parts)
        return _Known(fresh.cell, (cell, outputs[0]) if outputs else cell, fresh.size)

    def _number(self, part: Part) -> int:
        """The number of a part, which is added unless it is there."""
        for number, *columns in self.db.execute(
            "SELECT number, hash, packed, data FROM parts WHERE hash = ?", (part.hash,)
        ):
            if _part(*columns).same(part):
                return int(number)
        return self._insert("parts", part)

    def _insert(self, table: str, part: Part) -> int:
        row = self.db.execute(
            f"INSERT INTO {table} (hash, packed, data) VALUES (?, ?, ?)",
            (part.hash, part.packed, part.data),
        )
        return row.lastrowid or 0

    def _remember(self, document: str, known: dict[int, _Known]) -> None:
        self._known.pop(document, None)
        self._known[document] = known
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]

    def _manifest(self, number: int) -> dict[str, Any] | None:
        row = self.db.execute(
            "SELECT hash, packed, data FROM manifests WHERE number = ?", (number,)
        ).fetchone()
        with suppress(ValueError):
            return dict(decode(unpack(_part(*row))))
        return None

    def _cells(self, keys: set[Key]) -> dict[Key, Cell]:
        """The cells that are made of these parts, without those that are damaged."""
        values = self._values(_numbers(keys))
        cells = {}
        for key in keys:
            numbers = (key,) if isinstance(key, int) else key
            if all(number in values for number in numbers):
                cells[key] = join(*(values[number] for number in numbers))
        return cells

    def _values(self, numbers: set[int]) -> dict[int, Any]:
        """What sound parts stand for, by their numbers."""
        values = {}
        for batch in _batches(sorted(numbers)):
            places = ",".join("?" * len(batch))
            rows = self.db.execute(
                f"SELECT number, hash, packed, data FROM parts WHERE number IN ({places})", batch
            ).fetchall()
            for number, *columns in rows:
                with suppress(ValueError):
                    values[number] = decode(unpack(_part(*columns)))
        return values


def _entries(cells: list[Cell], known: dict[int, _Known]) -> list[_Known | _Fresh]:
    entries: list[_Known | _Fresh] = []
    for cell in cells:
        there = known.get(id(cell))
        entries.append(there if there is not None and there.cell is cell else _fresh(cell))
    return entries


def _fresh(cell: Cell) -> _Fresh:
    pieces = split(cell)
    return _Fresh(cell, [pack(piece) for piece in pieces], sum(map(len, pieces)))


def _key(numbers: Any) -> Key:
    """The key that JSON made of `numbers`."""
    return numbers if isinstance(numbers, int) else (numbers[0], numbers[1])


def _numbers(keys: set[Key]) -> set[int]:
    """The numbers of all parts in keys."""
    found = {key for key in keys if isinstance(key, int)}
    return found.union(*(key for key in keys if not isinstance(key, int)))


def _part(hash: bytes, packed: int, data: bytes) -> Part:
    return Part(hash, bool(packed), data)


def _batches(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), _BATCH):
        yield numbers[start : start + _BATCH]
