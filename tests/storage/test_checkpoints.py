"""What a journal says of checkpoints: which bytes are ours, and what they hold."""

from __future__ import annotations

import json

from jupyter_crdt_autosave.model import Checkpoint, Fingerprint
from jupyter_crdt_autosave.storage.compaction import compact
from jupyter_crdt_autosave.storage.record import Kind
from tests.storage.documents import Server
from tests.storage.segments import UPDATE, A, B, Note, opened, read, write_segment
from tests.support.disks import QuickDisk


def checkpoint(name: str | None, at: str = "2020-01-01T00:00:00.000Z") -> Checkpoint:
    """A checkpoint with bytes of that name; None: that it was removed."""
    if name is None:
        return Checkpoint(None, at)
    return Checkpoint(Fingerprint(name, len(name)), at, f"substance {name}", {A: 7}, True)


def note(name: str | None) -> Note:
    """The record of a checkpoint."""
    return Kind.CHECKPOINT, json.dumps(checkpoint(name).to_json()).encode()


def names(folder: str) -> list[str]:
    """The checkpoints that a journal knows of."""
    return [one.file.hash for one in read(folder).checkpoints if one.file is not None]


def test_a_checkpoint_is_read_as_it_was_noted(folder: str) -> None:
    server = Server(QuickDisk(), folder)
    for name in ("one", "two", "three"):
        server.journal.note_checkpoint(checkpoint(name))
    assert server.close()
    assert read(folder).checkpoints == [checkpoint("two"), checkpoint("three")]


def test_one_that_was_removed_is_known_no_more(folder: str) -> None:
    write_segment(folder, A, opened(), note("one"), note(None))
    assert names(folder) == []
    write_segment(folder, B, opened(), UPDATE, UPDATE, UPDATE, note("two"))
    assert names(folder) == ["two"]


def test_a_note_that_only_a_later_version_understands_does_no_harm(folder: str) -> None:
    odd = [b"", b"[]", b"{}", b'{"hash": 1}', b'{"hash": null}', b'{"hash": "x", "size": "y"}']
    write_segment(folder, A, opened(), *((int(Kind.CHECKPOINT), each) for each in odd))
    assert names(folder) == []


def test_a_compaction_keeps_the_newest_and_no_more(folder: str) -> None:
    for writer in (A, B):
        notes = [note(f"{writer} {number}") for number in range(100)]
        write_segment(folder, writer, opened(), UPDATE, *notes)
    before = read(folder).checkpoints
    assert compact(QuickDisk(), folder)
    history = read(folder)
    assert history.checkpoints == before
    [segment] = history.segments
    assert len([n for n in segment.scan.notes if n.kind == Kind.CHECKPOINT]) == 3


def test_a_compaction_does_not_bring_back_what_was_removed(folder: str) -> None:
    """The removal is noted behind what another server still holds open."""
    open_one = Server(QuickDisk(), folder)
    write_segment(folder, A, opened(), UPDATE, UPDATE, note("one"))
    write_segment(folder, B, opened(), UPDATE, UPDATE, UPDATE, note(None))
    assert compact(QuickDisk(), folder)
    assert names(folder) == []
    assert open_one.close()


def test_other_servers_learn_of_it(folder: str) -> None:
    one, two = Server(QuickDisk(), folder, client=1), Server(QuickDisk(), folder, client=2)
    one.journal.note_checkpoint(checkpoint("one"))
    one.journal.note_checkpoint(checkpoint(None))
    assert one.journal.flush(5)
    assert two.journal.follow().checkpoints == [checkpoint("one"), checkpoint(None)]
    assert two.journal.follow().checkpoints == []
    assert one.close() and two.close()
