"""Runs a command again and again, each time to be killed before another change of the disk.

The arguments are the command. For each number on standard input, and what is typed at the command
behind it, the command is run in a copy of this process that is killed before its change of that
number, counted from 1. The answer is the exit code, or the signal with a minus sign.
"""

from __future__ import annotations

import io
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from typing import Any


class Fate:
    """How many changes of the disk are left to this process; None: as many as it likes."""

    left: int | None = None


def deadly(change: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is killed before it does anything, if it is its turn."""

    def changed(*arguments: Any, **options: Any) -> Any:
        if Fate.left is not None:
            Fate.left -= 1
            if Fate.left == 0:
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


def main() -> None:
    """Let everything that changes a file be deadly, then do as is asked."""
    for name in ("replace", "rename", "unlink", "rmdir", "link", "write", "ftruncate"):
        setattr(os, name, deadly(getattr(os, name)))
    connect = sqlite3.connect
    sqlite3.connect = lambda *arguments, **options: connect(
        *arguments, **{**options, "factory": Connection}
    )
    from jupyter_crdt_autosave.cli.main import main as run

    for line in sys.stdin:
        step, _, typed = line.rstrip("\n").partition(" ")
        child = os.fork()
        if not child:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.stdin = io.StringIO(typed + "\n")
            Fate.left = int(step)
            os._exit(run(sys.argv[1:]))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
