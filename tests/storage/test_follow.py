"""What several servers find of each other's edits in one journal."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_crdt_autosave.storage.compaction import compact
from jupyter_crdt_autosave.storage.history import read_history
from jupyter_crdt_autosave.storage.record import Kind, encode
from jupyter_crdt_autosave.storage.segment import head_for
from tests.storage.documents import Server, Typist, baseline, entries
from tests.support.disks import FaultyDisk, QuickDisk


@pytest.fixture
def one(folder: str) -> Iterator[Server]:
    server = Server(QuickDisk(), folder, client=1)
    yield server
    assert server.close()


@pytest.fixture
def two(folder: str, one: Server) -> Iterator[Server]:
    server = Server(QuickDisk(), folder, client=2)
    yield server
    assert server.close()


def both(*servers: Server) -> set[str]:
    return entries([update for server in servers for update in server.typist.made])


def test_two_servers_see_each_others_edits_once(one: Server, two: Server) -> None:
    one.edit()
    two.edit()
    assert one.journal.follow().updates == two.typist.made
    assert two.journal.follow().updates == one.typist.made
    assert one.journal.follow().updates == []


def test_what_was_there_at_the_start_is_not_found_again(one: Server, folder: str) -> None:
    one.edit()
    later = Server(QuickDisk(), folder, client=3)
    assert later.known == one.typist.made
    assert later.journal.follow().updates == []
    one.edit()
    assert later.journal.follow().updates == one.typist.made[1:]
    assert later.close()


def test_our_own_edits_are_not_followed(one: Server) -> None:
    one.edit()
    one.journal.rotate()
    one.edit()
    assert one.journal.follow().updates == []


def test_a_record_that_is_half_written_is_read_when_it_is_whole(one: Server, folder: str) -> None:
    name = "00000009-00112233445566aa.journal"
    update = Typist(5).edit()
    frame = encode(head_for(name).seed, 1, 0.0, Kind.UPDATE, update)
    path = Path(folder, name)
    path.write_bytes(frame)
    one.journal.follow()
    for end in range(1, len(frame)):
        path.write_bytes(frame + frame[:end])
        assert one.journal.follow().updates == []
    path.write_bytes(frame + frame)
    assert one.journal.follow().updates == [update]


def test_edits_behind_damage_in_a_live_segment_are_found(one: Server, folder: str) -> None:
    name = "00000009-00112233445566aa.journal"
    first, second = Typist(5).edits(2)
    seed = head_for(name).seed
    path = Path(folder, name)
    path.write_bytes(encode(seed, 1, 0.0, Kind.UPDATE, first) + b"junk")
    assert one.journal.follow().updates == [first]
    path.write_bytes(path.read_bytes() + encode(seed, 2, 0.0, Kind.UPDATE, second))
    assert one.journal.follow().updates == [second]


def test_a_rotation_of_another_server_hides_nothing(one: Server, two: Server) -> None:
    two.edit()
    two.journal.rotate()
    two.edit()
    one.follow()
    two.journal.rotate()
    two.edit()
    one.follow()
    assert entries(one.known) == both(two)


def test_the_result_of_a_compaction_is_no_news_to_who_wrote_it_all(
    one: Server, folder: str
) -> None:
    """After each compaction the whole document was applied to itself, on the event loop."""
    for _ in range(100):
        one.edit()
    one.journal.rotate()
    held = one.journal.size
    assert compact(QuickDisk(), folder)
    followed = one.journal.follow()
    assert (followed.updates, followed.baselines) == ([], [])
    assert followed.snapshot is not None
    assert one.journal.size < held


def test_the_result_of_a_compaction_is_news_to_who_had_not_read_it_all(
    one: Server, two: Server, folder: str
) -> None:
    two.edit()
    one.follow()
    two.edit()
    two.journal.rotate()
    two.edit()
    two.journal.rotate()
    assert compact(QuickDisk(), folder)
    one.follow()
    assert entries(one.known) == both(two)


def test_a_position_counts_what_the_document_has(one: Server, two: Server) -> None:
    """A baseline claimed edits that had been read, but were not yet in the document."""
    two.edit()
    before = one.journal.position()
    followed = one.journal.follow()
    assert one.journal.position() == before
    one.journal.took_in(followed)
    other = two.journal.position()
    assert {name: one.journal.position().get(name) for name in other} == other


def test_what_was_given_before_is_in_the_document_by_the_next_look(
    one: Server, two: Server
) -> None:
    two.edit()
    one.journal.follow()
    one.journal.follow()
    other = two.journal.position()
    assert {name: one.journal.position().get(name) for name in other} == other


def test_a_document_that_two_servers_left_equal_to_its_file_is_settled(
    one: Server, two: Server, folder: str
) -> None:
    one.edit()
    two.edit()
    one.follow()
    one.agree()
    two.follow()
    assert two.close(settled=True)
    assert one.close(settled=True)
    assert read_history(QuickDisk(), folder).settled


def test_baselines_of_others_are_numbered_on(one: Server, two: Server) -> None:
    one.agree()
    found = two.journal.follow().baselines
    assert [b.order for b in found] == [1]
    assert two.journal.confirm(baseline()).order == 2


def test_an_announcement_that_is_history_is_no_news(one: Server, two: Server) -> None:
    """It was taken for an export that is under way, long after it had been confirmed."""
    one.announce()
    one.agree()
    two.agree()
    two.agree()
    two.agree()
    assert [b.intended for b in two.journal.follow().baselines] == [False]


def test_an_announcement_of_another_server_is_news(one: Server, two: Server) -> None:
    one.announce()
    assert [b.intended for b in two.journal.follow().baselines] == [True]


def test_a_segment_that_cannot_be_read_is_read_at_the_next_look(one: Server, folder: str) -> None:
    disk = FaultyDisk()
    two = Server(disk, folder, client=2)
    one.edit()
    disk.fail("read", disk.calls["read"] + 1, errno.EIO, times=1)
    with pytest.raises(OSError):
        two.journal.follow()
    assert two.journal.follow().updates == one.typist.made
    assert two.close()


def test_records_that_make_no_sense_are_passed_over(one: Server, folder: str) -> None:
    name = "00000009-00112233445566aa.journal"
    odd = [b"", b"[]", b"{}", b"\xff", json.dumps({"hash": "x", "size": "y"}).encode()]
    frames = [
        encode(head_for(name).seed, n, 0.0, kind, data)
        for kind in (Kind.OPENED, Kind.BASELINE, Kind.CLOSED, Kind.MOVED, 77)
        for n, data in enumerate(odd)
    ]
    Path(folder, name).write_bytes(b"".join(frames))
    assert one.journal.follow().baselines == []
    assert read_history(QuickDisk(), folder).baselines == []


def test_other_files_in_the_folder_are_no_segments(one: Server, folder: str) -> None:
    for name in ("about.json", "1.journal", "00000009-00112233445566aa.journal.new"):
        Path(folder, name).write_bytes(b"x")
    os.mkdir(os.path.join(folder, "damaged"))
    assert one.journal.follow().updates == []
    assert not read_history(QuickDisk(), folder).damaged
