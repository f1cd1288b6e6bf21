"""The appending end of a journal: which thread writes, and what its answers mean."""

from __future__ import annotations

import errno
import threading
from contextlib import ExitStack
from pathlib import Path

from jupyter_crdt_autosave.storage.history import read_history
from jupyter_crdt_autosave.storage.record import Kind
from jupyter_crdt_autosave.storage.segment import Segment, new_writer
from jupyter_crdt_autosave.storage.writer import Writer
from tests.storage.documents import QUICK, MakeWriter, nothing, until
from tests.storage.segments import stored
from tests.support.disks import FaultyDisk, HookedDisk, QuickDisk


def test_records_are_numbered_from_one(make: MakeWriter) -> None:
    writer = make()
    assert [writer.append(Kind.UPDATE, b"x") for _ in range(3)] == [1, 2, 3]
    assert writer.seq == 3


def test_a_record_is_in_the_file_when_append_returns(
    make: MakeWriter, folder: str, disk: FaultyDisk
) -> None:
    """What was only in memory died with the process, after other clients had seen it."""
    writer = make()
    disk.hold("sync")
    for number in range(20):
        assert writer.append(Kind.UPDATE, b"%d" % number) == writer.written
        assert stored(folder)[-1] == b"%d" % number
    assert writer.durable < 20


def test_flush_says_when_everything_is_durable(make: MakeWriter, disk: FaultyDisk) -> None:
    writer = make()
    disk.hold("sync")
    writer.append(Kind.UPDATE, b"x")
    assert not writer.flush(0.01)
    assert writer.health().lag > 0
    disk.heal()
    assert writer.flush(20)
    assert (writer.durable, writer.health().lag) == (1, 0.0)


def test_a_record_that_came_during_a_sync_is_durable_after_the_next(make: MakeWriter) -> None:
    """It was called durable although the sync had begun before it was written."""
    during: list[int] = []

    def before(operation: str) -> None:
        if operation == "sync" and threading.current_thread().name == "journal" and not during:
            during.append(writer.append(Kind.UPDATE, b"late"))

    def after(fd: int) -> None:
        synced.append(writer.durable)

    synced: list[int] = []
    disk = HookedDisk(before)
    writer = make(on=disk)
    disk.disk.sync = after  # type: ignore[method-assign]
    writer.append(Kind.UPDATE, b"early")
    assert writer.flush(20)
    assert (during, writer.durable) == ([2], 2)
    assert synced[:2] == [0, 1]


def test_what_is_appended_before_the_start_is_written_then(make: MakeWriter, folder: str) -> None:
    writer = make(start=False)
    writer.append(Kind.UPDATE, b"early")
    writer.start()
    assert writer.flush(20)
    assert stored(folder) == [b"early"]


def test_a_rotation_goes_on_in_another_segment(make: MakeWriter, folder: str) -> None:
    writer = make()
    writer.append(Kind.UPDATE, b"one")
    assert writer.rotate(20)
    writer.append(Kind.UPDATE, b"two")
    assert writer.flush(20)
    history = read_history(QuickDisk(), folder)
    assert [segment.scan.updates for segment in history.segments][-1][-1:] == [b"two"]
    assert len(history.segments) == 2


def test_a_rotation_that_takes_too_long_says_so(make: MakeWriter, disk: FaultyDisk) -> None:
    """It was taken for done, and the compaction found nothing to compact."""
    writer = make()
    disk.hold("open")
    assert not writer.rotate(0.01)
    disk.heal()
    assert writer.rotate(20)


def test_what_comes_during_a_rotation_is_in_the_file_when_append_returns(folder: str) -> None:
    """Until the thread had caught up it was in memory only."""
    made: list[bytes] = []
    found: list[bool] = []

    def before(operation: str) -> None:
        if operation in ("rename", "sync_folder") and ready:
            made.append(b"%d" % len(made))
            writer.append(Kind.UPDATE, made[-1])
            found.append(made[-1] in stored(folder))

    ready: list[bool] = []
    disk = HookedDisk(before)
    token = new_writer()
    writer = Writer(disk, lambda: Segment.create(disk, folder, token, {}), nothing, QUICK)
    writer.start()
    ready.append(True)
    assert writer.rotate(20)
    ready.clear()
    assert set(made) <= set(stored(folder))
    writer.append(Kind.UPDATE, b"behind")
    assert b"behind" in stored(folder)
    assert found and all(found)
    assert writer.close(20)


def test_closing_makes_everything_durable_and_frees_the_segment(
    make: MakeWriter, folder: str
) -> None:
    writer = make()
    writer.append(Kind.UPDATE, b"x")
    assert writer.close(20)
    assert writer.durable == 1
    assert writer.close(0)


def test_closing_does_not_wait_for_a_disk_that_does_not_come_back(
    make: MakeWriter, disk: FaultyDisk
) -> None:
    writer = make()
    disk.hold("sync")
    writer.append(Kind.UPDATE, b"x")
    assert not writer.close(0.01)
    assert not writer.flush(0)


def test_what_was_not_durable_at_the_close_becomes_so_when_the_disk_comes_back(
    make: MakeWriter, disk: FaultyDisk, folder: str
) -> None:
    """After two failures closing gave up at once, with the edits still in memory."""
    writer = make()
    disk.fail("sync", disk.calls["sync"] + 1, errno.EIO)
    writer.append(Kind.UPDATE, b"x")
    until(lambda: disk.calls["sync"] > 4)
    assert not writer.close(0.01)
    assert not writer.health().healthy
    disk.heal()
    assert writer.close(20)
    assert stored(folder)[-1] == b"x"


def test_what_comes_after_the_close_is_not_called_kept(make: MakeWriter) -> None:
    """It was taken, and lost without a word."""
    writer = make()
    assert writer.close(20)
    writer.append(Kind.UPDATE, b"late")
    assert not writer.health().healthy
    assert not writer.flush(0)
    assert not writer.rotate(0)


def test_what_comes_after_the_close_is_written_nowhere(make: MakeWriter, tmp_path: Path) -> None:
    """The descriptor was another file's by then."""
    writer = make()
    assert writer.close(20)
    with ExitStack() as stack:
        for number in range(20):
            stack.enter_context(open(tmp_path / str(number), "wb"))
        writer.append(Kind.UPDATE, b"late")
    assert all(not path.stat().st_size for path in tmp_path.iterdir() if path.is_file())


def test_records_from_many_threads_are_all_kept(make: MakeWriter, folder: str) -> None:
    writer = make()

    def write(name: int) -> None:
        for number in range(200):
            writer.append(Kind.UPDATE, b"%d %d" % (name, number))

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert writer.close(20)
    assert sorted(stored(folder)) == sorted(
        b"%d %d" % (name, number) for name in range(4) for number in range(200)
    )
