"""`versions`: the timeline of a notebook."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

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
    timeline = session.versions(about.id)
    answer = {
        "id": about.id,
        "path": about.identity or None,
        "versions": [version.to_json() for version in timeline],
    }
    lines = table(_HEAD, [_row(version) for version in timeline])
    if not timeline:
        lines = [f"There is no version of {place(about.identity or about.path)}."]
    session.screen.answer(answer, *lines)
    return 0


def _row(version: Version) -> list[str]:
    kind = version.kind + (f" ({version.side})" if version.side else "")
    name = plain(version.name or "")
    created = moment(version.created)
    return [version.id[:12], created, kind, str(version.cells), size(version.size), name]
