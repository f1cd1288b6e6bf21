"""The tables of the archive, and how those of earlier formats become today's.

::

    parts       what cells are kept as; found by hash, which several may have in common
    manifests   one content each: its metadata, and for each cell the numbers of its parts
    pieces      the same numbers by foreign keys, so that no part goes that a manifest needs
    versions    entries of timelines, each with the manifest of its content; `removed` says when
                somebody removed one who may still want it back
    baselines   points where file and document agreed, with the manifests of both
    epoch       one token, replaced whenever parts were removed
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable

from ..errors import FormatTooNew
from .pieces import link_all
from .transaction import writing

Step = str | Callable[[sqlite3.Connection], None]

MIGRATIONS: list[tuple[Step, ...]] = [
    (
        # Numbers are not used again, so that one that is too old never means something else.
        """CREATE TABLE parts (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            hash BLOB NOT NULL,
            packed INTEGER NOT NULL,
            data BLOB NOT NULL
        )""",
        "CREATE INDEX parts_by_hash ON parts (hash)",
        """CREATE TABLE manifests (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            hash BLOB NOT NULL,
            packed INTEGER NOT NULL,
            data BLOB NOT NULL
        )""",
        """CREATE TABLE versions (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            document TEXT NOT NULL,
            kind TEXT NOT NULL,
            side TEXT,
            created TEXT NOT NULL,
            cells INTEGER NOT NULL,
            size INTEGER NOT NULL,
            about TEXT NOT NULL,
            manifest INTEGER NOT NULL REFERENCES manifests
        )""",
        "CREATE INDEX versions_of_documents ON versions (document, created)",
        "CREATE INDEX manifests_of_versions ON versions (manifest)",
        """CREATE TABLE baselines (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            document TEXT NOT NULL,
            hash TEXT NOT NULL,
            size INTEGER NOT NULL,
            at TEXT NOT NULL,
            exported INTEGER NOT NULL,
            in_file INTEGER NOT NULL REFERENCES manifests,
            in_document INTEGER NOT NULL REFERENCES manifests
        )""",
        "CREATE INDEX baselines_of_documents ON baselines (document)",
        "CREATE INDEX manifests_in_files ON baselines (in_file)",
        "CREATE INDEX manifests_in_documents ON baselines (in_document)",
        "CREATE TABLE epoch (token TEXT NOT NULL)",
        "INSERT INTO epoch VALUES ('')",
    ),
    (
        """CREATE TABLE pieces (
            part INTEGER NOT NULL REFERENCES parts,
            manifest INTEGER NOT NULL REFERENCES manifests ON DELETE CASCADE,
            PRIMARY KEY (part, manifest)
        ) WITHOUT ROWID""",
        "CREATE INDEX pieces_of_manifests ON pieces (manifest)",
        link_all,
        "CREATE INDEX manifests_by_hash ON manifests (hash)",
        "ALTER TABLE versions ADD COLUMN removed TEXT",
    ),
]
"""What makes each format of the one before it; the first is made of an empty database."""

TABLES = {"parts", "manifests", "pieces", "versions", "baselines", "epoch"}

_SETTINGS = (
    # To be able to give space back.
    "PRAGMA auto_vacuum = INCREMENTAL",
    # Not WAL, which needs memory that processes share: network file systems have none. And not
    # DELETE, where a power cut may undo a commit for want of a sync of the folder.
    "PRAGMA journal_mode = TRUNCATE",
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",
    "PRAGMA foreign_keys = ON",
    # What was purged is gone from the file.
    "PRAGMA secure_delete = ON",
)


class NotOurs(sqlite3.DatabaseError):
    """A database, but not one with the tables of the archive."""


def format_of(db: sqlite3.Connection) -> int:
    """The format of a database; 0 of an empty one."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def check_format(db: sqlite3.Connection, path: str) -> int:
    """The format of a database that is one of those known.

    Raises:
        FormatTooNew: it is not; a later version of this package made it.
    """
    found, known = format_of(db), len(MIGRATIONS)
    if found > known:
        raise FormatTooNew(
            f"The versions in {path} have format {found}; this version knows up to {known}. "
            "Upgrade jupyter_crdt_autosave; the file was left untouched."
        )
    return found


def prepare(db: sqlite3.Connection, path: str) -> None:
    """Make a database ready for use: set it up, and bring it to today's format.

    Raises:
        FormatTooNew: a later version of this package made it; it was left untouched.
        NotOurs: it is of something else.
        sqlite3.Error: it cannot be read or written.
    """
    found, known = check_format(db, path), len(MIGRATIONS)
    for setting in _SETTINGS:
        db.execute(setting)
    if found < known:
        with writing(db):
            _migrate(db)
    if not _tables(db) >= TABLES:
        raise NotOurs(f"{path} has no versions in it.")


def renew_epoch(db: sqlite3.Connection) -> None:
    """Tell everybody that parts which they know may be gone."""
    db.execute("UPDATE epoch SET token = ?", (secrets.token_hex(8),))


def epoch_of(db: sqlite3.Connection) -> str:
    """What stays as it is for as long as no part is removed."""
    return str(db.execute("SELECT token FROM epoch").fetchone()[0])


def _migrate(db: sqlite3.Connection) -> None:
    """Do what is missing, seen again now that nobody else writes."""
    found = format_of(db)
    if found == 0 and _tables(db):
        raise NotOurs("The database was made by another program.")
    for steps in MIGRATIONS[found:]:
        for step in steps:
            if isinstance(step, str):
                db.execute(step)
            else:
                step(db)
    if found < len(MIGRATIONS):
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        renew_epoch(db)


def _tables(db: sqlite3.Connection) -> set[str]:
    return {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
