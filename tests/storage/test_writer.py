"""The appending end of a journal: which thread writes, and what its answers mean."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_crdt_autosave.disk import Disk
from jupyter_crdt_autosave.storage import writer as writer_module
from jupyter_crdt_autosave.storage.history import read_history
from jupyter_crdt_autosave.storage.record import Kind
from jupyter_crdt_autosave.storage.segment import Segment, new_writer
from jupyter_crdt_autosave.storage.writer import Writer
from tests.storage.documents import QUICK, nothing, until
from tests.support.disks import FaultyDisk, HookedDisk, QuickDisk

MakeWriter = Callable[..., Writer]

QUICK_ENOUGH = 60.0
"""Seconds: no test is to depend on how busy the machine is."""


@pytest.fixture(autouse=True)
def a_disk_is_never_slow_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "SLOW", QUICK_ENOUGH)


@pytest.fixture
def disk() -> FaultyDisk:
    return FaultyDisk()


@pytest.fixture
def make(folder: str, disk: FaultyDisk) -> Iterator[MakeWriter]:
    """Makes writers to one folder, and closes them on a disk that works again."""
    made: list[Writer] = []

    def make(notify: Callable[[], None] = nothing, on: Disk = disk, start: bool = True) -> Writer:
        token = new_writer()
        writer = Writer(on, lambda: Segment.create(on, folder, token, {}), notify, QUICK)
        made.append(writer)
        if start:
            writer.start()
        return writer

    yield make
    disk.heal()
    for writer in made:
        writer.close(20)


def stored(folder: str) -> list[bytes]:
    return read_history(QuickDisk(), folder).updates


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
        writer.append(Kind.UPDATE, b"%d" % number)
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


def test_a_slow_disk_makes_the_thread_write(
    make: MakeWriter, disk: FaultyDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network disk that hangs held up every user of the server with every key."""
    monkeypatch.setattr(writer_module, "SLOW", 0.02)
    told = threading.Event()
    writer = make(told.set)
    told.clear()
    disk.delay("write", 0.04)
    writer.append(Kind.UPDATE, b"slow")
    assert told.is_set()
    assert writer.health().handed_over
    disk.hold("write")
    for _ in range(100):
        # Were it to write, it would hang.
        writer.append(Kind.UPDATE, b"x")
    disk.heal()
    assert writer.flush(20)


def test_callers_write_again_when_the_disk_is_quick_again(
    make: MakeWriter, disk: FaultyDisk, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = threading.Event()
    writer = make(told.set)
    monkeypatch.setattr(writer_module, "SLOW", 0.02)
    disk.delay("write", 0.04)
    writer.append(Kind.UPDATE, b"slow")
    assert writer.health().handed_over
    disk.heal()
    told.clear()
    monkeypatch.setattr(writer_module, "SLOW", QUICK_ENOUGH)
    while writer.health().handed_over:
        writer.append(Kind.UPDATE, b"x")
        assert writer.flush(20)
    until(told.is_set)
    disk.hold("sync")
    writer.append(Kind.UPDATE, b"direct")
    assert stored(folder)[-1] == b"direct"


def test_a_disk_that_stays_slow_is_not_written_by_callers(
    make: MakeWriter, disk: FaultyDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "SLOW", 0.001)
    writer = make()
    disk.delay("write", 0.002)
    for _ in range(50):
        writer.append(Kind.UPDATE, b"x")
        assert writer.flush(20)
    assert writer.health().handed_over


def test_a_large_record_is_no_slow_disk(
    make: MakeWriter, disk: FaultyDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One large output made the journal say for minutes that the disk hangs."""
    monkeypatch.setattr(writer_module, "SLOW", 0.02)
    writer = make()
    disk.delay("write", 0.03)
    writer.append(Kind.UPDATE, bytes(50_000_000))
    assert not writer.health().handed_over
    disk.heal()


def test_a_write_that_is_cut_short_is_continued(
    make: MakeWriter, disk: FaultyDisk, folder: str
) -> None:
    writer = make()
    disk.cut(disk.calls["write"] + 1, times=3)
    writer.append(Kind.UPDATE, b"0123456789")
    assert writer.health().healthy
    assert stored(folder) == [b"0123456789"]
    assert not read_history(QuickDisk(), folder).damaged


@pytest.mark.parametrize("operation", ["write", "sync", "open", "rename", "sync_folder", "list"])
def test_trouble_is_told_with_its_reason_and_passes(
    make: MakeWriter, disk: FaultyDisk, folder: str, operation: str
) -> None:
    writer = make()
    writer.append(Kind.UPDATE, b"before")
    assert writer.flush(20)
    disk.fail("sync", disk.calls["sync"] + 1, errno.EIO, times=1)
    disk.fail(operation, disk.calls[operation] + 1, errno.ENOSPC)
    writer.append(Kind.UPDATE, b"during")
    until(lambda: writer.health().error == "No space left on device")
    assert not writer.health().healthy
    assert not writer.flush(0)
    assert writer.durable == 1
    disk.heal()
    until(lambda: writer.health().healthy)
    assert writer.flush(20)
    assert stored(folder)[-1] == b"during"


def test_whoever_is_told_of_trouble_can_ask_what_it_is(make: MakeWriter, disk: FaultyDisk) -> None:
    """The question waited for a lock that the one who was asked was holding."""
    answers: list[str | None] = []
    told: list[Writer] = []

    def ask() -> None:
        answers.extend(writer.health().error for writer in told)

    told.append(writer := make(ask))
    disk.fail("write", disk.calls["write"] + 1, errno.EIO)
    writer.append(Kind.UPDATE, b"x")
    assert answers[0] == "Input/output error"


def test_a_first_segment_that_cannot_be_made_is_tried_again(
    make: MakeWriter, disk: FaultyDisk, folder: str
) -> None:
    disk.fail("mkdir", 1, errno.EACCES)
    writer = make()
    assert writer.health().error == "Permission denied"
    writer.append(Kind.UPDATE, b"x")
    disk.heal()
    assert writer.flush(20)
    assert stored(folder) == [b"x"]


def test_an_error_that_nobody_thought_of_does_not_end_the_thread(folder: str) -> None:
    """The thread died, and from then on nothing became durable, without a word."""
    failures = [MemoryError("no room"), RuntimeError("odd")]
    token = new_writer()

    def open_segment() -> Segment:
        if failures:
            raise failures.pop()
        return Segment.create(QuickDisk(), folder, token, {})

    writer = Writer(QuickDisk(), open_segment, nothing, QUICK)
    writer.start()
    writer.append(Kind.UPDATE, b"x")
    assert writer.flush(20)
    assert writer.close(20)


def test_what_can_be_written_but_not_synced_survives_the_process(
    make: MakeWriter, disk: FaultyDisk, folder: str
) -> None:
    """While a sync kept failing, everything that was typed was in memory only."""
    writer = make()
    disk.fail("sync", disk.calls["sync"] + 1, errno.EIO)
    writer.append(Kind.UPDATE, b"one")
    until(lambda: not writer.health().healthy)
    writer.append(Kind.UPDATE, b"two")
    assert stored(folder) == [b"one", b"two"]


def test_a_renewed_segment_goes_on_with_the_numbers(
    make: MakeWriter, disk: FaultyDisk, folder: str
) -> None:
    writer = make()
    for failing in (False, True, True):
        if failing:
            disk.fail("sync", disk.calls["sync"] + 1, errno.EIO, times=1)
        writer.append(Kind.UPDATE, b"%d" % writer.seq)
        assert writer.flush(20)
    history = read_history(QuickDisk(), folder)
    assert list(history.position.values()) == [3]
    assert set(history.updates) == {b"0", b"1", b"2"}


def test_after_a_failed_sync_only_what_is_not_durable_is_written_again(
    make: MakeWriter, disk: FaultyDisk, folder: str
) -> None:
    writer = make()
    writer.append(Kind.UPDATE, b"durable")
    assert writer.flush(20)
    disk.fail("sync", disk.calls["sync"] + 1, errno.EIO, times=1)
    writer.append(Kind.UPDATE, b"again")
    assert writer.flush(20)
    assert stored(folder) == [b"durable", b"again", b"again"]


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


def test_where_syncing_is_slow_records_come_together_but_none_waits_for_long(
    make: MakeWriter, disk: FaultyDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    clock = SimpleNamespace(time=time.time, monotonic=time.monotonic, sleep=pauses.append)
    monkeypatch.setattr(writer_module, "time", clock)
    monkeypatch.setattr(writer_module, "SLOW", 0.02)
    writer = make()
    disk.delay("sync", 0.006)
    for _ in range(300):
        writer.append(Kind.UPDATE, b"x")
        time.sleep(0.0005)
    assert writer.flush(20)
    assert pauses
    assert max(pauses) < 0.05


def test_a_segment_that_cannot_be_locked_is_not_written(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A compaction that looked at it just then had its lock; later it was taken for abandoned."""
    refusals = [False, False]
    real = Segment.create.__globals__["claim"]
    monkeypatch.setitem(
        Segment.create.__globals__, "claim", lambda fd: refusals.pop() if refusals else real(fd)
    )
    token = new_writer()
    writer = Writer(
        QuickDisk(), lambda: Segment.create(QuickDisk(), folder, token, {}), nothing, QUICK
    )
    writer.start()
    assert not writer.health().healthy
    writer.append(Kind.UPDATE, b"x")
    assert writer.flush(20)
    assert writer.close(20)
    assert len(list(Path(folder).iterdir())) == 1
