"""Compaction while servers write: what is theirs is left alone, and what is not is all there."""

from __future__ import annotations

import errno
import fcntl
import os
import sys
import threading
from contextlib import AbstractContextManager

import pytest
from pycrdt import Map, TransactionEvent

from jupyter_crdt_autosave.storage import compaction
from jupyter_crdt_autosave.storage.compaction import compact
from jupyter_crdt_autosave.storage.lock import exclusive
from tests.storage.documents import Server, Typist, baseline, entries, session_in
from tests.storage.segments import UPDATE, A, B, opened, read, typed, write_segment
from tests.support.disks import QuickDisk, everything_of


def test_a_segment_that_is_being_written_is_left_alone(folder: str) -> None:
    live = Server(QuickDisk(), folder, client=9)
    live.edit()
    session_in(folder, 1)
    session_in(folder, 2)
    before = everything_of(folder)
    assert compact(QuickDisk(), folder)
    assert len(read(folder).segments) == 2
    assert before.items() & everything_of(folder).items()
    live.edit()
    assert live.close()
    assert entries(read(folder).updates) >= {"9:1", "9:2", "1:5", "2:5"}


def test_what_was_written_until_the_last_moment_is_in_it(folder: str) -> None:
    """What came after the segments had been read, and before they were locked, was removed."""
    live = Server(QuickDisk(), folder, client=1)
    live.edit()
    live.edit()
    live.journal.rotate()
    live.edit()
    newest = max(os.listdir(folder))
    left: list[bool] = []

    class Late(QuickDisk):
        def read(self, path: str, offset: int = 0) -> bytes:
            data = super().read(path, offset)
            if path.endswith(newest) and not left:
                live.edit()
                left.append(live.close())
            return data

    assert compact(Late(), folder)
    assert left
    assert entries(read(folder).updates) == entries(live.typist.made)
    compact(QuickDisk(), folder)
    assert entries(read(folder).updates) == entries(live.typist.made)


def test_what_only_a_live_segment_explains_is_kept(folder: str) -> None:
    first, second, third = typed(Typist(1), 3)
    write_segment(folder, A, opened(), second)
    write_segment(folder, A, opened(), third)
    path = write_segment(folder, B, opened(), first)
    with open(path, "r+b") as live:
        fcntl.flock(live, fcntl.LOCK_EX)
        assert compact(QuickDisk(), folder)
        assert entries(read(folder).updates) == {"1:1", "1:2", "1:3"}


def test_an_unfinished_segment_that_somebody_is_making_is_left_alone(folder: str) -> None:
    path = write_segment(folder, A, opened(), UPDATE)
    os.rename(path, f"{path}.new")
    with open(f"{path}.new", "rb") as live:
        fcntl.flock(live, fcntl.LOCK_EX)
        assert not compact(QuickDisk(), folder)
    assert len(os.listdir(folder)) == 1


def test_a_compaction_waits_for_the_lock_of_the_document(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_in(folder)
    waiting = threading.Event()

    def wait(path: str) -> AbstractContextManager[None]:
        waiting.set()
        return exclusive(path)

    monkeypatch.setattr(compaction, "exclusive", wait)
    monkeypatch.setattr(sys, "argv", ["compaction", folder])
    thread = threading.Thread(target=compaction.main)
    with exclusive(os.path.join(folder, "lock")):
        thread.start()
        assert waiting.wait(20)
        assert len(read(folder).updates) == 5
    thread.join(20)
    assert len(read(folder).updates) == 1


def test_a_journal_that_has_outgrown_its_document_says_so_once(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each rotation it took twice as long again until the next compaction."""
    monkeypatch.setattr("jupyter_crdt_autosave.storage.journal.COMPACT_SLACK", 10_000)
    server = Server(QuickDisk(), folder)

    def keep(event: TransactionEvent) -> None:
        server.journal.update(event.update)

    subscription = server.typist.doc.observe(keep)
    cell = server.typist.doc.get("cell", type=Map)
    for _ in range(4):
        while not server.journal.outgrown():
            cell["output"] = "x" * 3000
        assert 10_000 < server.journal.size < 30_000
        server.journal.rotate()
        assert not server.journal.outgrown()
        assert compact(QuickDisk(), folder)
        server.follow()
    server.typist.doc.unobserve(subscription)
    assert server.close()


def test_a_baseline_without_what_another_server_had_settles_nothing(folder: str) -> None:
    """What that server had written counted as exported, once it had been compacted."""
    live = Server(QuickDisk(), folder, client=1)
    gone = session_in(folder, client=2)
    assert compact(QuickDisk(), folder)
    for _ in range(2):
        live.agree()
        assert not read(folder).settled
    live.follow()
    live.agree()
    assert live.close(settled=True)
    assert read(folder).settled
    assert entries(live.known) == entries(gone.known)


def test_a_baseline_outlives_a_compaction_beside_a_live_server(folder: str) -> None:
    """After it the document never counted as equal to its file again."""
    live = Server(QuickDisk(), folder)
    for _ in range(3):
        live.edit()
    live.agree()
    live.journal.rotate()
    live.journal.confirm(baseline("again", position=live.journal.position()))
    assert compact(QuickDisk(), folder)
    assert live.close(settled=True)
    assert read(folder).settled


def test_nothing_is_compacted_where_there_are_no_locks(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The segment that a live server was writing was removed: every lock seemed to be free."""
    session_in(folder, 1)
    session_in(folder, 2)
    before = everything_of(folder)

    def flock(fd: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    assert not compact(QuickDisk(), folder)
    assert everything_of(folder) == before
