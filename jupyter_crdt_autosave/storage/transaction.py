"""Transactions of an SQLite connection that begins none by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def reading(db: sqlite3.Connection) -> Iterator[None]:
    """Let everything that is read in a block be of one moment."""
    yield from _transaction(db, "BEGIN")


@contextmanager
def writing(db: sqlite3.Connection) -> Iterator[None]:
    """Let everything that is written in a block be there durably, or nothing of it.

    From the beginning, not only from the first write on, nobody else writes.
    """
    yield from _transaction(db, "BEGIN IMMEDIATE")


def _transaction(db: sqlite3.Connection, begin: str) -> Iterator[None]:
    db.execute(begin)
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # Some failures end the transaction by themselves.
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise
