"""What appending costs the thread that does it, and how fast a journal is read."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.storage.history import read_history
from jupyter_crdt_autosave.storage.record import Kind
from tests.storage.documents import MakeWriter

pytestmark = pytest.mark.bench

RECORDS = 100_000
UPDATE = b"x" * 40


def best(measure: Callable[[], float], rounds: int = 5) -> float:
    """The least disturbed of several measurements."""
    return min(measure() for _ in range(rounds))


def test_appending_a_keystroke_takes_microseconds(make: MakeWriter) -> None:
    """Measured: 2.1 µs, of which the call of the operating system takes about one."""
    writer = make(on=OSDisk())

    def per_record() -> float:
        began = time.thread_time()
        for _ in range(10_000):
            writer.append(Kind.UPDATE, UPDATE)
        return (time.thread_time() - began) / 10_000

    took = best(per_record) * 1e6
    print(f"append: {took:.2f} µs")
    assert took < 10


def test_a_hundred_thousand_records_are_read_in_a_tenth_of_a_second(
    make: MakeWriter, folder: str
) -> None:
    """Measured: 0.065 s."""
    writer = make()
    for _ in range(RECORDS):
        writer.append(Kind.UPDATE, UPDATE)
    assert writer.close(20)

    def seconds() -> float:
        began = time.perf_counter()
        assert len(read_history(OSDisk(), folder).updates) == RECORDS
        return time.perf_counter() - began

    took = best(seconds)
    print(f"reading: {took * 1000:.0f} ms")
    assert took < 0.3
