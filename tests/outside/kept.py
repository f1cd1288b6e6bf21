"""What a server's store holds beside the documents: versions, and bytes that were set aside."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.model import Version
from jupyter_crdt_autosave.storage.archive import Archive
from jupyter_crdt_autosave.storage.history import read_history
from jupyter_crdt_autosave.storage.record import decode_kept


def versions(store: Path) -> list[tuple[Version, dict[str, Any]]]:
    """The versions of all notebooks, each with its content."""
    with closing(Archive(str(store / "archive.db"))) as archive:
        return [
            archive.read_version(version.id)
            for document in (store / "documents").iterdir()
            for version in archive.versions(document.name)
        ]


def sources(store: Path) -> list[str]:
    """The texts of the cells in all versions."""
    return ["".join(cell["source"]) for _, content in versions(store) for cell in content["cells"]]


def set_aside(store: Path) -> list[bytes]:
    """The bytes that were set aside, of all notebooks."""
    histories = (read_history(OSDisk(), str(one)) for one in (store / "documents").iterdir())
    return [decode_kept(note.payload).data for history in histories for note in history.kept]
