"""`compact`: make the store as small as it can be without losing anything."""

from __future__ import annotations

import os
from argparse import Namespace
from typing import Any

from ...errors import FormatTooNew, JournalFailed, StoreUnavailable
from ...room.clock import utc_now
from ...storage.archive import Archive, path_in
from ...storage.compaction import compact
from ...storage.purging import finish
from ...storage.store import About
from ..catalogue import documents
from ..session import Session
from ..words import count, place, size

HELP = "make journals and archive smaller"


def run(session: Session, arguments: Namespace) -> int:
    """Compact all journals, and remove from the archive what has had its time.

    1 if something could not be compacted.
    """
    before, failed = _size(session), []
    compacted = 0
    for about in session.screen.each("Compacting", documents(session.disk, session.store)):
        try:
            compacted += _compact(session, about)
        except (OSError, JournalFailed, FormatTooNew, StoreUnavailable) as error:
            failed.append({"id": about.id, "path": about.identity or None, "error": str(error)})
    removed = _tidy_archive(session)
    freed = before - _size(session)
    for each in failed:
        session.screen.tell(f"{place(each['path'] or each['id'])}: {each['error']}")
    answer: dict[str, Any] = {
        "compacted": compacted,
        "versions_removed": removed,
        "freed": freed,
        "failed": failed,
    }
    session.screen.answer(
        answer,
        f"Compacted {count(compacted, 'journal')}, removed {count(removed, 'outdated version')}: "
        f"{size(max(freed, 0))} freed.",
    )
    return 1 if failed else 0


def _compact(session: Session, about: About) -> bool:
    with session.store.lock(about.id):
        return compact(session.disk, session.store.folder(about.id))


def _tidy_archive(session: Session) -> int:
    """Remove what nobody needs any more; how many versions that were."""
    session.store.clear()
    if not os.path.exists(path_in(session.store.root)):
        return 0
    with session.archive() as archive:
        finish(session.store, archive)
        removed = _thin(session, archive)
        session.screen.progress("Sweeping the archive", 0, 1)
        archive.sweep()
    return removed


def _thin(session: Session, archive: Archive) -> int:
    now = utc_now()
    timelines = session.screen.each("Looking at timelines", archive.documents())
    return sum(archive.thin(document, now) for document in timelines)


def _size(session: Session) -> int:
    """The bytes in the store."""
    total = 0
    for folder, _, names in os.walk(session.store.root):
        for name in names:
            path = os.path.join(folder, name)
            total += os.lstat(path).st_size if os.path.lexists(path) else 0
    return total
