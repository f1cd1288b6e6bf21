"""`export`: a document, or a version of it, as a notebook file."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ...merge.decisions import Content
from ...notebook import Sheet, bare, normalise
from ...storage.store import About
from ..catalogue import named
from ..destination import write_out
from ..reading import Reading
from ..session import Session
from ..timeline import find_version
from ..words import count, place

HELP = "write what is kept of a notebook as an .ipynb"


def arguments(parser: ArgumentParser) -> None:
    """What is asked for."""
    parser.add_argument("notebook", help="its path, or the id of its document")
    parser.add_argument("--version", metavar="ID", help="this version of it, not the newest edits")
    parser.add_argument("-o", "--output", metavar="FILE", help="to this file, not the terminal")
    parser.add_argument("--force", action="store_true", help="replace the file if it is there")


def run(session: Session, arguments: Namespace) -> int:
    """Write a notebook; 1 if some of its journal is damaged, and so may be missing."""
    about = named(session.disk, session.store, arguments.notebook)
    if arguments.version is None:
        reading = Reading(session.disk, session.store, about)
        content, damaged = reading.content, reading.history.damaged
    else:
        content, damaged = _version(session, about, arguments.version), False
    data = Sheet().render(content).data
    if damaged:
        session.screen.tell(
            f"Part of what was kept of {place(about.identity or about.path)} could not be read: "
            "this is the rest. Compare it with the file and the versions."
        )
    if arguments.output is None:
        session.screen.hand_over(data)
        return 1 if damaged else 0
    path = write_out(session.disk, arguments.output, data, arguments.force)
    cells = len(content["cells"])
    answer = {"path": path, "size": len(data), "cells": cells}
    session.screen.answer(answer, f"Wrote {count(cells, 'cell')} to {place(path)}.")
    return 1 if damaged else 0


def _version(session: Session, about: About, id: str) -> Content:
    with session.archive() as archive:
        _, stored = archive.read_version(find_version(archive, about, id).id)
    return bare(normalise(stored))
