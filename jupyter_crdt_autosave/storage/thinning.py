"""Removing versions that have had their time, and those that somebody cleared."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from ..retention import DAY, NAMED, Entry, Keep, outdated
from .moment import earlier, seconds_of
from .transaction import reading, writing

GRACE = DAY
"""Seconds for which a version that was removed can be brought back."""

_NAMED = f"(kind = '{NAMED}' OR json_extract(about, '$.name') IS NOT NULL)"
_CLEARABLE = f"(document = ? AND (removed IS NOT NULL OR NOT {_NAMED}))"

_FREED = f"""
    WITH freed AS (
        SELECT DISTINCT manifest AS number FROM versions AS mine WHERE {_CLEARABLE}
        AND NOT EXISTS (
            SELECT 1 FROM versions WHERE manifest = mine.manifest AND NOT {_CLEARABLE}
        )
        AND NOT EXISTS (SELECT 1 FROM baselines WHERE in_file = mine.manifest)
        AND NOT EXISTS (SELECT 1 FROM baselines WHERE in_document = mine.manifest)
    )
"""
_MANIFEST_BYTES = (
    "SELECT sum(length(data)) FROM manifests WHERE number IN (SELECT number FROM freed)"
)
_PART_BYTES = """
    SELECT sum(length(data)) FROM parts
    WHERE number IN (SELECT part FROM pieces WHERE manifest IN (SELECT number FROM freed))
    AND NOT EXISTS (
        SELECT 1 FROM pieces
        WHERE part = parts.number AND manifest NOT IN (SELECT number FROM freed)
    )
"""


@dataclass(frozen=True)
class Holdings:
    """What clearing a document would remove: versions, and the bytes that nobody else needs."""

    versions: int
    size: int


def thin(db: sqlite3.Connection, document: str, now: str, keep: Keep) -> int:
    """Remove the versions of a document that have had their time; how many these were.

    Raises:
        ValueError: `now` is no moment.
    """
    # Decided before anybody has to wait; one that is given a name meanwhile is not removed.
    rows = db.execute(
        f"SELECT number, kind, created, about, {_NAMED} FROM versions "
        "WHERE document = ? AND removed IS NULL",
        (document,),
    ).fetchall()
    entries = [_entry(number, kind, at, named) for number, kind, at, _, named in rows]
    gone = outdated(entries, seconds_of(now), keep)
    seen = [(number, about) for number, _, _, about, _ in rows if str(number) in gone]
    with writing(db):
        removed = db.executemany("DELETE FROM versions WHERE number = ? AND about = ?", seen)
        expired = db.execute(
            "DELETE FROM versions WHERE document = ? AND removed < ?",
            (document, earlier(now, GRACE)),
        )
    return max(removed.rowcount, 0) + expired.rowcount


def clear(db: sqlite3.Connection, document: str) -> None:
    """Remove the versions of a document but those with a name; belongs in a transaction."""
    db.execute(f"DELETE FROM versions WHERE {_CLEARABLE}", (document,))


def holdings(db: sqlite3.Connection, document: str) -> Holdings:
    """What `clear` would remove."""
    with reading(db):
        (versions,) = db.execute(
            f"SELECT count(*) FROM versions WHERE {_CLEARABLE}", (document,)
        ).fetchone()
        sizes = [
            db.execute(_FREED + size, (document, document)).fetchone()[0] or 0
            for size in (_MANIFEST_BYTES, _PART_BYTES)
        ]
    return Holdings(versions, sum(sizes))


def documents(db: sqlite3.Connection) -> list[str]:
    """The documents that have versions."""
    return [document for (document,) in db.execute("SELECT DISTINCT document FROM versions")]


def _entry(number: int, kind: str, created: str, named: Any) -> Entry:
    return Entry(str(number), kind, seconds_of(created), bool(named))
