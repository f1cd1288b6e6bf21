"""Removing the contents, and the parts of contents, that nothing refers to any more."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from .contents import Contents
from .schema import renew_epoch
from .transaction import writing

_MANIFESTS = 50

_UNUSED = """
    DELETE FROM manifests
    WHERE NOT EXISTS (SELECT 1 FROM versions WHERE manifest = manifests.number)
    AND NOT EXISTS (SELECT 1 FROM baselines WHERE in_file = manifests.number)
    AND NOT EXISTS (SELECT 1 FROM baselines WHERE in_document = manifests.number)
"""


def sweep(stock: Contents) -> int:
    """Remove what nothing refers to, and give the space back; how many rows that were.

    As long as a manifest is damaged no part is removed: it may be one that this manifest needs.

    Raises:
        sqlite3.Error: the database cannot be read or written; nothing that is needed is missing.
    """
    with writing(stock.db):
        removed = stock.db.execute(_UNUSED).rowcount
    with suppress(ValueError):
        removed += _sweep_parts(stock)
    # As a script, because that runs it to its end and not for one page only.
    stock.db.executescript("PRAGMA incremental_vacuum")
    return removed


def _sweep_parts(stock: Contents) -> int:
    """Most manifests are read while others can write; those that came meanwhile, afterwards."""
    used, last, read = set[int](), 0, -1
    while read != last:
        read = last
        parts, last = stock.used(after=read, limit=_MANIFESTS)
        used |= parts
    with writing(stock.db):
        used |= stock.used(after=last)[0]
        unused = [row for row in stock.db.execute("SELECT number FROM parts") if row[0] not in used]
        _remove(stock.db, unused)
    return len(unused)


def _remove(db: sqlite3.Connection, parts: list[tuple[int]]) -> None:
    db.executemany("DELETE FROM parts WHERE number = ?", parts)
    if parts:
        renew_epoch(db)
