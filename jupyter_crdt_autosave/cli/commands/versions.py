"""`versions`: the timeline of a notebook."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from ...model import Version
from ..catalogue import named
from ..session import Session
from ..words import moment, place, plain, size, table

HELP = "show the timeline of a notebook, newest first"

_HEAD = ("VERSION", "MADE", "KIND", "CELLS", "SIZE", "NAME")


def arguments(parser: ArgumentParser) -> None:
    """What is asked for."""
    parser.add_argument("notebook", help="its path, or the id of its document")


def run(session: Session, arguments: Namespace) -> int:
    """Show the versions of one document."""
    about = named(session.disk, session.store, arguments.notebook)
    with session.timelines() as versions:
        timeline = versions(about.id)
    answer = {
        "id": about.id,
        "path": about.identity or None,
        "versions": [told(version) for version in timeline],
    }
    lines = table(_HEAD, [_row(version) for version in timeline])
    if not timeline:
        lines = [f"There is no version of {place(about.identity or about.path)}."]
    session.screen.answer(answer, *lines)
    return 0


def told(version: Version) -> dict[str, Any]:
    """A version, as ``GET versions`` answers."""
    return {
        "id": version.id,
        "kind": version.kind,
        "side": version.side,
        "name": version.name,
        "created": version.created,
        "cells": version.cells,
        "size": version.size,
    }


def _row(version: Version) -> list[str]:
    kind = version.kind + (f" ({version.side})" if version.side else "")
    name = plain(version.name or "")
    created = moment(version.created)
    return [version.id[:12], created, kind, str(version.cells), size(version.size), name]
