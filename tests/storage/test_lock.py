"""Locks between servers."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_crdt_autosave.errors import StoreUnavailable
from jupyter_crdt_autosave.storage.lock import claim, exclusive

HOLD = """
import sys
from jupyter_crdt_autosave.storage.lock import exclusive
with exclusive(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lock(tmp_path: Path) -> str:
    return str(tmp_path / "lock")


@pytest.fixture
def holder(lock: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_lock_is_free_again_behind_its_block(lock: str) -> None:
    for _ in range(3):
        with exclusive(lock, patience=0):
            pass
    assert stat.S_IMODE(os.stat(lock).st_mode) == 0o600


def test_two_in_one_process_exclude_each_other(lock: str) -> None:
    with (
        exclusive(lock),
        pytest.raises(StoreUnavailable, match="held"),
        exclusive(lock, patience=0.02),
    ):
        pass


def test_whoever_waits_gets_the_lock_when_it_is_freed(lock: str) -> None:
    order: list[str] = []

    def wait() -> None:
        with exclusive(lock):
            order.append("second")

    with exclusive(lock):
        thread = threading.Thread(target=wait)
        thread.start()
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_another_process_excludes_us(lock: str, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(StoreUnavailable), exclusive(lock, patience=0.02):
        pass


def test_the_lock_of_a_process_that_was_killed_is_free(
    lock: str, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    with exclusive(lock, patience=0):
        pass


def test_a_lock_is_free_when_its_block_fails(lock: str) -> None:
    with pytest.raises(ZeroDivisionError), exclusive(lock):
        raise ZeroDivisionError
    with exclusive(lock, patience=0):
        pass


def test_a_lock_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    path = str(tmp_path / "missing" / "lock")
    with pytest.raises(StoreUnavailable, match="cannot be locked"), exclusive(path):
        pass


def test_a_disk_that_fails_while_locking_says_so(
    lock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error of the disk came out as it was, and nobody expected it."""
    monkeypatch.setattr(fcntl, "flock", failing(errno.EIO))
    with pytest.raises(StoreUnavailable, match="cannot be locked"), exclusive(lock):
        pass


def test_a_lock_whose_folder_was_removed_meanwhile_is_none(tmp_path: Path) -> None:
    """Housekeeping dropped a document; who had waited for its lock then wrote into nowhere."""
    folder = tmp_path / "document"
    folder.mkdir()
    path = str(folder / "lock")
    failures: list[Exception] = []

    def wait() -> None:
        try:
            with exclusive(path):
                failures.append(AssertionError("It was held without being there."))
        except StoreUnavailable as error:
            failures.append(error)

    with exclusive(path):
        thread = threading.Thread(target=wait)
        thread.start()
        shutil.rmtree(folder)
    thread.join()
    assert [type(failure) for failure in failures] == [StoreUnavailable]


def test_a_lock_that_was_made_anew_meanwhile_is_the_new_one(
    lock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two servers each held a lock of the same name."""
    real = fcntl.flock
    replaced: list[int] = []

    def flock(fd: int, operation: int) -> None:
        if not replaced:
            replaced.append(fd)
            os.unlink(lock)
            Path(lock).touch()
        real(fd, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    with exclusive(lock), pytest.raises(StoreUnavailable), exclusive(lock, patience=0):
        pass


@pytest.mark.parametrize("error", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_one_server_works_where_there_are_no_locks(
    lock: str, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    monkeypatch.setattr(fcntl, "flock", failing(error))
    with exclusive(lock, patience=0):
        pass


def test_nobody_is_known_to_be_gone_where_there_are_no_locks(
    lock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A compaction took the segment of the server that was writing it, and removed it."""
    fd = os.open(lock, os.O_RDWR | os.O_CREAT)
    assert claim(fd, without_locks=False)
    monkeypatch.setattr(fcntl, "flock", failing(errno.ENOLCK))
    assert not claim(fd, without_locks=False)
    os.close(fd)


def failing(error: int) -> Callable[[int, int], None]:
    def flock(fd: int, operation: int) -> None:
        raise OSError(error, os.strerror(error))

    return flock
