"""Any call to the disk fails, at any time: edits go on, and nothing that was kept is lost."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from jupyter_crdt_autosave.disk import Disk
from jupyter_crdt_autosave.errors import JournalFailed, StoreUnavailable
from jupyter_crdt_autosave.storage.compaction import compact
from jupyter_crdt_autosave.storage.history import History
from jupyter_crdt_autosave.storage.journal import Journal
from jupyter_crdt_autosave.storage.record import Kind
from jupyter_crdt_autosave.storage.store import About, Store
from tests.storage.documents import Server, entries, nothing, until
from tests.storage.stores import A, B
from tests.support.disks import OPERATIONS, FaultyDisk, QuickDisk, everything_of

ERRORS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC, "EINTR": errno.EINTR}
WRITING = ("open", "write", "sync", "rename", "mkdir", "sync_folder", "list")

errors = pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS.keys())
operations = pytest.mark.parametrize("operation", OPERATIONS)
writing = pytest.mark.parametrize("operation", WRITING)

Session = Callable[[Disk], object]


def faults(session: Session, operation: str, error: int, times: int) -> Iterator[FaultyDisk]:
    """A disk for each of the calls of an operation that a session makes: the call fails there."""
    healthy = FaultyDisk()
    session(healthy)
    for number in range(1, healthy.calls[operation] + 1):
        disk = FaultyDisk()
        disk.fail(operation, number, error, times)
        yield disk


def read(folder: str) -> History:
    return Journal(QuickDisk(), folder, nothing).load()


def check(server: Server, folder: str, upto: int | None = None) -> None:
    """What a server recorded, up to a number, can be read back."""
    history = read(folder)
    assert entries(server.payloads(Kind.UPDATE, upto)) <= entries(history.updates)
    assert len(history.baselines) >= min(1, len(server.payloads(Kind.BASELINE, upto)))


def edit(server: Server) -> None:
    """30 edits, and an export after the tenth."""
    for number in range(1, 31):
        server.edit()
        if number == 10:
            server.agree()


def whole_session(disk: Disk, folder: str) -> Server:
    """Everything that a server does to a journal."""
    server = Server(disk, folder)
    edit(server)
    server.journal.rotate()
    server.edit()
    assert server.journal.flush(20)
    assert server.close()
    return server


@errors
@operations
def test_a_session_in_which_one_call_fails_keeps_everything(
    folder: str, operation: str, error: int
) -> None:
    for disk in faults(lambda disk: whole_session(disk, folder), operation, error, times=1):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            server = whole_session(disk, folder)
        except OSError:
            # The first look at the folder: the document is not opened, and nothing is written.
            assert not os.path.exists(folder)
        else:
            check(server, folder)


def test_a_session_in_which_one_write_is_cut_short_keeps_everything(folder: str) -> None:
    healthy = FaultyDisk()
    whole_session(healthy, folder)
    for number in range(1, healthy.calls["write"] + 1):
        shutil.rmtree(folder)
        disk = FaultyDisk()
        disk.cut(number)
        check(whole_session(disk, folder), folder)
        assert not read(folder).damaged


@errors
@writing
def test_a_disk_that_fails_for_long_is_told_of_and_caught_up_with(
    folder: str, operation: str, error: int
) -> None:
    for number in range(2, 6):
        shutil.rmtree(folder, ignore_errors=True)
        disk = FaultyDisk()
        server = Server(disk, folder)
        disk.fail(operation, number, error)
        edit(server)
        until(partial(fails_at_last, server))
        server.edit()
        assert server.journal.health().error == os.strerror(error)
        assert not server.journal.flush(0)
        check(server, folder, server.writer.durable)
        disk.heal()
        assert server.journal.flush(20)
        assert server.journal.health().healthy
        assert server.close()
        check(server, folder)


def fails_at_last(server: Server) -> bool:
    """Whether one of the calls that a rotation makes has failed; it is asked for again if not."""
    return not server.writer.rotate(0) and not server.journal.health().healthy


@errors
@operations
def test_a_journal_that_cannot_be_read_is_read_when_the_disk_can(
    folder: str, operation: str, error: int
) -> None:
    server = whole_session(QuickDisk(), folder)
    for disk in faults(lambda disk: Journal(disk, folder, nothing).load(), operation, error, 1):
        journal = Journal(disk, folder, nothing)
        with pytest.raises(OSError):
            journal.load()
        assert entries(journal.load().updates) == entries(server.known)


@errors
@operations
def test_what_other_servers_wrote_is_found_when_the_disk_can_be_read(
    folder: str, operation: str, error: int
) -> None:
    """What had been read of one segment was forgotten because another could not be read."""
    others = [Server(QuickDisk(), folder, client=number) for number in (1, 2, 3)]
    for disk in faults(lambda disk: look(disk, folder), operation, error, 1):
        journal = Journal(disk, folder, nothing)
        found: list[bytes] = []
        with suppress(OSError):
            found += journal.load().updates
        for other in others:
            other.edit()
        for _ in range(2):
            with suppress(OSError):
                found += journal.follow().updates
        assert entries(found) == entries([u for other in others for u in other.typist.made])
    for other in others:
        assert other.close()


def look(disk: Disk, folder: str) -> None:
    journal = Journal(disk, folder, nothing)
    journal.load()
    journal.follow()


@errors
@operations
def test_a_compaction_in_which_one_call_fails_loses_nothing(
    folder: str, tmp_path: Path, operation: str, error: int
) -> None:
    servers = [whole_session(QuickDisk(), folder)]
    damage(folder)
    shutil.copytree(folder, tmp_path / "copy")

    def again(disk: Disk) -> None:
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "copy", folder)
        compact(disk, folder)

    for disk in faults(again, operation, error, times=1):
        with suppress(OSError):
            again(disk)
        check(servers[0], folder)
        assert entries(read(folder).updates) == entries(servers[0].known)
        compact(QuickDisk(), folder)
        assert entries(read(folder).updates) == entries(servers[0].known)
        assert not read(folder).damaged
        assert all("new" not in name for name in everything_of(folder))


def damage(folder: str) -> None:
    """Damage a record of a journal that does not matter."""
    path = next(Path(folder).iterdir())
    path.write_bytes(path.read_bytes() + b"torn")


def test_a_compaction_that_does_not_read_back_changes_nothing(folder: str) -> None:
    """A disk that writes other bytes than it was given took the journal with it."""

    class Lying(QuickDisk):
        def write(self, fd: int, data: bytes) -> int:  # type: ignore[override]
            return os.write(fd, data[:-1] + b"!")

    whole_session(QuickDisk(), folder)
    before = everything_of(folder)
    with pytest.raises(JournalFailed):
        compact(Lying(), folder)
    assert everything_of(folder) == before


def catalogue(disk: Disk, root: str) -> None:
    """Everything that a server does to a store; what fails is done again once."""

    def twice(step: Callable[[Store], object]) -> None:
        with suppress(OSError, StoreUnavailable):
            step(store)
            return
        step(store)

    store = Store(disk, root)
    twice(lambda store: store.open())
    twice(lambda store: store.create(A, "a.ipynb"))
    twice(lambda store: store.write(found(store, A)))
    twice(lambda store: store.move(store.find(A) or found(store, B), B, "b.ipynb"))
    twice(lambda store: store.create(A, "a.ipynb"))
    twice(lambda store: store.release(found(store, A), "deleted") if store.find(A) else None)
    twice(lambda store: store.create(A, "a.ipynb"))


def found(store: Store, identity: str) -> About:
    about = store.find(identity)
    assert about is not None
    return about


@errors
@operations
def test_a_store_in_which_one_call_fails_keeps_each_notebook_with_its_document(
    tmp_path: Path, operation: str, error: int
) -> None:
    root = str(tmp_path / "store")
    for disk in faults(lambda disk: catalogue(disk, root), operation, error, times=1):
        shutil.rmtree(root)
        catalogue(disk, root)
        store = Store(QuickDisk(), root)
        a, b = store.find(A), store.find(B)
        assert a is not None and b is not None and a.id != b.id
        standing = [about for about in store.all() if about.released is None]
        assert sorted(about.id for about in standing) == sorted([a.id, b.id])
        assert not [name for name in everything_of(root) if name.endswith(".new")]
