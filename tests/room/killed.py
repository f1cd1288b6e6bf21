"""A process that answers what a notebook offers, in copies of it, and is killed at every step.

Run as ``python -m tests.room.killed <home> <folder> <action>``. A notebook is known by its path, so
all of them are in the same place, one after the other. The folder gets what became of each: ``1``
was killed before its first change of the disk, and so on; ``done`` was not.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.storage.archive import archive_in
from tests.support.desk import Desk, Tab

CHANGES = ("open", "write", "rename", "link", "unlink", "mkdir", "sync", "sync_folder")


class Death:
    """Comes before the given change of the disk, counted from when it is ``near``."""

    def __init__(self, last: int) -> None:
        self.near = False
        self._left = last

    def deadly(self, change: Callable[..., Any]) -> Callable[..., Any]:
        """A function that is killed before it does anything, if it is its turn."""

        def changed(*arguments: Any, **options: Any) -> Any:
            self._left -= self.near
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return change(*arguments, **options)

        return changed

    def lurk(self) -> None:
        """Let everything that changes a file be deadly, and every end of a transaction."""
        for name in CHANGES:
            change = self.deadly(getattr(OSDisk(), name))
            setattr(OSDisk, name, staticmethod(change))
        connect, death = sqlite3.connect, self

        class Connection(sqlite3.Connection):
            """A database that dies instead of being written."""

            def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
                run = super().execute
                if sql.strip().upper().startswith(("COMMIT", "VACUUM")):
                    run = death.deadly(run)
                cursor: sqlite3.Cursor = run(sql, *arguments)
                return cursor

        def connect_to(*arguments: Any, **options: Any) -> sqlite3.Connection:
            db: sqlite3.Connection = connect(*arguments, **{**options, "factory": Connection})
            return db

        sqlite3.connect = connect_to  # type: ignore[assignment]


async def _take_back(tab: Tab) -> None:
    """Bring back the oldest version."""
    with closing(archive_in(str(tab.live.settings.store_path))) as archive:
        oldest = archive.versions(tab.live.about_id)[-1]
    await tab.live.timeline.restore(oldest.id)
    await tab.live.save()


ACTIONS: dict[str, Callable[[Tab], Awaitable[None]]] = {
    "restore": lambda tab: tab.answer("restore"),
    "discard": lambda tab: tab.answer("discard"),
    "reload": lambda tab: tab.live.recovery.reload(),
    "take_back": _take_back,
}


async def act(home: Path, action: str, last: int) -> None:
    """Open the notebook, and act."""
    death = Death(last)
    death.lurk()
    tab = await Desk(home).open()
    await tab.offer()
    death.near = True
    await ACTIONS[action](tab)


def main() -> None:
    home, folder, action = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    folder.mkdir()
    template = home.rename(folder / "template")
    status, last = 1, 0
    while status != 0:
        last += 1
        shutil.copytree(template, home)
        child = os.fork()
        if child == 0:
            asyncio.run(act(home, action, last))
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if status not in (0, signal.SIGKILL):
            sys.exit(f"Step {last} ended with {status}")
        home.rename(folder / (f"{last}" if status else "done"))


if __name__ == "__main__":
    main()
