"""Notebook contents in the database: a manifest for each, and parts that many share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from .parts import Cell, Content, Part, decode, encode, join, pack, split, unpack
from .pieces import Key, batches, key_of, link, numbers_of, part_of, present
from .schema import epoch_of
from .transaction import writing

REMEMBERED = 8
"""Of how many documents the cells that were stored last are known."""


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
            if epoch != self._epoch and self._forget_removed():
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
        keys = {number: list(map(key_of, each["cells"])) for number, each in found.items() if each}
        cells = self._cells({key for each in keys.values() for key in each})
        return {
            number: {**(found[number] or {}), "cells": [cells[key] for key in each]}
            for number, each in keys.items()
            if cells.keys() >= set(each)
        }

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
        number, fresh = self._number("manifests", pack(manifest))
        if fresh:
            link(self.db, number, numbers_of(each.key for each in cells))
        return Stored(number, len(cells), len(manifest) + sum(each.size for each in cells))

    def _keep(self, fresh: _Fresh) -> _Known:
        cell, *outputs = (self._number("parts", part)[0] for part in fresh.parts)
        return _Known(fresh.cell, (cell, outputs[0]) if outputs else cell, fresh.size)

    def _number(self, table: str, part: Part) -> tuple[int, bool]:
        """The number of a part or a manifest, and whether it had to be added."""
        for number, *columns in self.db.execute(
            f"SELECT number, hash, packed, data FROM {table} WHERE hash = ?", (part.hash,)
        ):
            if part_of(*columns).same(part):
                return int(number), False
        row = self.db.execute(
            f"INSERT INTO {table} (hash, packed, data) VALUES (?, ?, ?)",
            (part.hash, part.packed, part.data),
        )
        return row.lastrowid or 0, True

    def _forget_removed(self) -> bool:
        """Let go of the cells that lack a part by now; True if there are any."""
        known = [each for cells in self._known.values() for each in cells.values()]
        numbers = numbers_of(each.key for each in known)
        gone = numbers - present(self.db, numbers)
        lacking = {id(each.cell) for each in known if numbers_of([each.key]) & gone}
        for cells in self._known.values():
            for cell in cells.keys() & lacking:
                del cells[cell]
        return bool(lacking)

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
            return dict(decode(unpack(part_of(*row))))
        return None

    def _cells(self, keys: set[Key]) -> dict[Key, Cell]:
        """The cells that are made of these parts, without those that are damaged."""
        values = self._values(numbers_of(keys))
        cells = {}
        for key in keys:
            numbers = (key,) if isinstance(key, int) else key
            if all(number in values for number in numbers):
                cells[key] = join(*(values[number] for number in numbers))
        return cells

    def _values(self, numbers: set[int]) -> dict[int, Any]:
        """What sound parts stand for, by their numbers."""
        values = {}
        for batch in batches(sorted(numbers)):
            places = ",".join("?" * len(batch))
            rows = self.db.execute(
                f"SELECT number, hash, packed, data FROM parts WHERE number IN ({places})", batch
            ).fetchall()
            for number, *columns in rows:
                with suppress(ValueError):
                    values[number] = decode(unpack(part_of(*columns)))
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
