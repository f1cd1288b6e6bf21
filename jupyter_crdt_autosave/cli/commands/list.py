"""`list`: every document of the store."""

from __future__ import annotations

from argparse import Namespace

from ..catalogue import documents
from ..entry import Entry, entry_of, is_bad, label, name_of
from ..session import Session
from ..words import moment, size, table

HELP = "show every notebook of which something is kept"

_HEAD = ("NOTEBOOK", "STATE", "LAST CHANGE", "JOURNAL", "VERSIONS", "", "ID")


def run(session: Session, arguments: Namespace) -> int:
    """Show all documents; 1 if one of them, or the archive, cannot be read or is damaged."""
    every = documents(session.disk, session.store)
    with session.timelines() as versions:
        entries = [
            entry_of(session, about, versions(about.id))
            for about in session.screen.each("Reading journals", every)
        ]
    lines = table(_HEAD, [_row(entry) for entry in entries]) if entries else ["Nothing is kept."]
    session.screen.answer({"store": session.store.root, "notebooks": entries}, *lines)
    return 1 if any(is_bad(entry) for entry in entries) else 0


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
