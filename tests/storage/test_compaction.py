"""Compaction: one segment in the place of many, and nothing is lost by it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Text, merge_updates

from jupyter_crdt_autosave.model import Kept
from jupyter_crdt_autosave.storage.compaction import apply, compact, replay
from jupyter_crdt_autosave.storage.record import Kind, decode_kept
from tests.storage.documents import Server, Typist, entries, session_in
from tests.storage.segments import UPDATE, A, B, noted, opened, read, typed, write_segment
from tests.support.disks import QuickDisk, everything_of


def test_many_segments_become_one_with_the_same_content(folder: str) -> None:
    servers = [session_in(folder, client) for client in (1, 2, 3)]
    before = read(folder)
    assert compact(QuickDisk(), folder)
    history = read(folder)
    (segment,) = history.segments
    assert len(segment.scan.updates) == 1
    assert entries(history.updates) == entries([u for s in servers for u in s.typist.made])
    assert (history.lineage, history.path) == (before.lineage, before.path)
    assert history.baselines == before.baselines
    assert history.settled
    assert history.size < before.size
    assert stat.S_IMODE(os.stat(segment.path).st_mode) == 0o600


def test_a_document_stays_settled_through_many_compactions(folder: str) -> None:
    for client in range(1, 6):
        server = session_in(folder, client)
        assert server.history.settled or client == 1
        assert len(server.journal.position()) <= 2
        compact(QuickDisk(), folder)
        assert read(folder).settled


def test_a_document_that_was_not_settled_is_not_settled_by_a_compaction(folder: str) -> None:
    """An outside change would have taken the place of what the file lacked."""
    write_segment(folder, A, opened(), *typed(Typist(1), 3), noted(1, {A: 2}))
    write_segment(folder, B, opened(), *typed(Typist(2), 1))
    assert compact(QuickDisk(), folder)
    assert not read(folder).settled
    server = Server(QuickDisk(), folder, client=3)
    server.agree()
    assert server.close()
    assert read(folder).settled


def test_there_is_nothing_to_gain_from_one_segment_with_one_update(folder: str) -> None:
    session_in(folder)
    assert compact(QuickDisk(), folder)
    before = everything_of(folder)
    assert not compact(QuickDisk(), folder)
    assert everything_of(folder) == before


def test_an_empty_folder_is_left_alone(folder: str) -> None:
    os.makedirs(folder)
    assert not compact(QuickDisk(), folder)
    assert everything_of(folder) == {}


@pytest.mark.parametrize("missing", range(4))
def test_what_waits_for_a_missing_update_is_kept_until_that_turns_up(
    folder: str, missing: int
) -> None:
    """The state of a document says nothing of edits that cannot be shown yet: they were dropped."""
    made = typed(Typist(1), 4)
    there = [update for number, update in enumerate(made) if number != missing]
    write_segment(folder, A, opened(), *there)
    for _ in range(2):
        assert compact(QuickDisk(), folder) or missing == 3
    assert entries(read(folder).updates) == {f"1:{n}" for n in range(1, missing + 1)}
    assert entries([*read(folder).updates, made[missing][1]]) == {"1:1", "1:2", "1:3", "1:4"}


def test_a_deletion_that_waits_for_what_it_deletes_is_kept(folder: str) -> None:
    made: list[bytes] = []
    doc: Doc[Any] = Doc(client_id=1)
    subscription = doc.observe(lambda event: made.append(event.update))
    text = doc.get("text", type=Text)
    text += "abc"
    text += "def"
    del text[4:6]
    write_segment(folder, A, opened(), (Kind.UPDATE, made[0]), (Kind.UPDATE, made[2]))
    assert compact(QuickDisk(), folder)
    result = replay([*read(folder).updates, made[1]])
    assert str(result.get("text", type=Text)) == "abcd"
    doc.unobserve(subscription)


def test_what_cannot_be_understood_is_kept(folder: str) -> None:
    """What a later Yjs had written was gone when it came back."""
    write_segment(folder, A, opened(), *typed(Typist(1), 2), (Kind.UPDATE, b"later"))
    assert compact(QuickDisk(), folder)
    assert b"later" in read(folder).updates
    assert entries(read(folder).updates) == {"1:1", "1:2"}


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_update_is_lost_whichever_are_missing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    made = [*Typist(1).edits(5), *Typist(2).edits(5)]
    there = data.draw(st.lists(st.sampled_from(made), unique=True, min_size=2))
    parts = [merge_updates(*there[:2]), *there[2:]]
    folder = str(tmp_path_factory.mktemp("missing") / "document")
    write_segment(folder, A, opened(), *[(Kind.UPDATE, update) for update in parts])
    seen = entries(there)
    compact(QuickDisk(), folder)
    history = read(folder)
    assert entries(history.updates) == seen
    missing = [update for update in made if update not in there]
    assert entries([*history.updates, *missing]) == entries(made)


def test_everything_that_was_set_aside_is_kept(folder: str) -> None:
    for text in (b"one", b"two", b"two"):
        server = Server(QuickDisk(), folder)
        server.keep(text)
        assert server.close()
    assert compact(QuickDisk(), folder)
    kept = [decode_kept(note.payload) for note in read(folder).kept]
    assert kept == [Kept("external", "", b"one"), Kept("external", "", b"two")]


def test_records_that_only_a_later_version_knows_are_kept(folder: str) -> None:
    """Going back to an earlier version for a day cost what the later one had written."""
    write_segment(folder, A, opened(), UPDATE, (99, b"from the future"))
    write_segment(folder, B, opened(), UPDATE)
    assert compact(QuickDisk(), folder)
    (segment,) = read(folder).segments
    assert (99, b"from the future") in [(n.kind, n.payload) for n in segment.scan.notes]


def test_an_announced_export_is_kept(folder: str) -> None:
    write_segment(folder, A, opened(), UPDATE, noted(1, {A: 1}))
    write_segment(folder, B, opened(), UPDATE, noted(2, {A: 1}, intended=True))
    before = read(folder).baselines
    assert compact(QuickDisk(), folder)
    assert read(folder).baselines == before


def test_what_a_crash_left_of_an_earlier_compaction_is_removed(folder: str) -> None:
    """Segments that had been replaced stayed for ever, and unsettled the document later."""
    old = write_segment(folder, A, opened(), UPDATE, noted(1, {A: 1}))
    write_segment(
        folder, B, opened(replaces={os.path.basename(old): 1}, holds={}), UPDATE, noted(1, {A: 1})
    )
    assert not compact(QuickDisk(), folder)
    assert len(os.listdir(folder)) == 1
    assert read(folder).settled


def test_what_a_crash_left_of_an_unfinished_segment_is_removed(folder: str) -> None:
    path = write_segment(folder, A, opened(), UPDATE)
    os.rename(path, f"{path}.new")
    assert not compact(QuickDisk(), folder)
    assert os.listdir(folder) == []


def test_damage_is_put_aside_once_and_no_longer_told(folder: str) -> None:
    path = write_segment(folder, A, opened(), UPDATE, noted(1, {A: 1}), tail=b"torn")
    data = Path(path).read_bytes()
    assert compact(QuickDisk(), folder)
    history = read(folder)
    assert not history.damaged
    assert not history.settled
    aside = Path(folder, "damaged")
    assert stat.S_IMODE(aside.stat().st_mode) == 0o700
    assert [file.read_bytes() for file in aside.iterdir()] == [data]


def test_the_time_of_the_last_edit_outlives_a_compaction(folder: str) -> None:
    write_segment(folder, A, opened(), UPDATE, UPDATE)
    assert compact(QuickDisk(), folder)
    (segment,) = read(folder).segments
    assert segment.scan.times == [3.0]


def test_a_folder_is_compacted_by_a_process_of_its_own(folder: str) -> None:
    session_in(folder)
    command = [sys.executable, "-m", "jupyter_crdt_autosave.storage.compaction", folder]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert len(read(folder).updates) == 1


def test_updates_that_cannot_be_understood_are_counted() -> None:
    doc: Doc[Any] = Doc()
    assert apply(doc, [b"", *Typist(1).edits(2), b"no update"]) == 2


def test_a_journal_says_when_it_is_worth_compacting(folder: str) -> None:
    server = Server(QuickDisk(), folder)
    assert not server.journal.crowded
    for _ in range(60):
        server.edit()
    crowded: bool = server.journal.crowded
    assert crowded
    assert server.close()
