"""`purge`: for a secret that was typed, remove all that is kept of a notebook for good."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from ...errors import Declined, DocumentInUse
from ...file.scratch import Scratch
from ...storage.archive import Archive
from ...storage.purging import finish, purge
from ...storage.segment import in_use
from ...storage.store import About
from ..catalogue import documents, named
from ..clearing import wipe_checkpoint
from ..reading import has_file
from ..session import Session
from ..words import place

HELP = "remove all that is kept of a notebook for good, as after typing a password"


def arguments(parser: ArgumentParser) -> None:
    """What is asked for."""
    parser.add_argument("notebook", help="its path, or the id of its document")


def run(session: Session, arguments: Namespace) -> int:
    """Purge one document after its name was typed; also those whose purge was interrupted."""
    with session.archive() as archive:
        finished = finish(session.store, archive)
        about = next((each for each in finished if _is_meant(each, arguments.notebook)), None)
        if about is None:
            about = named(session.disk, session.store, arguments.notebook)
            _refuse_if_open(session, about)
            _ask(session, about)
            _purge(session, archive, about)
        beside = [*archive.damaged(), *_others(session, about)]
    notebook = place(about.identity or about.path or about.id)
    answer = {"id": about.id, "path": about.identity or None, "may_hold_it_too": beside}
    session.screen.answer(answer, *_report(notebook, beside))
    return 0


def _is_meant(about: About, name: str) -> bool:
    return name == about.id or os.path.realpath(name) == about.identity


def _purge(session: Session, archive: Archive, about: About) -> None:
    with session.store.lock(about.id):
        _refuse_if_open(session, about)
        # What cannot be read could not be purged.
        archive.holdings(about.id)
        wipe_checkpoint(session, about)
        if has_file(about):
            _wipe_exports(session, about.identity)
        purge(session.store, archive, about)


def _wipe_exports(session: Session, path: str) -> None:
    """Remove what interrupted exports left beside a notebook."""
    scratch = Scratch(session.disk, path)
    scratch.clear()
    for held in scratch.held():
        scratch.remove(held)
    scratch.tidy()


def _refuse_if_open(session: Session, about: About) -> None:
    """See that no server goes on with what is removed.

    Raises:
        DocumentInUse: one has the notebook open.
    """
    if in_use(session.disk, session.store.folder(about.id)):
        raise DocumentInUse(
            f"{place(about.identity or about.path)} is open in a Jupyter server, so nothing was "
            "removed. Close it in all tabs and wait a minute, or stop the server; then try again."
        )


def _ask(session: Session, about: About) -> None:
    """Have the name typed.

    Raises:
        Declined: something else was typed.
    """
    name = os.path.basename(about.identity or about.path) or about.id
    session.screen.tell(
        f"All edits of {place(about.identity or about.path)} that are in no file, its checkpoint "
        "and all its versions, also those with a name, will be gone for good."
    )
    if session.screen.ask(f"Type {place(name)} to remove them:") != name:
        raise Declined("Nothing was removed.")


def _others(session: Session, about: About) -> list[str]:
    """The ids of other documents that once had this notebook's path."""
    if not about.identity:
        return []
    every = documents(session.disk, session.store)
    return [each.id for each in every if each.identity == about.identity]


def _report(notebook: str, beside: list[str]) -> list[str]:
    lines = [
        f"Nothing is kept of {notebook} any more.",
        "Its file, JupyterLab's own checkpoints, backups and git were not touched.",
    ]
    if beside:
        lines.append("These may hold the same text: " + ", ".join(beside))
    return lines
