"""The entries of timelines in the archive's database."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import VersionMissing
from ..model import Version
from .contents import Contents, Stored
from .parts import Content
from .transaction import reading, writing

_COLUMNS = "id, document, kind, side, created, cells, size, about"


@dataclass(frozen=True)
class Draft:
    """A version that is going to be kept; the fields are those of `Version`."""

    kind: str
    side: str | None
    created: str
    content: Content
    name: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


def insert_version(db: sqlite3.Connection, document: str, draft: Draft, stored: Stored) -> Version:
    """Add a version whose content is stored; belongs in a transaction."""
    version = Version(
        id=secrets.token_hex(16),
        document=document,
        kind=draft.kind,
        side=draft.side,
        name=draft.name,
        created=draft.created,
        cells=stored.cells,
        size=stored.size,
        details=draft.details,
    )
    plain = (version.id, document, version.kind, version.side, version.created)
    db.execute(
        f"INSERT INTO versions ({_COLUMNS}, manifest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*plain, version.cells, version.size, _about(version), stored.manifest),
    )
    return version


def list_versions(db: sqlite3.Connection, document: str) -> list[Version]:
    """The versions of a document, newest first; of one moment, the one added last first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM versions WHERE document = ? AND removed IS NULL "
        "ORDER BY created DESC, number DESC",
        (document,),
    )
    return [_version_of(row) for row in rows]


def read_version(stock: Contents, id: str) -> tuple[Version, Content | None]:
    """A version and its content: None where that is damaged.

    Raises:
        VersionMissing: there is none with that id.
    """
    with reading(stock.db):
        manifest, version = _find(stock.db, id)
        return version, stock.load([manifest]).get(manifest)


def find_version(db: sqlite3.Connection, id: str) -> Version:
    """A version without its content.

    Raises:
        VersionMissing: there is none with that id.
    """
    return _find(db, id)[1]


def rename_version(db: sqlite3.Connection, id: str, name: str | None) -> Version:
    """Give a version a name, or take it away.

    Raises:
        VersionMissing: there is none with that id.
    """
    with writing(db):
        version = replace(_find(db, id)[1], name=name)
        db.execute("UPDATE versions SET about = ? WHERE id = ?", (_about(version), id))
    return version


def amend_version(db: sqlite3.Connection, id: str, details: dict[str, Any]) -> Version:
    """Replace what a version's kind adds to it.

    Raises:
        VersionMissing: there is none with that id.
    """
    with writing(db):
        version = replace(find_version(db, id), details=details)
        db.execute("UPDATE versions SET about = ? WHERE id = ?", (_about(version), id))
    return version


def remove_version(db: sqlite3.Connection, id: str, at: str) -> Version:
    """Let nobody see a version any more.

    Raises:
        VersionMissing: there is none with that id.
    """
    with writing(db):
        version = _find(db, id)[1]
        db.execute("UPDATE versions SET removed = ? WHERE id = ?", (at, id))
    return version


def bring_back_version(db: sqlite3.Connection, id: str) -> Version:
    """Show a version again that was removed.

    Raises:
        VersionMissing: there is none with that id, or no longer.
    """
    with writing(db):
        if id.isascii():
            db.execute("UPDATE versions SET removed = NULL WHERE id = ?", (id,))
        return _find(db, id)[1]


def _find(db: sqlite3.Connection, id: str) -> tuple[int, Version]:
    """A version, and the number of its manifest."""
    row = None
    # Otherwise not one of ours, and perhaps nothing that the database takes.
    if id.isascii():
        row = db.execute(
            f"SELECT manifest, {_COLUMNS} FROM versions WHERE id = ? AND removed IS NULL", (id,)
        ).fetchone()
    if row is None:
        raise VersionMissing(f"There is no version {id}; it may have been removed.")
    return row[0], _version_of(row[1:])


def _about(version: Version) -> str:
    # As ASCII, because a column of text takes no lone surrogates.
    return json.dumps({"name": version.name, "details": version.details})


def _version_of(row: Iterable[Any]) -> Version:
    id, document, kind, side, created, cells, size, about = row
    more = json.loads(about)
    return Version(
        id, document, kind, side, more["name"], created, cells, size, more.get("details", {})
    )
