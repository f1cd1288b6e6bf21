"""The calls to the disk that are more than one call of the operating system."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from jupyter_crdt_autosave.disk import OSDisk, make_folder, replace_file, write_all
from tests.support.disks import FaultyDisk, HookedDisk, RecordingDisk, Synced, everything_of


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "file")


def test_everything_is_written_however_little_goes_at_once(file: str) -> None:
    disk = FaultyDisk()
    disk.cut(1, times=5)
    fd = disk.open(file, os.O_WRONLY | os.O_CREAT)
    write_all(disk, fd, bytes(range(256)))
    disk.close(fd)
    assert disk.read(file) == bytes(range(256))


def test_a_disk_that_takes_nothing_is_an_error(file: str) -> None:
    """A write that kept returning 0 was repeated for ever, with the event loop waiting."""

    class Full(HookedDisk):
        def write(self, fd: int, data: bytes) -> int:
            return 0

    disk = Full(lambda operation: None)
    fd = disk.open(file, os.O_WRONLY | os.O_CREAT)
    with pytest.raises(OSError):
        write_all(disk, fd, b"x")
    disk.close(fd)


def test_a_file_is_replaced_for_nobody_but_its_owner(file: str) -> None:
    replace_file(OSDisk(), file, b"one")
    replace_file(OSDisk(), file, b"two")
    assert OSDisk().read(file) == b"two"
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600


@pytest.mark.parametrize("operation", ["open", "write", "sync", "close", "rename"])
def test_a_file_that_could_not_be_replaced_is_as_it_was(file: str, operation: str) -> None:
    """What a failed attempt had written was left behind, for ever."""
    replace_file(OSDisk(), file, b"one")
    disk = FaultyDisk()
    disk.fail(operation, 1, errno.ENOSPC)
    with pytest.raises(OSError):
        replace_file(disk, file, b"two")
    assert everything_of(os.path.dirname(file)) == {"file": b"one"}


def test_two_that_replace_one_file_do_not_share_what_they_write_to(file: str) -> None:
    """One server cut off what another had just written, and the half was put in place."""
    second: list[str] = []

    def meanwhile(operation: str) -> None:
        if operation == "sync" and not second:
            second.append(operation)
            replace_file(OSDisk(), file, b"second")

    replace_file(HookedDisk(meanwhile), file, b"first")
    assert everything_of(os.path.dirname(file)) == {"file": b"first"}


def test_a_folder_and_its_parents_are_made_for_nobody_but_their_owner(tmp_path: Path) -> None:
    """Only the innermost folder was closed to others, not the store itself."""
    OSDisk().mkdir(str(tmp_path / "a" / "b" / "c"))
    for path in (tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_a_folder_where_a_file_is_cannot_be_made(file: str) -> None:
    replace_file(OSDisk(), file, b"")
    with pytest.raises(OSError):
        OSDisk().mkdir(file)
    with pytest.raises(OSError):
        make_folder(OSDisk(), os.path.join(file, "inside"))


def test_each_folder_that_is_made_is_made_durable_in_its_parent(tmp_path: Path) -> None:
    """After a power cut the folder of a journal was gone, with all that had been synced in it."""
    root = tmp_path / "disk"
    root.mkdir()
    disk: RecordingDisk[None] = RecordingDisk(str(root), lambda: None)
    make_folder(disk, str(root / "a" / "b"))
    synced = [one.step.node for one in disk.log if isinstance(one.step, Synced)]
    assert disk.top.entries is not None
    assert synced == [disk.top, disk.top.entries["a"]]


def test_a_folder_that_is_there_is_made_durable_all_the_same(tmp_path: Path) -> None:
    """The process that made it died before it could say so, and the next one relied on it."""
    calls: list[str] = []
    make_folder(HookedDisk(calls.append), str(tmp_path))
    assert calls == ["mkdir", "sync_folder"]


@pytest.mark.parametrize("error", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_cannot_sync_a_folder_can_hold_a_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    """On such a file system no segment was ever taken for durable."""

    def refuse(fd: int) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "fsync", refuse)
    OSDisk().sync_folder(str(tmp_path))


def test_a_folder_that_could_not_be_synced_is_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(fd: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError):
        OSDisk().sync_folder(str(tmp_path))


def test_the_rest_of_a_file_is_read_from_an_offset(file: str) -> None:
    replace_file(OSDisk(), file, b"0123456789")
    assert OSDisk().read(file, 4) == b"456789"
    assert OSDisk().read(file, 99) == b""


def test_the_bytes_of_a_file_reach_the_disk_when_they_are_synced(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append, raising=False)
    monkeypatch.setattr(os, "fsync", synced.append)
    fd = OSDisk().open(file, os.O_WRONLY | os.O_CREAT)
    OSDisk().sync(fd)
    os.close(fd)
    assert synced == [fd]
