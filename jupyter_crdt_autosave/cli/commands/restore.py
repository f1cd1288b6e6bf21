"""`restore`: make a notebook what a version of it was, whole or some of its cells."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Collection, Sequence

from ...errors import VersionMissing
from ...model import Version
from ...storage.store import About
from ..catalogue import named
from ..session import Session
from ..timeline import find_version
from ..words import moment, place

HELP = "make a notebook what a version of it was, also while it is open"


def arguments(parser: ArgumentParser) -> None:
    """What is asked for."""
    parser.add_argument("notebook", help="its path")
    parser.add_argument("--version", metavar="ID", required=True, help="the version")
    parser.add_argument("--cells", metavar="ID", nargs="+", help="only these cells of it")


def run(session: Session, arguments: Namespace) -> int:
    """Restore a version, and write the file. What it replaces becomes a version."""
    about = named(session.disk, session.store, arguments.notebook)
    with session.archive() as archive:
        version, content = archive.read_version(find_version(archive, about, arguments.version).id)
        before = {each.id for each in archive.versions(about.id)}
    wanted: Sequence[str] | None = arguments.cells
    _see_cells({cell["id"] for cell in content["cells"]}, wanted)
    asyncio.run(_restore(session, about, version.id, wanted))
    with session.archive() as archive:
        made = [
            each.id for each in archive.versions(about.id) if _replaced(each, version.id, before)
        ]
    notebook = place(about.identity)
    session.screen.answer(
        {"path": about.identity, "version": version.id, "cells": wanted, "kept": made},
        f"{notebook} is what it was on {moment(version.created)}"
        + (f", as far as {', '.join(wanted)} is concerned." if wanted else "."),
        *([f"What that replaced is version {made[-1][:12]}."] if made else []),
    )
    return 0


async def _restore(session: Session, about: About, id: str, cells: Sequence[str] | None) -> None:
    # All that a server is made of: no other command needs it.
    from ..second import opened

    async with opened(session, about) as live:
        await live.timeline.restore(id, cells)
        await live.save()


def _replaced(version: Version, by: str, before: Collection[str]) -> bool:
    """Whether a version is what the document was before another one was restored just now."""
    return version.details.get("version") == by and version.id not in before


def _see_cells(there: set[str], wanted: Sequence[str] | None) -> None:
    """See that all cells are there before anything is done.

    Raises:
        VersionMissing: one is not.
    """
    missing = [each for each in wanted or () if each not in there]
    if missing:
        raise VersionMissing(f"The version has no cell {', '.join(missing)}. Nothing was changed.")
