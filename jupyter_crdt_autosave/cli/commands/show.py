"""`show`: one document, and what it holds that its file lacks."""

from __future__ import annotations

import difflib
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from typing import Any

from ...errors import DocumentUnreadable, FormatTooNew
from ...merge.comparison import CellChange
from ...room.offer import summary
from ...storage.store import About
from ..catalogue import named
from ..entry import Entry, entry_of, label, name_of
from ..reading import Reading
from ..session import Session
from ..words import count, moment, place, plain, size

HELP = "show one notebook, and what is kept that its file lacks"

_FILES = {
    "same": "as it was when both last agreed",
    "changed": "changed by another program since",
    "missing": "missing",
    "unreadable": "cannot be read as a notebook",
    "elsewhere": "out of reach from here",
}


def arguments(parser: ArgumentParser) -> None:
    """What is asked for."""
    parser.add_argument("notebook", help="its path, or the id of its document")
    parser.add_argument("--text", action="store_true", help="show the texts of changed cells, too")


def run(session: Session, arguments: Namespace) -> int:
    """Show one document; 1 if it is damaged or cannot be read."""
    about = named(session.disk, session.store, arguments.notebook)
    with session.timelines() as versions:
        entry = entry_of(session, about, versions(about.id))
    entry |= {"cells": None, "checkpoint": None, "set_aside": None, "lacks": None}
    changes: Sequence[CellChange] = ()
    if entry["state"] != "unreadable":
        changes = _look(session, about, entry)
    if arguments.text:
        entry["changes"] = [_told(change) for change in changes]
    lines = [*_lines(entry), *(_texts(changes) if arguments.text else ())]
    session.screen.answer(entry, *lines)
    return 1 if entry["state"] in ("damaged", "unreadable") else 0


def _look(session: Session, about: About, entry: Entry) -> Sequence[CellChange]:
    """Find out what the document holds."""
    try:
        reading = Reading(session.disk, session.store, about)
        found = reading.checkpoint()
        entry["checkpoint"] = {"path": found[0], "size": found[1]} if found else None
        entry["set_aside"] = len(reading.history.kept)
        lacks = reading.lacks()
        entry["cells"] = len(reading.content["cells"])
    except (OSError, DocumentUnreadable, FormatTooNew) as error:
        entry["error"] = str(error)
        return ()
    entry["lacks"] = None if lacks is None else summary(lacks)
    return lacks or ()


def _lines(entry: Entry) -> Iterator[str]:
    yield name_of(entry)
    yield f"  state        {label(entry)}{', open in a server' if entry['open'] else ''}"
    yield f"  file         {_FILES.get(entry['file'], '?')}"
    yield f"  last change  {moment(entry['changed_at'])}"
    if entry["lacks"] is not None:
        yield f"  file lacks   {_counts(entry['lacks'])}"
    if entry["checkpoint"] is not None:
        yield f"  checkpoint   {place(entry['checkpoint']['path'])}"
    if entry["journal"] is not None:
        yield f"  journal      {size(entry['journal']['size'])}"
    versions = entry["versions"]
    yield f"  versions     {versions['count']} ({size(versions['size'])})"
    if entry["set_aside"]:
        yield f"  set aside    {count(entry['set_aside'], 'content')} in the journal"
    yield f"  document     {entry['id']}"
    if entry["error"]:
        yield f"  trouble      {plain(entry['error'])}"


def _counts(lacks: dict[str, int]) -> str:
    told = [f"{count(number, 'cell')} {kind}" for kind, number in lacks.items() if number]
    return ", ".join(told) or "nothing"


def _told(change: CellChange) -> dict[str, Any]:
    return {"id": change.id, "kind": change.kind, "before": change.before, "after": change.after}


def _texts(changes: Sequence[CellChange]) -> Iterator[str]:
    for change in changes:
        yield ""
        yield f"cell {plain(change.id)} {change.kind}"
        before, after = (each["source"] if each else "" for each in (change.before, change.after))
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
        for line in list(lines)[2:]:
            yield "  " + plain(line.replace("\t", "    "))
