"""`clear`: remove checkpoint and versions of one notebook, or of all."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ...errors import Declined
from ...storage.archive import Archive
from ...storage.purging import PURGED
from ..catalogue import documents, named
from ..clearing import Clearable, clear, clearable
from ..session import Session
from ..words import count, place, size

HELP = "remove the checkpoint and the versions of a notebook, or of all"


def arguments(parser: ArgumentParser) -> None:
    """What is asked for."""
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("notebook", nargs="?", help="its path, or the id of its document")
    chosen.add_argument("--all", action="store_true", help="clear every notebook")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(session: Session, arguments: Namespace) -> int:
    """Clear after asking. Documents, and versions with a name, stay."""
    chosen = (
        documents(session.disk, session.store)
        if arguments.all
        else [named(session.disk, session.store, arguments.notebook)]
    )
    with session.archive() as archive:
        found = [clearable(session, archive, about) for about in chosen if about.released != PURGED]
        found = [each for each in found if each.checkpoint or each.versions]
        if found and not arguments.yes:
            _ask(session, found)
        _clear(session, archive, found)
    answer = {"cleared": [_told(each) for each in found]}
    done = f"Cleared {_summary(found)}." if found else "There is nothing to clear."
    session.screen.answer(answer, done)
    return 0


def _clear(session: Session, archive: Archive, found: list[Clearable]) -> None:
    for each in session.screen.each("Clearing", found):
        clear(session, archive, each.about)


def _ask(session: Session, found: list[Clearable]) -> None:
    """Show what there is, and ask.

    Raises:
        Declined: the answer was not yes.
    """
    for each in found:
        session.screen.tell(f"{place(each.about.identity or each.about.path)}: {_summary([each])}")
    session.screen.tell(
        "Documents and files stay, and so do versions with a name. A version keeps what each "
        "checkpoint holds."
    )
    if session.screen.ask(f"Clear {_summary(found)}? [y/N]").lower() not in ("y", "yes"):
        raise Declined("Nothing was cleared.")


def _summary(found: list[Clearable]) -> str:
    versions = count(sum(each.versions for each in found), "version")
    checkpoints = count(sum(each.checkpoint for each in found), "checkpoint")
    return f"{versions} and {checkpoints}, {size(sum(each.size for each in found))}"


def _told(each: Clearable) -> dict[str, object]:
    return {
        "id": each.about.id,
        "path": each.about.identity or None,
        "checkpoint": each.checkpoint,
        "versions": each.versions,
        "size": each.size,
    }
