"""The points where files and documents agreed, in the archive's database."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from ..model import Fingerprint
from .contents import Contents, Stored
from .moment import earlier
from .parts import Content

KEPT = 3600.0
"""Seconds that a baseline may be older than the newest one."""


@dataclass(frozen=True)
class StoredBaseline:
    """A point where file and document agreed, with what both held.

    ``file`` is known by its bytes alone, ``content`` is what these parse to, and ``document`` the
    document's own content: the same object where nothing was left out of the file. ``exported``
    says that it was we who wrote the file.
    """

    file: Fingerprint
    at: str
    content: Content
    document: Content
    exported: bool = False


def insert_baseline(
    db: sqlite3.Connection, document: str, baseline: StoredBaseline, content: Stored, own: Stored
) -> int:
    """Add a baseline whose contents are stored, and give its number; belongs in a transaction."""
    file, manifests = baseline.file, (content.manifest, own.manifest)
    row = db.execute(
        "INSERT INTO baselines (document, hash, size, at, exported, in_file, in_document) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (document, file.hash, file.size, baseline.at, baseline.exported, *manifests),
    )
    return row.lastrowid or 0


def forget_before(db: sqlite3.Connection, document: str, number: int, at: str) -> None:
    """Remove the baselines that were added before one, and are too old beside it, which is of `at`.

    Raises:
        ValueError: that is no time.
    """
    db.execute(
        "DELETE FROM baselines WHERE document = ? AND number < ? AND at < ?",
        (document, number, earlier(at, KEPT)),
    )


def read_baselines(stock: Contents, document: str, since: str) -> list[StoredBaseline]:
    """The baseline that was added last, and before it those since a time, but no damaged ones."""
    # Not in one transaction, for which others would have to wait: what is forgotten meanwhile is
    # left out.
    rows = stock.db.execute(
        "SELECT hash, size, at, exported, in_file, in_document FROM baselines WHERE document = ? "
        "ORDER BY number DESC",
        (document,),
    ).fetchall()
    rows = rows[:1] + [row for row in rows[1:] if row[2] >= since]
    contents = stock.load(manifest for row in rows for manifest in row[4:])
    return [
        StoredBaseline(
            Fingerprint(hash, size), at, contents[in_file], contents[in_document], bool(exported)
        )
        for hash, size, at, exported, in_file, in_document in rows
        if in_file in contents and in_document in contents
    ]
