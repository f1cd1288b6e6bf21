"""Removing the contents, and the parts of contents, that nothing refers to any more."""

from __future__ import annotations

import sqlite3
import time

from .schema import renew_epoch
from .transaction import writing

STEP = 0.05
"""Seconds for which a step keeps others from writing, and a little more to make it durable."""

PAUSE = 0.1
"""Seconds between two steps: as long as somebody who waits may sleep before trying again."""

_ROWS, _PAGES = 500, 1000

UNUSED = {
    "manifests": """
        NOT EXISTS (SELECT 1 FROM versions WHERE manifest = manifests.number)
        AND NOT EXISTS (SELECT 1 FROM baselines WHERE in_file = manifests.number)
        AND NOT EXISTS (SELECT 1 FROM baselines WHERE in_document = manifests.number)
    """,
    "parts": "NOT EXISTS (SELECT 1 FROM pieces WHERE part = parts.number)",
}
"""What makes a row of these tables garbage. Parts are no longer needed once manifests are gone."""


def sweep(db: sqlite3.Connection, until: float) -> tuple[int, bool]:
    """Remove what nothing refers to and give the space back, in steps between which others write.

    Args:
        db: the archive's database.
        until: when no further step begins, on the monotonic clock; one step is done at least.

    Returns:
        How many rows were removed, and whether nothing is left to do.

    Raises:
        sqlite3.Error: the database cannot be read or written; nothing that is needed is missing.
    """
    removed = 0
    for table in UNUSED:
        while rows := _step(db, table):
            removed += rows
            if not _paused(until):
                return removed, False
    while free := _free_pages(db):
        # As a script, because that runs it to its end and not for one page only.
        db.executescript(f"PRAGMA incremental_vacuum({_PAGES})")
        if _free_pages(db) == free:
            break
        if not _paused(until):
            return removed, False
    return removed, True


def _paused(until: float) -> bool:
    """Let others have their turn; False, at once, if there is no time for that."""
    in_time = time.monotonic() + PAUSE < until
    if in_time:
        time.sleep(PAUSE)
    return in_time


def _step(db: sqlite3.Connection, table: str) -> int:
    """Remove some of a table's garbage; 0 if there is none."""
    until, removed = time.monotonic() + STEP, 0
    with writing(db):
        for row in db.execute(
            f"SELECT number FROM {table} WHERE {UNUSED[table]} LIMIT {_ROWS}"
        ).fetchall():
            db.execute(f"DELETE FROM {table} WHERE number = ?", row)
            removed += 1
            if time.monotonic() >= until:
                break
        if removed and table == "parts":
            renew_epoch(db)
    return removed


def _free_pages(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA freelist_count").fetchone()[0])
