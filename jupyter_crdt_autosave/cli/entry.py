"""One document as `list` and `show` tell of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import FormatTooNew
from ..model import Version
from ..storage.store import About
from .reading import Reading
from .session import Session
from .words import place

Entry = dict[str, Any]

_STATES = {
    "saved": "in its file",
    "ahead": "ahead of its file",
    "missing": "its file is gone",
    "damaged": "damaged",
}


def entry_of(session: Session, about: About, versions: Sequence[Version] | None) -> Entry:
    """What is told of a document; `versions` is None if they cannot be read."""
    told = _facts(about, versions)
    try:
        reading = Reading(session.disk, session.store, about)
        return {**told, **_journal(reading)}
    except (OSError, FormatTooNew) as error:
        return {**told, "state": "unreadable", "error": str(error)}


def label(entry: Entry) -> str:
    """The state of a document in words."""
    if entry["state"] == "released":
        return f"released ({entry['released']})"
    return _STATES.get(entry["state"], "cannot be read")


def name_of(entry: Entry) -> str:
    """What users call a document."""
    return place(entry["path"] or entry["name"])


def _facts(about: About, versions: Sequence[Version] | None) -> Entry:
    return {
        "id": about.id,
        "path": about.identity or None,
        "name": about.path,
        "state": None,
        "released": about.released,
        "released_at": about.released_at,
        "file": None,
        "open": None,
        "changed_at": None,
        "journal": None,
        "versions": None if versions is None else _sum(versions),
        "error": None,
    }


def _journal(reading: Reading) -> Entry:
    return {
        "state": reading.state,
        "file": reading.file,
        "open": reading.open,
        "changed_at": reading.changed_at,
        "journal": {"size": reading.history.size, "damaged": reading.history.damaged},
    }


def _sum(versions: Sequence[Version]) -> dict[str, int]:
    return {"count": len(versions), "size": sum(version.size for version in versions)}
