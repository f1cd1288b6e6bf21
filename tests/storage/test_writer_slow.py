"""A disk that hangs: who writes then, and how long records wait."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from jupyter_crdt_autosave.storage import writer as writer_module
from jupyter_crdt_autosave.storage.record import Kind
from tests.storage.documents import QUICK_ENOUGH, MakeWriter, until
from tests.storage.segments import stored
from tests.support.disks import FaultyDisk


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
    assert writer.flush(20)
    disk.hold("write")
    for _ in range(100):
        # Were it to write, it would hang.
        writer.append(Kind.UPDATE, b"x")
    assert writer.written < writer.seq
    disk.heal()
    assert writer.flush(20)
    assert writer.written == writer.durable == writer.seq


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
