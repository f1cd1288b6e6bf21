"""What a store's archive has of its notebooks."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from jupyter_crdt_autosave.storage.archive import Archive


class Entry(NamedTuple):
    """One version: what it is, and the sources of its cells."""

    kind: str
    side: str | None
    sources: list[str]
    details: dict[str, Any]


def versions_in(store: Path) -> list[Entry]:
    """Every version of every document, the oldest of each document first."""
    with closing(Archive(str(store / "archive.db"))) as archive:
        return [
            _entry(archive, version.id)
            for document in sorted((store / "documents").iterdir())
            for version in reversed(archive.versions(document.name))
        ]


def _entry(archive: Archive, id: str) -> Entry:
    version, content = archive.read_version(id)
    sources = [cell["source"] for cell in content["cells"]]
    return Entry(version.kind, version.side, sources, version.details)
