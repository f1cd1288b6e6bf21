"""What documents hold that nobody has open.

A process of its own: replaying a document holds the interpreter for long at a time.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing, suppress
from typing import Any

from ..disk import Disk, OSDisk
from ..document.untracked import UntrackedNotebook
from ..errors import AutosaveError, NotebookError
from ..merge.decisions import Content
from ..model import Position
from ..notebook import Sheet, digest, normalise, read
from ..storage.archive import archive_in
from ..storage.compaction import replay
from ..storage.history import History, read_history
from ..storage.record import decode_kept
from ..storage.store import Store
from ..storage.survey import Survey, stamp_of
from .clock import utc_at


def survey(store: Store, disk: Disk, documents: list[str]) -> None:
    """Look documents through, and note what they are like. Blocks.

    One that cannot be read now is left as it is.
    """
    for document in documents:
        folder = store.folder(document)
        with suppress(OSError, AutosaveError):
            stamp, history = stamp_of(folder), read_history(disk, folder)
            content = _content(store, document, history)
            store.note(document, Survey.of(content, utc_at(history.last_at), stamp))


def held(store: Store, disk: Disk, document: str) -> tuple[Content, Position]:
    """What a document holds, and the journal position that this goes with. Blocks.

    Raises:
        OSError: its journal cannot be read.
        FormatTooNew: a later version of this package wrote it.
    """
    history = read_history(disk, store.folder(document))
    return _content(store, document, history), history.position


def _content(store: Store, document: str, history: History) -> Content:
    """The document; of one that was damaged beyond that, the newest of what else there is."""
    notebook = UntrackedNotebook(replay(history.updates))
    found: dict[str, Any] = notebook.get(deduplicate=False)
    if not found["cells"]:
        found = _archived(store, document) or _kept(history) or found
    return normalise(found)


def _archived(store: Store, document: str) -> dict[str, Any] | None:
    with suppress(AutosaveError), closing(archive_in(store.root)) as archive:
        for baseline in archive.baselines(document, ""):
            return baseline.document
        for version in archive.versions(document):
            return archive.read_version(version.id)[1]
    return None


def _kept(history: History) -> dict[str, Any] | None:
    for note in reversed(history.kept):
        with suppress(NotebookError, ValueError, LookupError):
            return read(decode_kept(note.payload).data).content
    return None


def _lines(content: Content, position: Position) -> list[str]:
    """What is around the cells, then the cells, one by one: whoever reads them can take breath."""
    facts = digest(content)
    around = {key: content[key] for key in content if key != "cells"}
    head = {
        "notebook": around,
        "position": position,
        "content": facts.content,
        "substance": facts.substance,
    }
    return [json.dumps(part) for part in (head, *content["cells"])]


def main(purpose: str, root: str, *documents: str) -> None:
    """Note what documents are like, or put out what one holds: as a file, or line by line."""
    disk = OSDisk()
    store = Store(disk, root)
    if purpose == "survey":
        survey(store, disk, list(documents))
        return
    content, position = held(store, disk, documents[0])
    if purpose == "file":
        data = Sheet().render(content).data
    else:
        data = "\n".join(_lines(content, position)).encode()
    with os.fdopen(sys.stdout.fileno(), "wb", closefd=False) as out:
        out.write(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
