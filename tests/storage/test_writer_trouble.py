"""A disk that fails under a writer: what is told, and how it goes on."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from jupyter_crdt_autosave.storage.history import read_history
from jupyter_crdt_autosave.storage.record import Kind
from jupyter_crdt_autosave.storage.segment import Segment, new_writer
from jupyter_crdt_autosave.storage.writer import Writer
from tests.storage.documents import QUICK, MakeWriter, nothing, until
from tests.storage.segments import stored
from tests.support.disks import FaultyDisk, QuickDisk


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


def test_all_that_came_while_a_disk_failed_is_written_when_it_works(
    make: MakeWriter, disk: FaultyDisk, folder: str
) -> None:
    writer = make()
    disk.fail("write", disk.calls["write"] + 1, errno.ENOSPC)
    made = [b"%d" % number for number in range(5000)]
    for update in made:
        writer.append(Kind.UPDATE, update)
    disk.heal()
    assert writer.flush(20)
    assert stored(folder) == made


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
    seen: list[bool] = []

    def told() -> None:
        seen.append(writer.health().healthy)

    writer = Writer(
        QuickDisk(), lambda: Segment.create(QuickDisk(), folder, token, {}), told, QUICK
    )
    writer.start()
    assert not seen[0]
    writer.append(Kind.UPDATE, b"x")
    assert writer.flush(20)
    assert writer.close(20)
    assert len(list(Path(folder).iterdir())) == 1
