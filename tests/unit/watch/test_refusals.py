"""Folders that cannot be watched, or not be relied on."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from watchdog.observers.api import BaseObserver

from jupyter_crdt_autosave.file import watch as module
from jupyter_crdt_autosave.file.watch import Watch

from .ear import NAME, Ear, said


def _no_room(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "inotify watch limit reached")


def _no_instance(*_: Any, **__: Any) -> Any:
    raise OSError(errno.EMFILE, "inotify instance limit reached")


def _no_thread(*_: Any, **__: Any) -> Any:
    raise RuntimeError("can't start new thread")


REFUSALS = [
    (BaseObserver, "schedule", _no_room),
    (BaseObserver, "schedule", _no_thread),
    (module, "Observer", _no_instance),
    (os, "access", lambda path, mode: False),
]


@pytest.mark.parametrize(("place", "name", "refuse"), REFUSALS)
def test_what_cannot_be_watched_is_inactive_until_it_can(
    watch: Watch,
    path: Path,
    ear: Ear,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    refuse: Any,
) -> None:
    caplog.set_level("INFO")
    with monkeypatch.context() as patch:
        patch.setattr(place, name, refuse)
        followed = [watch.follow(str(path.with_name(name)), ear) for name in ("a", "b", NAME)]
        assert not any(one.active for one in followed)
        followed[0].close()
        path.touch()
    (line,) = said(caplog)
    assert line.startswith(f"{path.parent} cannot be watched")
    assert NAME not in line
    assert watch.follow(str(path), Ear()).active
    assert followed[2].active
    ear.hears(path.touch)


@pytest.mark.parametrize("place", ["missing/nb.ipynb", "missing/too/nb.ipynb", "work/nb.ipynb/x"])
def test_where_there_is_no_folder_nothing_is_watched(
    watch: Watch, path: Path, ear: Ear, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    caplog.set_level("INFO")
    followed = watch.follow(str(path.parent.parent / place), ear)
    assert not followed.active
    assert len(said(caplog)) == 1
    followed.close()
    assert watch.follow(str(path), ear).active
    ear.hears(path.touch)


@pytest.mark.parametrize(
    ("kind", "active"),
    [("ext4", True), ("fuseblk", True), ("nfs4", False), ("fuse.sshfs", False), ("9p", False)],
)
def test_events_are_not_relied_on_where_others_cause_none(
    watch: Watch,
    path: Path,
    ear: Ear,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    active: bool,
) -> None:
    device = path.stat().st_dev
    mounts = path.with_name("mounts")
    number = f"{os.major(device)}:{os.minor(device)}"
    mounts.write_text(
        "21 1 0:999 / /proc rw shared:5 - nfs proc rw\n"
        f"22 1 {number} / /mnt rw,noatime shared:1 master:2 - {kind} server:/x rw,vers=4.2\n"
    )
    monkeypatch.setattr(module, "_MOUNTS", str(mounts))
    followed = watch.follow(str(path), ear)
    assert followed.active is active
    ear.hears(path.touch)


@pytest.mark.parametrize("text", ["", "nonsense\n", "1 2 3\n"])
def test_mounts_that_are_not_understood_change_nothing(
    watch: Watch, path: Path, ear: Ear, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    path.with_name("mounts").write_text(text)
    monkeypatch.setattr(module, "_MOUNTS", str(path.with_name("mounts")))
    assert watch.follow(str(path), ear).active
