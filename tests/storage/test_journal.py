"""The journal of one document: what a session leaves, and what its answers mean."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator

import pytest

from jupyter_crdt_autosave.errors import StoreUnavailable
from jupyter_crdt_autosave.model import Kept
from jupyter_crdt_autosave.storage.journal import Journal
from jupyter_crdt_autosave.storage.record import Kind, decode_kept
from jupyter_crdt_autosave.storage.segment import Segment, head_for, head_of, new_writer, order_of
from tests.storage.documents import QUICK, Server, Typist, entries, nothing, until
from tests.storage.segments import UPDATE, A, opened, read, write_segment
from tests.support.disks import FaultyDisk, QuickDisk, everything_of


@pytest.fixture
def server(folder: str) -> Iterator[Server]:
    server = Server(QuickDisk(), folder)
    yield server
    assert server.close()


def test_the_updates_of_a_session_read_back(server: Server, folder: str) -> None:
    for size in (1, 3, 100_000, 2):
        server.edit(size)
    assert read(folder).updates == server.typist.made
    assert [update for update, _ in server.journal.stored()] == server.typist.made


def test_each_update_is_stored_with_its_time(server: Server) -> None:
    server.edit()
    server.edit()
    times = [at for _, at in server.journal.stored()]
    assert 1.7e9 < times[0] <= times[1]


def test_what_is_kept_is_for_nobody_but_its_owner(server: Server, folder: str) -> None:
    umask = os.umask(0)
    try:
        server.journal.rotate()
        other = Server(QuickDisk(), os.path.join(folder, "deeper", "still"))
        assert other.close()
    finally:
        os.umask(umask)
    for place, folders, files in os.walk(folder):
        assert stat.S_IMODE(os.stat(place).st_mode) == 0o700
        assert {stat.S_IMODE(os.stat(os.path.join(place, name)).st_mode) for name in files} <= {
            0o600
        }
        assert folders or files


def test_an_announced_export_is_durable_before_it_happens(folder: str) -> None:
    disk = FaultyDisk()
    server = Server(disk, folder)
    disk.fail("sync", disk.calls["sync"] + 1, errno.EIO, times=1)
    server.announce()
    assert server.writer.durable == 1
    assert read(folder).baselines[-1].intended
    assert server.close()


def test_a_confirmed_export_has_a_number_of_its_own(server: Server, folder: str) -> None:
    server.announce()
    server.agree()
    server.announce()
    assert [(b.order, b.intended) for b in read(folder).baselines] == [(2, False), (3, True)]


def test_content_that_is_set_aside_reads_back(server: Server, folder: str) -> None:
    kept = Kept("external", "2024", b"{}" * 1000)
    assert server.journal.keep(kept)
    assert [decode_kept(note.payload) for note in read(folder).kept] == [kept]


def test_a_new_path_is_noted_and_outlives_a_rotation(server: Server, folder: str) -> None:
    server.journal.moved("other.ipynb")
    assert server.journal.flush(20)
    assert read(folder).path == "other.ipynb"
    server.journal.rotate()
    assert read(folder).segments[-1].opened["path"] == "other.ipynb"


def test_the_position_names_the_last_update_and_no_other_record(server: Server) -> None:
    server.edit()
    server.agree()
    (count,) = server.journal.position().values()
    assert count == 1


def test_a_later_session_goes_on_behind_the_earlier(folder: str) -> None:
    first = Server(QuickDisk(), folder)
    first.edit()
    first.agree()
    assert first.close(settled=True)
    second = Server(QuickDisk(), folder, client=2)
    assert second.history.settled
    assert second.journal.confirm(second._baseline()).order == 2
    assert second.journal.position().items() >= first.journal.position().items()
    assert second.close(settled=True)
    assert read(folder).settled


def test_a_journal_that_has_no_place_yet_keeps_in_memory_until_it_has(folder: str) -> None:
    refused = [True]

    def prepare() -> None:
        if refused:
            raise StoreUnavailable("The store is read-only.")

    journal = Journal(QuickDisk(), folder, nothing, prepare, retry=QUICK)
    journal.start(7, "nb.ipynb")
    assert journal.health().error == "The store is read-only."
    assert not os.path.exists(folder)
    update = Typist().edit()
    journal.update(update)
    refused.clear()
    assert journal.flush(20)
    assert read(folder).updates == [update]
    assert journal.close(settled=False, timeout=20)


def test_a_folder_that_vanishes_under_a_journal_is_made_again(folder: str) -> None:
    disk = FaultyDisk()
    server = Server(disk, folder)
    server.edit()
    assert server.journal.flush(20)
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    os.rmdir(folder)
    server.edit()
    server.journal.rotate()
    until(lambda: server.journal.health().healthy)
    server.edit()
    assert server.close()
    assert os.path.isdir(folder)


def test_a_new_segment_sorts_behind_all_others(folder: str) -> None:
    write_segment(folder, A, opened(), UPDATE)
    os.rename(
        os.path.join(folder, f"00000001-{A}.journal"), os.path.join(folder, f"99999999-{A}.journal")
    )
    server = Server(QuickDisk(), folder)
    server.edit()
    assert server.close()
    assert [segment.name[:9] for segment in read(folder).segments] == ["100000000", "99999999-"]


@pytest.mark.parametrize(
    ("name", "order"),
    [
        (f"00000012-{A}.journal", 12),
        (f"123456789-{A}.journal", 123456789),
        (f"00000012-{A}.journal.new", None),
        ("00000012-xyz.journal", None),
        (f"{A}.journal", None),
        ("lock", None),
        ("about.json", None),
    ],
)
def test_segments_are_known_by_their_names(name: str, order: int | None) -> None:
    assert order_of(name) == order


def test_two_segments_of_one_writer_do_not_share_a_seed() -> None:
    """A stale block of one passed for a record of the other."""
    assert head_for(f"00000001-{A}.journal").seed != head_for(f"00000002-{A}.journal").seed


def test_a_head_that_is_sound_counts_more_than_the_name(folder: str) -> None:
    path = write_segment(folder, A, opened())
    with open(path, "rb") as file:
        data = file.read()
    renamed = path.replace("00000001", "00000005")
    assert head_of(renamed, data)[0] == head_for(os.path.basename(path))
    assert head_of(path, b"!" + data[1:]) == (head_for(os.path.basename(path)), 0)


@pytest.mark.parametrize("operation", ["list", "open", "write", "mkdir", "sync_folder"])
def test_a_segment_that_could_not_be_begun_leaves_nothing_behind(
    folder: str, operation: str
) -> None:
    disk = FaultyDisk()
    disk.fail(operation, 1, errno.ENOSPC)
    with pytest.raises(OSError):
        Segment.create(disk, folder, new_writer(), {})
    assert not os.path.exists(folder) or everything_of(folder) == {}


@pytest.mark.parametrize("operation", ["sync", "rename", "sync_folder"])
def test_a_segment_is_no_part_of_the_journal_before_it_is_durable(
    folder: str, operation: str
) -> None:
    """After a power cut an empty segment told of damage in a journal that had none."""
    disk = FaultyDisk()
    segment = Segment.create(disk, folder, new_writer(), {})
    assert read(folder).segments == []
    disk.fail(operation, disk.calls[operation] + 1, errno.EIO)
    with pytest.raises(OSError):
        segment.publish(disk)
    segment.discard(disk)
    assert everything_of(folder) == {}


def test_a_closing_tells_how_the_document_was_left(folder: str) -> None:
    server = Server(QuickDisk(), folder)
    server.edit()
    server.agree()
    position = server.journal.position()
    assert server.close(settled=True)
    (note,) = [n for s in read(folder).segments for n in s.scan.notes if n.kind == Kind.CLOSED]
    fields = json.loads(note.payload)
    assert fields["settled"]
    assert fields["position"] == position
    assert entries(read(folder).updates) == {"1:1"}
