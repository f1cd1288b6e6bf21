"""Run a command in this process, which is killed before one of its changes of the disk.

The arguments are the number of that change, counted from 1, and the command.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from typing import Any

_changes = iter(range(1, int(sys.argv[1])))


def deadly(change: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is killed before it does anything, if it is its turn."""

    def changed(*arguments: Any, **options: Any) -> Any:
        if next(_changes, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return change(*arguments, **options)

    return changed


class Connection(sqlite3.Connection):
    """A database; it is written to when a transaction ends, and by what is done outside of one."""

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        """Die instead of writing."""
        run = super().execute
        if sql.strip().upper().startswith(("COMMIT", "VACUUM")):
            run = deadly(run)
        cursor: sqlite3.Cursor = run(sql, *arguments)
        return cursor


def main() -> int:
    """Let everything that changes a file be deadly, then run the command."""
    for name in ("replace", "rename", "unlink", "rmdir", "link", "write", "ftruncate"):
        setattr(os, name, deadly(getattr(os, name)))
    connect = sqlite3.connect
    sqlite3.connect = lambda *arguments, **options: connect(
        *arguments, **{**options, "factory": Connection}
    )
    from jupyter_crdt_autosave.cli.main import main as run

    return run(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
