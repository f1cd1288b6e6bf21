"""What a document's segments say together: its updates, its baselines, how it was left."""

from __future__ import annotations

import json
import os

import pytest

from jupyter_crdt_autosave.storage.history import History, joined, read_history
from jupyter_crdt_autosave.storage.record import Kind
from tests.storage.documents import LINEAGE, Server
from tests.storage.segments import UPDATE, A, B, closed, noted, opened, read, write_segment
from tests.support.disks import HookedDisk, QuickDisk


def test_a_folder_that_is_not_there_holds_nothing(folder: str) -> None:
    history = read(folder)
    assert history == History()
    assert history.empty
    assert not history.settled


def test_a_document_without_a_baseline_is_not_settled(folder: str) -> None:
    write_segment(folder, A, opened(), UPDATE)
    assert not read(folder).settled


def test_a_baseline_that_covers_every_update_settles(folder: str) -> None:
    write_segment(folder, A, opened(), UPDATE, noted(1, {A: 1}))
    history = read(folder)
    assert history.settled
    assert history.position == {A: 1}


def test_an_update_behind_the_baseline_unsettles(folder: str) -> None:
    write_segment(folder, A, opened(), UPDATE, noted(1, {A: 1}), UPDATE)
    assert not read(folder).settled


def test_an_update_that_another_writer_made_unsettles(folder: str) -> None:
    """The file lacked what another server had, and an outside change took its place."""
    write_segment(folder, A, opened(), UPDATE, noted(1, {A: 1}))
    write_segment(folder, B, opened(), UPDATE)
    assert not read(folder).settled


def test_a_clean_closing_covers_what_made_no_difference(folder: str) -> None:
    write_segment(
        folder, A, opened(), UPDATE, noted(1, {A: 1}, at="x"), UPDATE, closed(1, {A: 3}, at="x")
    )
    assert read(folder).settled


def test_two_closings_cover_together(folder: str) -> None:
    write_segment(folder, A, opened(), UPDATE, noted(1, {A: 1}), UPDATE, closed(1, {A: 3}))
    write_segment(folder, B, opened(), UPDATE, closed(1, {A: 1, B: 1}))
    assert read(folder).settled


@pytest.mark.parametrize(
    "closing",
    [closed(1, {A: 3}, settled=False), closed(2, {A: 3}), closed(1, {A: 2}), closed(1, {B: 3})],
)
def test_a_closing_that_says_less_covers_nothing(folder: str, closing: tuple[int, bytes]) -> None:
    write_segment(folder, A, opened(), UPDATE, noted(1, {A: 1}), UPDATE, closing)
    assert not read(folder).settled


def test_a_closing_on_top_of_another_baseline_of_the_same_number_covers_nothing(
    folder: str,
) -> None:
    """Two servers each gave their baseline the same number; the closing meant the earlier one."""
    write_segment(
        folder, A, opened(), UPDATE, noted(1, {A: 1}, at="x"), UPDATE, closed(1, {A: 3}, at="x")
    )
    write_segment(folder, B, opened(), noted(1, {A: 1}, at="y"))
    assert not read(folder).settled


def test_two_baselines_of_one_number_leave_open_what_the_file_has(folder: str) -> None:
    write_segment(folder, A, opened(), UPDATE, noted(1, {A: 1}, at="x"))
    write_segment(folder, B, opened(), noted(1, {A: 1}, at="y"))
    history = read(folder)
    assert [baseline.at for baseline in history.baselines] == ["x", "y"]
    assert not history.settled


def test_a_baseline_that_was_written_again_after_a_failure_is_one(folder: str) -> None:
    write_segment(folder, A, opened(), UPDATE, noted(1, {A: 1}))
    write_segment(folder, A, noted(1, {A: 1}), first=2)
    assert read(folder).settled


def test_an_announced_export_whose_end_is_not_known_unsettles(folder: str) -> None:
    write_segment(folder, A, opened(), UPDATE, noted(1, {A: 1}), noted(2, {A: 1}, intended=True))
    history = read(folder)
    assert not history.settled
    assert [(b.order, b.intended) for b in history.baselines] == [(1, False), (2, True)]


def test_the_newest_confirmed_baseline_ends_all_before_it(folder: str) -> None:
    write_segment(folder, A, opened(), noted(1, {}), noted(2, {}, intended=True), noted(3, {}))
    write_segment(folder, B, opened(), noted(4, {}, intended=True))
    assert [baseline.order for baseline in read(folder).baselines] == [3, 4]


def test_baselines_count_in_their_order_whichever_segment_they_are_in(folder: str) -> None:
    write_segment(folder, A, opened(), noted(2, {}))
    write_segment(folder, B, opened(), noted(1, {}))
    history = read(folder)
    assert [baseline.order for baseline in history.baselines] == [2]
    assert history.order == 2


def test_an_announcement_and_a_baseline_of_one_number_are_both_remembered(folder: str) -> None:
    """The bytes of an export that was under way counted as somebody else's."""
    write_segment(folder, A, opened(), noted(1, {}, intended=True, at="1"))
    write_segment(folder, B, opened(), noted(1, {}, at="2"))
    assert [baseline.intended for baseline in read(folder).baselines] == [False, True]


def test_damage_unsettles(folder: str) -> None:
    write_segment(folder, A, opened(), UPDATE, noted(1, {A: 1}), tail=b"torn")
    history = read(folder)
    assert history.damaged
    assert not history.settled


def test_what_was_set_aside_is_there_once(folder: str) -> None:
    """After a failed sync it is in two segments."""
    write_segment(folder, A, opened(), UPDATE, (Kind.KEPT, b"x"))
    write_segment(folder, A, (Kind.KEPT, b"x"), (Kind.KEPT, b"y"), first=2)
    assert [note.payload for note in read(folder).kept] == [b"x", b"y"]


def test_the_path_is_the_one_that_was_noted_last(folder: str) -> None:
    write_segment(folder, A, opened(path="a"), (Kind.MOVED, json.dumps({"path": "b"}).encode()))
    assert read(folder).path == "b"
    write_segment(folder, B, opened(path="c"))
    assert read(folder).path == "c"


def test_the_lineage_is_known_though_the_first_segment_does_not_tell(folder: str) -> None:
    write_segment(folder, A, UPDATE)
    write_segment(folder, A, (Kind.OPENED, b'{"lineage": 0}'), UPDATE)
    write_segment(folder, B, opened())
    assert read(folder).lineage == LINEAGE


def test_a_compacted_segment_stands_for_those_that_went_into_it(folder: str) -> None:
    """A crash in a compaction left both."""
    old = write_segment(folder, A, opened(), UPDATE, UPDATE)
    write_segment(folder, B, opened(replaces={os.path.basename(old): 1}, holds={A: 2}), UPDATE)
    history = read(folder)
    assert len(history.updates) == 1
    assert [segment.path for segment in history.replaced] == [old]
    assert history.position == {A: 2}


@pytest.mark.parametrize("tail", [b"", b"junk"])
def test_a_compacted_segment_that_is_damaged_stands_for_nothing(folder: str, tail: bytes) -> None:
    """What it had replaced was passed over, though part of it could not be read."""
    old = write_segment(folder, A, opened(), UPDATE, UPDATE)
    path = write_segment(
        folder,
        B,
        opened(replaces={os.path.basename(old): 1}),
        UPDATE,
        (Kind.KEPT, b"kept"),
        tail=tail,
    )
    if not tail:
        with open(path, "r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"!")
    history = read(folder)
    assert len(history.segments) == 2
    assert history.replaced == []
    assert history.damaged


def test_a_damaged_segment_counts_though_it_was_replaced(folder: str) -> None:
    old = write_segment(folder, A, opened(), UPDATE, tail=b"torn")
    write_segment(folder, B, opened(replaces={os.path.basename(old): 1}), UPDATE)
    history = read(folder)
    assert history.damaged
    assert len(history.segments) == 2


def test_a_segment_that_is_compacted_while_it_is_read_is_not_missed(folder: str) -> None:
    """Whoever listed the folder before a compaction and read it after found nothing."""
    old = write_segment(folder, A, opened(), UPDATE)
    reads: list[str] = []

    def compacting(operation: str) -> None:
        if operation == "read" and not reads:
            reads.append(operation)
            write_segment(folder, B, opened(replaces={os.path.basename(old): 1}), UPDATE, UPDATE)
            os.unlink(old)

    assert len(read_history(HookedDisk(compacting), folder).updates) == 2


def test_a_segment_that_is_listed_but_cannot_be_found_is_an_error(folder: str) -> None:
    os.makedirs(folder)
    os.symlink("nowhere", os.path.join(folder, f"00000001-{A}.journal"))
    with pytest.raises(FileNotFoundError):
        read_history(QuickDisk(), folder)


@pytest.mark.parametrize("kind", [Kind.OPENED, Kind.BASELINE, Kind.CLOSED, Kind.MOVED, 99])
@pytest.mark.parametrize("payload", [b"", b"[]", b"1", b"{}", b"\xff", b'{"position": 3}'])
def test_a_record_that_makes_no_sense_spoils_no_other(
    folder: str, kind: int, payload: bytes
) -> None:
    """A notebook could not be opened because of one record of another version."""
    write_segment(folder, A, (kind, payload), opened(), UPDATE, noted(1, {A: 2}), (kind, payload))
    history = read(folder)
    assert len(history.updates) == 1
    assert history.settled


def test_positions_are_joined_writer_by_writer() -> None:
    assert joined([{A: 1, B: 5}, {A: 3}, {}]) == {A: 3, B: 5}


def test_a_session_that_ended_with_an_export_reads_back_as_settled(folder: str) -> None:
    server = Server(QuickDisk(), folder)
    server.edit()
    server.announce()
    server.agree()
    assert server.close(settled=True)
    history = read(folder)
    assert history.settled
    assert not history.damaged
    assert history.size == sum(segment.size for segment in history.segments) > 0
