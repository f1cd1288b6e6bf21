"""Damaged segments: whatever was not damaged comes back, and the damaged bytes are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jupyter_crdt_autosave.errors import FormatTooNew
from jupyter_crdt_autosave.model import Kept
from jupyter_crdt_autosave.storage.compaction import DAMAGED, compact
from jupyter_crdt_autosave.storage.history import read_history
from jupyter_crdt_autosave.storage.journal import Journal
from jupyter_crdt_autosave.storage.record import HEAD_SIZE, Kind, encode, encode_head, encode_kept
from jupyter_crdt_autosave.storage.segment import head_for
from tests.storage.documents import Server, Typist, entries, nothing
from tests.support.disks import QuickDisk, everything_of

NAME = "00000001-00112233445566aa.journal"
SEED = head_for(NAME).seed
KEPT = encode_kept(Kept("external", "", b"their bytes"))
UPDATES = Typist().edits(12)
RECORDS = [
    (Kind.OPENED, b'{"lineage": 7}'),
    *[(Kind.UPDATE, update) for update in UPDATES[:6]],
    (Kind.KEPT, KEPT),
    *[(Kind.UPDATE, update) for update in UPDATES[6:]],
]
FRAMES = [encode(SEED, seq, 1.0, kind, data) for seq, (kind, data) in enumerate(RECORDS)]
WHOLE = encode_head(head_for(NAME)) + b"".join(FRAMES)
SIZE = len(WHOLE)


@dataclass(frozen=True)
class Hurt:
    """What happened to the bytes from `start` to `end`."""

    how: str
    start: int
    end: int

    def __call__(self, data: bytes) -> bytes:
        middle = data[self.start : self.end]
        if self.how == "flipped":
            middle = bytes(byte ^ 0x55 for byte in middle)
        elif self.how == "zeroed":
            middle = bytes(len(middle))
        elif self.how == "cut":
            middle = b""
        else:
            middle = b"\xa7Rec" * 5 + middle
        return data[: self.start] + middle + data[self.end :]


HOWS = ("flipped", "zeroed", "cut", "inserted")
PLACES = st.integers(0, SIZE)
HURTS = st.builds(
    lambda how, ends: Hurt(how, min(ends), max(ends)),
    st.sampled_from(HOWS),
    st.tuples(PLACES, PLACES) | PLACES.map(lambda place: (place, place + 1)),
)


def spared(hurt: Hurt) -> list[tuple[Kind, bytes]]:
    """The records that are still whole, in their order."""
    data = hurt(WHOLE)
    return [record for record, frame in zip(RECORDS, FRAMES, strict=True) if frame in data]


def of(kinds: Sequence[Kind], records: Sequence[tuple[Kind, bytes]]) -> list[bytes]:
    return [payload for kind, payload in records if kind in kinds]


def store(folder: Path, data: bytes) -> str:
    folder.mkdir()
    (folder / NAME).write_bytes(data)
    return str(folder)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(HURTS)
@example(Hurt("flipped", 0, 1))
@example(Hurt("zeroed", 0, HEAD_SIZE))
@example(Hurt("cut", 0, HEAD_SIZE))
@example(Hurt("cut", 0, SIZE))
@example(Hurt("zeroed", 0, SIZE))
@example(Hurt("cut", HEAD_SIZE, SIZE))
@example(Hurt("cut", SIZE - 1, SIZE))
@example(Hurt("inserted", 0, 0))
def test_every_record_that_was_not_damaged_comes_back(
    tmp_path_factory: pytest.TempPathFactory, hurt: Hurt
) -> None:
    """A damaged head, of which nothing is needed, made the whole segment unreadable."""
    data = hurt(WHOLE)
    folder = store(tmp_path_factory.mktemp("hurt") / "document", data)
    history = read_history(QuickDisk(), folder)
    assert history.updates == of([Kind.UPDATE], spared(hurt))
    assert [note.payload for note in history.kept] == of([Kind.KEPT], spared(hurt))
    assert history.damaged != looks_whole(data, hurt)
    check_compaction(folder, data, hurt)


def looks_whole(data: bytes, hurt: Hurt) -> bool:
    """Whether nothing was done, or records were cut out whole, which leaves no trace."""
    left = [frame for record, frame in zip(RECORDS, FRAMES, strict=True) if record in spared(hurt)]
    return data == WHOLE[:HEAD_SIZE] + b"".join(left)


def check_compaction(folder: str, data: bytes, hurt: Hurt) -> None:
    damaged = read_history(QuickDisk(), folder).damaged
    compact(QuickDisk(), folder)
    history = read_history(QuickDisk(), folder)
    assert not history.damaged
    assert [note.payload for note in history.kept] == of([Kind.KEPT], spared(hurt))
    lost = set(UPDATES) - set(of([Kind.UPDATE], spared(hurt)))
    assert entries([*history.updates, *lost]) == entries(UPDATES)
    assert not damaged or everything_of(folder)[f"{DAMAGED}/{NAME}"] == data


@pytest.mark.parametrize("how", HOWS)
def test_two_damaged_places_take_only_what_they_hit(tmp_path: Path, how: str) -> None:
    start = HEAD_SIZE + sum(map(len, FRAMES[:9])) + 5
    hurt = Hurt(how, start, start + 3)
    data = Hurt("flipped", HEAD_SIZE + len(FRAMES[0]) + 5, HEAD_SIZE + len(FRAMES[0]) + 6)(
        hurt(WHOLE)
    )
    history = read_history(QuickDisk(), store(tmp_path / "document", data))
    assert history.updates == [u for n, u in enumerate(UPDATES) if n not in (0, 7)]


def test_damaged_bytes_are_not_put_over_others_that_were_kept_before(tmp_path: Path) -> None:
    folder = store(tmp_path / "document", WHOLE + b"second")
    (tmp_path / "document" / DAMAGED).mkdir()
    (tmp_path / "document" / DAMAGED / NAME).write_bytes(b"first")
    assert compact(QuickDisk(), folder)
    kept = everything_of(str(tmp_path / "document" / DAMAGED))
    assert sorted(kept.values()) == sorted([b"first", WHOLE + b"second"])


def test_a_damaged_journal_is_written_on(tmp_path: Path) -> None:
    folder = store(tmp_path / "document", Hurt("zeroed", 100, 120)(WHOLE))
    server = Server(QuickDisk(), folder, client=2)
    server.edit()
    assert server.history.damaged
    assert server.journal.crowded
    assert server.close()
    assert "2:1" in entries(read_history(QuickDisk(), folder).updates)


def test_a_journal_of_a_later_version_is_left_as_it_is(tmp_path: Path, later_head: bytes) -> None:
    folder = store(tmp_path / "document", later_head + b"something new")
    before = everything_of(folder)
    journal = Journal(QuickDisk(), folder, nothing)
    for read in (journal.load, journal.stored, lambda: compact(QuickDisk(), folder)):
        with pytest.raises(FormatTooNew, match="format 2"):
            read()
    assert journal.follow().updates == []
    assert everything_of(folder) == before


def test_a_segment_that_another_process_is_in_the_middle_of_is_not_damaged(tmp_path: Path) -> None:
    """Somebody was told that part of the notebook was lost, because somebody else was typing."""
    folder = store(tmp_path / "document", WHOLE)

    class Growing(QuickDisk):
        reads = 0

        def read(self, path: str, offset: int = 0) -> bytes:
            self.reads += 1
            return super().read(path, offset)[: None if self.reads > 1 else -5]

    history = read_history(Growing(), folder)
    assert history.updates == UPDATES
    assert not history.damaged
