"""What the tests of the storage share."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xxhash

from jupyter_crdt_autosave.disk import Disk
from jupyter_crdt_autosave.storage import sweeping, writer
from jupyter_crdt_autosave.storage.record import HEAD_SIZE, Head, encode_head
from jupyter_crdt_autosave.storage.segment import Segment, new_writer
from jupyter_crdt_autosave.storage.store import Store
from jupyter_crdt_autosave.storage.writer import Writer
from tests.storage.documents import QUICK, QUICK_ENOUGH, MakeWriter, nothing, until
from tests.support.disks import FaultyDisk, QuickDisk


@pytest.fixture(autouse=True)
def nothing_is_left_open() -> Iterator[None]:
    """A journal that keeps a thread or a file open when it is closed does so in every room."""
    files, threads = open_files(), set(threading.enumerate())
    yield
    until(lambda: not {t for t in threading.enumerate() if t.name == "journal"} - threads)
    assert open_files() <= files


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """The folder of one document."""
    return str(tmp_path / "document")


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where the system has such a thing: for crashes by the thousand."""
    memory = "/dev/shm"
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def later_head() -> bytes:
    """The head of a segment that a later version wrote."""
    body = bytearray(encode_head(Head("00112233445566aa", 5))[: HEAD_SIZE - 8])
    body[4] = 2
    return bytes(body) + xxhash.xxh3_64_digest(bytes(body))


@pytest.fixture(autouse=True)
def a_disk_is_never_slow_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is to depend on how busy the machine is."""
    monkeypatch.setattr(writer, "SLOW", QUICK_ENOUGH)


@pytest.fixture(autouse=True)
def nobody_sweeps_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses are for others; a test that has some sets them itself."""
    monkeypatch.setattr(sweeping, "PAUSE", 0.0)


@pytest.fixture
def root(tmp_path: Path) -> str:
    """Where a store is going to be; its parent is not there either."""
    return str(tmp_path / "data" / "store")


@pytest.fixture
def store(root: str) -> Store:
    """A store without documents."""
    store = Store(QuickDisk(), root)
    store.open()
    return store


@pytest.fixture
def disk() -> FaultyDisk:
    """A disk that works so far."""
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
    for one in made:
        one.close(20)


def open_files() -> int:
    """How many descriptors this process has."""
    return len(os.listdir("/proc/self/fd" if os.path.exists("/proc/self/fd") else "/dev/fd"))
