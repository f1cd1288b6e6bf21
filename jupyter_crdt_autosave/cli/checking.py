"""Checking what a store says of its documents. Nothing is changed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..disk import Disk
from ..errors import DocumentUnreadable, FormatTooNew
from ..storage.compaction import DAMAGED
from ..storage.history import SegmentReading
from ..storage.purging import PURGED
from ..storage.store import About, Store
from .reading import Reading
from .words import place

_LOOKS = 5
_BETWEEN = 0.05
"""Looks, and seconds between them, at a journal to which a server may just be writing."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    ``kind`` is ``journal``, ``document``, ``pointer``, ``archive``, ``aside`` or ``purge``;
    ``where`` a path. ``fault`` says that something is wrong now; the others are worth knowing.
    """

    kind: str
    where: str
    message: str
    fault: bool = True

    def to_json(self) -> dict[str, Any]:
        """The finding as `verify` tells it."""
        return {
            "kind": self.kind,
            "where": self.where,
            "message": self.message,
            "fault": self.fault,
        }


def check_document(disk: Disk, store: Store, about: About) -> Iterator[Finding]:
    """Check one document: whether its journal can be read, and is a notebook."""
    folder = store.folder(about.id)
    if not about.identity:
        yield Finding("document", folder, "Nothing says which notebook this is.")
    if about.released == PURGED:
        text = "Its purge was interrupted; `purge` and `compact` finish it."
        yield Finding("purge", folder, text, fault=False)
    if os.path.isdir(os.path.join(folder, DAMAGED)):
        text = "What could not be read of it was put aside."
        yield Finding("aside", os.path.join(folder, DAMAGED), text, fault=False)
    try:
        reading = _read(disk, store, about)
    except (OSError, FormatTooNew) as error:
        yield Finding("journal", folder, str(error))
        return
    for segment in reading.history.segments:
        if segment.damaged:
            yield Finding("journal", segment.path, _damage(segment))
    if not reading.history.empty:
        try:
            assert reading.content
        except DocumentUnreadable as error:
            yield Finding("document", folder, str(error))


def check_pointers(disk: Disk, store: Store, every: list[About]) -> Iterator[Finding]:
    """Check that each notebook leads to its document, and to one only."""
    known = {about.id: about for about in every}
    folder = os.path.join(store.root, "paths")
    try:
        names = disk.list(folder)
    except OSError as error:
        yield Finding("pointer", folder, f"It cannot be read: {error.strerror or error}.")
        names = []
    for name in names:
        path = os.path.join(folder, name)
        if name.endswith(".json") and (wrong := _stale(disk, path, known)) is not None:
            yield Finding("pointer", path, wrong[0], fault=wrong[1])
    standing: dict[str, str] = {}
    for about in every:
        if about.released is None and about.identity:
            first = standing.setdefault(about.identity, about.id)
            if first != about.id:
                text = f"{place(about.identity)} has two documents: {first} and {about.id}."
                yield Finding("document", store.folder(about.id), text)


def check_leftovers(archives: list[str]) -> Iterator[Finding]:
    """Tell of archives that were set aside."""
    for path in archives:
        if path.endswith("-journal"):
            # SQLite's own, of an archive that is told of.
            continue
        text = "This archive was damaged and set aside. Its versions are in no timeline."
        yield Finding("aside", path, text, fault=False)


def _read(disk: Disk, store: Store, about: About) -> Reading:
    """Read a journal, and what looks damaged again: it may just have been written."""
    reading = Reading(disk, store, about)
    for _ in range(_LOOKS - 1):
        if not (reading.history.damaged and reading.open):
            break
        time.sleep(_BETWEEN)
        reading = Reading(disk, store, about)
    return reading


def _damage(segment: SegmentReading) -> str:
    places = ", ".join(f"{each.start} to {each.end}" for each in segment.scan.damage)
    return (
        f"Bytes {places} are damaged; the {len(segment.scan.updates)} edits around them are sound. "
        "Opening the notebook uses these, and `compact` puts the damaged file aside."
    )


def _stale(disk: Disk, path: str, known: dict[str, About]) -> tuple[str, bool] | None:
    """What is wrong with a pointer, and whether that is a fault; None if nothing is."""
    try:
        pointer = json.loads(disk.read(path))
        identity, document = str(pointer["identity"]), str(pointer["id"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError):
        return (
            "It cannot be read. Its document is found all the same.",
            True,
        )
    about = known.get(document)
    if about is None:
        return f"It leads {place(identity)} to a document that is not there.", True
    if about.released is not None or about.identity not in ("", identity):
        # As a crash leaves it; the document decides.
        return f"It is out of date: {place(identity)} has another document, or none.", False
    return None
