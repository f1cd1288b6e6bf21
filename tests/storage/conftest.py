"""What the tests of the storage share."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import xxhash

from jupyter_crdt_autosave.storage.record import HEAD_SIZE, Head, encode_head
from tests.storage.documents import until


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


def open_files() -> int:
    """How many descriptors this process has."""
    return len(os.listdir("/proc/self/fd" if os.path.exists("/proc/self/fd") else "/dev/fd"))
