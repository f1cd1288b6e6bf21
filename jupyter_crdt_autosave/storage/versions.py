"""The entries of timelines in the archive's database."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..model import Version
from .contents import Contents, Stored
from .parts import Content
from .transaction import reading

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
    # As ASCII, because a column of text takes no lone surrogates.
    about = json.dumps({"name": version.name, "details": version.details})
    plain = (version.id, document, version.kind, version.side, version.created)
    db.execute(
        f"INSERT INTO versions ({_COLUMNS}, manifest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*plain, version.cells, version.size, about, stored.manifest),
    )
    return version


def list_versions(db: sqlite3.Connection, document: str) -> list[Version]:
    """The versions of a document, newest first; of one moment, the one added last first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM versions WHERE document = ? ORDER BY created DESC, number DESC",
        (document,),
    )
    return [_version_of(row) for row in rows]


def read_version(stock: Contents, id: str) -> tuple[Version | None, Content | None]:
    """A version and its content: None where there is none, or where it is damaged."""
    if not id.isascii():
        # Not one of ours, and perhaps nothing that the database takes.
        return None, None
    with reading(stock.db):
        row = stock.db.execute(
            f"SELECT manifest, {_COLUMNS} FROM versions WHERE id = ?", (id,)
        ).fetchone()
        if row is None:
            return None, None
        manifest, *columns = row
        return _version_of(columns), stock.load([manifest]).get(manifest)


def _version_of(row: Iterable[Any]) -> Version:
    id, document, kind, side, created, cells, size, about = row
    more = json.loads(about)
    return Version(
        id, document, kind, side, more["name"], created, cells, size, more.get("details", {})
    )
