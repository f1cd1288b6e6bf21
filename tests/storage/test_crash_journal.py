"""Power cuts while journals are written: what was called durable is there, in every state."""

from __future__ import annotations

import errno
import os
import random
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jupyter_crdt_autosave.storage.compaction import compact
from tests.storage.bench import Bench
from tests.storage.crashes import every_crash, random_crashes
from tests.storage.documents import until


@pytest.fixture
def bench(scratch: Path) -> Bench:
    return Bench(scratch / "disk")


def test_nothing_durable_is_lost_while_somebody_types(bench: Bench) -> None:
    server = bench.open()
    for _ in range(3):
        server.edit()
        assert server.journal.flush(10)
    with bench.unsynced():
        for size in (1, 700, 1):
            server.edit(size)
        server.agree()
    assert server.journal.flush(10)
    with bench.unsynced():
        server.edit(6000)
        server.edit()
    assert server.close()
    assert bench.check_every_crash() > 100


def test_nothing_durable_is_lost_around_an_export(bench: Bench) -> None:
    server = bench.open()
    server.edit()
    server.announce()
    server.keep(b"their bytes")
    with bench.unsynced():
        server.agree()
        server.edit()
    server.announce()
    server.agree()
    assert server.close(settled=True)
    assert bench.check_every_crash() > 50


def test_nothing_durable_is_lost_in_a_rotation(bench: Bench) -> None:
    server = bench.open()
    with bench.unsynced():
        server.edit()
        server.edit()
    server.journal.rotate()
    server.edit()
    with bench.unsynced():
        server.edit()
    server.journal.rotate()
    assert server.close()
    assert bench.check_every_crash() > 30


@pytest.mark.parametrize("operation", ["write", "sync", "sync_folder", "rename"])
def test_nothing_durable_is_lost_of_what_comes_during_a_rotation(
    bench: Bench, operation: str
) -> None:
    """It was in the earlier segment, which nobody synced any more."""
    server = bench.open()
    server.edit()
    assert server.journal.flush(10)
    bench.disk.meanwhile(operation, server.edit)
    server.journal.rotate()
    server.edit()
    assert server.close()
    assert bench.check_every_crash() > 20


@pytest.mark.parametrize("operation", ["write", "sync", "sync_folder", "rename"])
def test_nothing_durable_is_lost_after_a_failure(bench: Bench, operation: str) -> None:
    server = bench.open()
    server.edit()
    assert server.journal.flush(10)
    with bench.unsynced():
        server.edit()
        server.edit(700)
        # A rotation asks for each of the calls.
        bench.disk.fail(operation, bench.disk.calls[operation] + 1, errno.EIO, times=2)
    server.edit()
    server.journal.rotate()
    until(lambda: server.journal.health().healthy)
    server.edit()
    assert server.close()
    assert bench.disk.failed.is_set()
    assert bench.check_every_crash() > 40


def test_nothing_durable_is_lost_of_two_servers(bench: Bench) -> None:
    one, two = bench.open(), bench.open()
    one.edit()
    assert one.journal.flush(10)
    with bench.unsynced():
        two.edit()
        one.edit(700)
        two.edit()
    assert one.journal.flush(10) and two.journal.flush(10)
    one.follow()
    one.agree()
    two.follow()
    assert two.close(settled=True)
    one.edit()
    assert one.close()
    assert bench.check_every_crash() > 50


def test_nothing_is_lost_in_a_compaction(bench: Bench) -> None:
    for _ in range(2):
        server = bench.open()
        server.edit()
        server.edit()
        server.keep(b"their bytes")
        server.agree()
        assert server.close(settled=True)
    assert compact(bench.disk, bench.folder)
    server = bench.open()
    server.edit()
    server.agree()
    assert server.close(settled=True)
    assert compact(bench.disk, bench.folder)
    assert bench.check_every_crash() > 100


def test_nothing_is_lost_in_a_compaction_beside_a_live_server(bench: Bench) -> None:
    live = bench.open()
    live.edit()
    live.edit()
    assert live.journal.flush(10)
    gone = bench.open()
    gone.edit()
    gone.agree()
    assert gone.close()
    live.follow()
    live.journal.rotate()
    with bench.unsynced():
        live.edit()
        assert compact_without_waiting(bench)
    live.follow()
    live.agree()
    assert live.close(settled=True)
    assert bench.check_every_crash() > 50


def test_nothing_is_lost_in_a_compaction_of_damaged_segments(bench: Bench) -> None:
    """The damaged bytes were moved to a folder that a power cut could still take away."""
    server = bench.open()
    for _ in range(4):
        server.edit()
    assert server.close()
    path = segment_of(bench)
    damaged = append(bench, path, b"\xa7Rec, damaged")
    begin = len(bench.recording.log)
    assert compact(bench.disk, bench.folder)
    crashes = [c for c in every_crash(*bench.recorded) if c.after >= begin]
    assert all(damaged in crash.files.values() for crash in crashes)
    assert bench.check(crashes) > 10


def segment_of(bench: Bench) -> str:
    """The path of the one segment."""
    (path,) = Path(bench.folder).glob("*.journal")
    return str(path)


def append(bench: Bench, path: str, data: bytes) -> bytes:
    """Append to a file, durably, what no writer would; its whole content then."""
    fd = bench.disk.open(path, os.O_WRONLY | os.O_APPEND)
    bench.disk.write(fd, data)
    bench.disk.sync(fd)
    bench.disk.close(fd)
    return bench.disk.read(path)


def compact_without_waiting(bench: Bench) -> bool:
    bench.recording.may_sync.set()
    return compact(bench.disk, bench.folder)


STEPS: dict[str, Callable[[Bench], object]] = {
    "edit": lambda bench: bench.servers[-1].edit(),
    "edit much": lambda bench: bench.servers[-1].edit(5000),
    "edit elsewhere": lambda bench: bench.servers[0].edit(),
    "flush": lambda bench: bench.servers[-1].journal.flush(10),
    "follow": lambda bench: bench.servers[-1].follow(),
    "agree": lambda bench: bench.servers[-1].agree(),
    "announce": lambda bench: bench.servers[-1].announce(),
    "keep": lambda bench: bench.servers[-1].keep(b"%d" % len(bench.recording.log)),
    "rotate": lambda bench: bench.servers[-1].journal.rotate(),
    "another": lambda bench: bench.open(),
    "compact": lambda bench: compact(bench.disk, bench.folder),
    "fail": lambda bench: bench.disk.fail("sync", bench.disk.calls["sync"] + 1, errno.EIO, 1),
}


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=12), st.integers(0, 2**32))
@example(["edit", "rotate", "compact", "edit", "another", "edit", "agree"], 1)
@example(["edit", "another", "edit", "follow", "agree", "edit elsewhere"], 2)
@example(["edit", "fail", "edit", "rotate", "compact", "another"], 3)
def test_nothing_durable_is_lost_whatever_happens(
    scratch: Path, steps: list[str], seed: int
) -> None:
    bench = Bench(Path(tempfile.mkdtemp(dir=scratch)) / "disk")
    bench.open()
    for step in steps:
        with suppress(OSError):
            STEPS[step](bench)
    for server in bench.servers:
        assert server.close()
    bench.check(random_crashes(*bench.recorded, random.Random(seed), 20))
