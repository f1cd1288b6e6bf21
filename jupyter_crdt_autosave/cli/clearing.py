"""Removing what autosave keeps beside the document: its checkpoint, and its versions."""

from __future__ import annotations

from dataclasses import dataclass

from ..file import Sight
from ..model import Kept
from ..notebook import bare
from ..room.clock import utc_now
from ..storage.archive import Archive, Draft
from ..storage.journal import Journal
from ..storage.store import About
from .reading import checkpoint_of
from .session import Session

_FLUSH = 10.0
"""Seconds that a journal may take to get durable what is set aside in it."""


@dataclass(frozen=True)
class Clearable:
    """What there is to be cleared: ``size`` in bytes, of versions and checkpoint together."""

    about: About
    checkpoint: bool
    versions: int
    size: int


def clearable(session: Session, archive: Archive, about: About) -> Clearable:
    """What `clear` would remove of a document.

    Raises:
        ArchiveUnavailable: the archive cannot be read.
    """
    data = checkpoint_of(session.disk, session.store, about).read()
    held = archive.holdings(about.id)
    return Clearable(about, data is not None, held.versions, held.size + len(data or b""))


def clear(session: Session, archive: Archive, about: About) -> None:
    """Remove checkpoint and versions of a document; what the checkpoint held becomes a version.

    A crash in the middle leaves both the version and the checkpoint.

    Raises:
        StorageError: another server has the document locked, or the version cannot be kept.
        CheckpointFailed: the checkpoint is still there.
    """
    with session.store.lock(about.id):
        checkpoint = checkpoint_of(session.disk, session.store, about)
        data = checkpoint.read()
        sight = Sight(data or b"")
        drafts = []
        if sight.notebook is not None:
            drafts = [Draft("cleared", None, utc_now(), bare(sight.notebook.content))]
        archive.clear(about.id, drafts)
        if data is not None:
            known = (sight.fingerprint,) if drafts and sight.fingerprint else ()
            checkpoint.remove(known, lambda other: _set_aside(session, about, other))


def wipe_checkpoint(session: Session, about: About) -> None:
    """Remove a checkpoint, and keep nothing of it.

    Raises:
        CheckpointFailed: it is still there.
    """
    checkpoint_of(session.disk, session.store, about).remove((), lambda data: True)


def _set_aside(session: Session, about: About, data: bytes) -> bool:
    """Keep bytes that are no notebook in the document's journal; True once they are durable."""
    folder = session.store.folder(about.id)
    journal = Journal(session.disk, folder, lambda: None)
    journal.start(journal.load().lineage or 0, about.path)
    try:
        return journal.keep(Kept("cleared", utc_now(), data))
    finally:
        journal.close(False, _FLUSH)
