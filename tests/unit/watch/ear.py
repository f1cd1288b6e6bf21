"""Those who are told, and what the system knows of watches."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_crdt_autosave.file.watch import Watch

from ...storage.documents import until

LOG = logging.getLogger("watch")
NAME = "nb.ipynb"


class Ear:
    """Counts its calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.threads: set[threading.Thread] = set()

    def __call__(self) -> None:
        self.threads.add(threading.current_thread())
        self.calls += 1

    def hears(self, act: Callable[[], object]) -> None:
        """Act, and wait for a call."""
        before = self.calls
        act()
        until(lambda: self.calls > before)


class Slow(Ear):
    """Does not return from its call before it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = threading.Event()

    def __call__(self) -> None:
        super().__call__()
        self.may.wait(20)


def settle(watch: Watch, folder: Path) -> None:
    """Wait until all that happened in a folder has been told: events come in their order."""
    last = Ear()
    followed = watch.follow(str(folder / "sentinel"), last)
    assert followed.active
    last.hears((folder / "sentinel").touch)
    followed.close()
    (folder / "sentinel").unlink()


def watches(folder: Path) -> int:
    """How many watches of a folder the system keeps for this process."""
    return len(marks(folder))


def marks(folder: Path) -> list[str]:
    """The system's own account of these watches."""
    mark = f"ino:{folder.stat().st_ino:x}"
    return [line for line in _inotify_lines() if mark in line.split()]


def _inotify_lines() -> Iterator[str]:
    for info in Path("/proc/self/fdinfo").iterdir():
        try:
            yield from (line for line in info.read_text().splitlines() if "inotify" in line)
        except FileNotFoundError:
            continue


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the watch logged; watchdog logs, too, when its threads end."""
    return [one.getMessage() for one in caplog.records if one.name == LOG.name]


def replace(path: Path) -> None:
    """Write anew beside the file, and rename over it."""
    path.with_name("fresh").write_text("new")
    os.replace(path.with_name("fresh"), path)
