"""`list`: every document of the store."""

from __future__ import annotations

from argparse import Namespace

from ...errors import ArchiveUnavailable
from ..catalogue import documents
from ..entry import Entry, entry_of, label, name_of
from ..session import Session
from ..words import moment, size, table

HELP = "show every notebook of which something is kept"

_HEAD = ("NOTEBOOK", "STATE", "LAST CHANGE", "JOURNAL", "VERSIONS", "", "ID")


def run(session: Session, arguments: Namespace) -> int:
    """Show all documents; 1 if one of them, or the archive, cannot be read or is damaged."""
    entries, trouble = _entries(session)
    if trouble is not None:
        session.screen.tell(trouble)
    lines = table(_HEAD, [_row(entry) for entry in entries]) if entries else ["Nothing is kept."]
    session.screen.answer({"store": session.store.root, "notebooks": entries}, *lines)
    bad = any(entry["state"] in ("damaged", "unreadable") for entry in entries)
    return 1 if bad or trouble else 0


def _entries(session: Session) -> tuple[list[Entry], str | None]:
    """What is told of each document, and why no versions could be read."""
    entries, trouble = [], None
    with session.timelines() as versions:
        for about in session.screen.each(
            "Reading journals", documents(session.disk, session.store)
        ):
            timeline = None
            if trouble is None:
                try:
                    timeline = versions(about.id)
                except ArchiveUnavailable as error:
                    trouble = str(error)
            entries.append(entry_of(session, about, timeline))
    return entries, trouble


def _row(entry: Entry) -> list[str]:
    journal, versions = entry["journal"], entry["versions"]
    return [
        name_of(entry),
        label(entry) + (", open" if entry["open"] else ""),
        moment(entry["changed_at"]),
        size(journal["size"]) if journal else "?",
        str(versions["count"]) if versions else "?",
        size(versions["size"]) if versions else "",
        entry["id"][:12],
    ]
