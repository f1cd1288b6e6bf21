"""A process that does something to copies of an archive, and is killed at every step of it.

Run as ``python -m tests.storage.killed <archive> <folder> <operation>``. Below the folder each copy
has a folder of its own: ``1`` was killed at the first step, and so on; ``done`` was not.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from typing import Any

from jupyter_crdt_autosave.storage.archive import Archive
from tests.storage.archives import baseline, cell, content, draft

WORK = 1500
"""Instructions of the database's machine that are one step, as a statement is."""

LATER = "2026-06-01T12:00:00.000Z"
"""When much has had its time."""


def keep_sides(archive: Archive) -> None:
    """Keep what belongs together."""
    sides = [
        draft(content(cell("large", 9000), "new"), LATER, "external", side="document"),
        draft(content(cell("large", 9000), "theirs"), LATER, "external", side="file"),
    ]
    archive.keep_versions("d", sides)


def keep_baseline(archive: Archive) -> None:
    """Keep a baseline, for which others go."""
    archive.keep_baseline("d", baseline(content("base", "new"), LATER))


OPERATIONS: dict[str, Callable[[Archive], object]] = {
    "keep": keep_sides,
    "baseline": keep_baseline,
    "thin": lambda archive: archive.thin("d", LATER),
    "sweep": lambda archive: archive.sweep(),
    "clear": lambda archive: archive.clear("d", [draft(content("last"), LATER, "cleared")]),
    "purge": lambda archive: archive.purge("d"),
    "remove": lambda archive: archive.remove_version(archive.versions("d")[0].id, LATER),
    "rename": lambda archive: archive.rename_version(archive.versions("d")[0].id, "mine"),
    "look": lambda archive: archive.versions("d"),
}


class Killing:
    """Counts the steps of every connection that is opened, and ends with the given one."""

    def __init__(self, last: int) -> None:
        self._left = last
        self._connect = sqlite3.connect

    def connect(self, *arguments: Any, **options: Any) -> sqlite3.Connection:
        """In place of the function of `sqlite3`."""
        db: sqlite3.Connection = self._connect(*arguments, **options)
        db.set_trace_callback(self.step)
        db.set_progress_handler(self.step, WORK)
        return db

    def step(self, *_: object) -> None:
        """One step; nothing is said of it to the database."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def attempt(path: str, operation: str, last: int) -> None:
    """Do it in a process that ends here."""
    sqlite3.connect = Killing(last).connect  # type: ignore[assignment]
    OPERATIONS[operation](Archive(path))
    os._exit(0)


def main() -> None:
    template, folder, operation = sys.argv[1:]
    status, last = 1, 0
    while status != 0:
        last += 1
        place = os.path.join(folder, f"{last}")
        os.mkdir(place)
        path = shutil.copy(template, os.path.join(place, "archive.db"))
        child = os.fork()
        if child == 0:
            attempt(path, operation, last)
        status = os.waitpid(child, 0)[1]
        if status not in (0, signal.SIGKILL):
            sys.exit(f"Step {last} ended with {status}")
    os.rename(place, os.path.join(folder, "done"))


if __name__ == "__main__":
    main()
