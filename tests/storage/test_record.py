"""Records in segments: how they are framed, and how they are found again in damaged bytes."""

from __future__ import annotations

import hashlib
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_crdt_autosave.errors import FormatTooNew
from jupyter_crdt_autosave.model import Kept
from jupyter_crdt_autosave.storage.record import (
    HEAD_SIZE,
    Damage,
    Head,
    Kind,
    decode,
    decode_head,
    decode_kept,
    encode,
    encode_head,
    encode_kept,
)

SEED = 12345
HEAD = Head("00112233445566aa", SEED)
RECORDS = st.lists(st.tuples(st.sampled_from([Kind.UPDATE, Kind.KEPT]), st.binary(max_size=60)))


def frames(*payloads: bytes) -> list[bytes]:
    return [encode(SEED, seq, 1.5, Kind.UPDATE, data) for seq, data in enumerate(payloads, 1)]


@given(RECORDS)
@example([])
@example([(Kind.UPDATE, b"")])
def test_records_read_back_as_they_were_written(records: list[tuple[Kind, bytes]]) -> None:
    data = b"".join(
        encode(SEED, seq, 0.25 + seq, kind, payload)
        for seq, (kind, payload) in enumerate(records, 1)
    )
    scan = decode(data, SEED, 0)
    assert scan.updates == [payload for kind, payload in records if kind == Kind.UPDATE]
    assert [note.payload for note in scan.notes] == [p for k, p in records if k == Kind.KEPT]
    assert [note.at for note in scan.notes] == [
        0.25 + seq for seq, (kind, _) in enumerate(records, 1) if kind == Kind.KEPT
    ]
    assert len(scan.times) == len(scan.updates)
    assert scan.end == len(data)
    assert not scan.damage


def test_a_record_keeps_its_number_time_and_kind() -> None:
    scan = decode(encode(SEED, 9, 1234.5, 99, b"x"), SEED, 0)
    assert [(n.seq, n.at, n.kind, n.payload) for n in scan.notes] == [(9, 1234.5, 99, b"x")]


def test_the_number_of_the_last_update_is_that_of_no_other_record() -> None:
    data = encode(SEED, 4, 0, Kind.UPDATE, b"") + encode(SEED, 5, 0, Kind.CLOSED, b"")
    assert decode(data, SEED, 0).last_update == 4


def test_a_frame_of_another_segment_is_no_record_of_this_one() -> None:
    """A block that the file system had not written yet passed for a record."""
    stale = encode(SEED + 1, 1, 0, Kind.UPDATE, b"stale")
    sound = encode(SEED, 1, 0, Kind.UPDATE, b"sound")
    scan = decode(stale + sound, SEED, 0)
    assert scan.updates == [b"sound"]
    assert scan.damage == [Damage(0, len(stale))]


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_damaged_record_takes_no_other_with_it(lost: int) -> None:
    parts = frames(b"one", b"two", b"three")
    start = sum(map(len, parts[:lost]))
    data = bytearray(b"".join(parts))
    data[start + len(parts[lost]) - 1] ^= 1
    scan = decode(bytes(data), SEED, 0)
    assert scan.updates == [p for i, p in enumerate([b"one", b"two", b"three"]) if i != lost]
    assert scan.damage == [Damage(start, start + len(parts[lost]))]


def test_a_record_whose_length_is_damaged_hides_none_behind_it() -> None:
    """A length that pointed behind the end made everything after it unreadable."""
    one, two = frames(b"one", b"two")
    broken = bytearray(one)
    broken[12:20] = struct.pack("<Q", 2**63)
    assert decode(bytes(broken) + two, SEED, 0).updates == [b"two"]


def test_a_marker_inside_a_payload_is_no_record() -> None:
    inner = encode(SEED, 1, 0, Kind.UPDATE, b"x")[:-1]
    one, two = frames(inner, b"two")
    assert decode(one + two, SEED, 0).updates == [inner, b"two"]
    assert decode(b"\0" + one[1:] + two, SEED, 0).updates == [b"two"]


def test_damage_is_told_by_where_it_lies_in_the_segment() -> None:
    one, two = frames(b"one", b"two")
    junk = b"junk"
    data = encode_head(HEAD) + one + junk + two + junk
    scan = decode(data, SEED)
    start = HEAD_SIZE + len(one)
    assert scan.updates == [b"one", b"two"]
    assert scan.damage == [Damage(start, start + 4), Damage(len(data) - 4, len(data))]
    assert scan.end == len(data) - 4


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_torn_record_at_the_end_is_damage(cut: int) -> None:
    one, two = frames(b"one", b"two")
    torn = two[: len(two) * cut // 40]
    scan = decode(one + torn, SEED, 0)
    assert (scan.updates, scan.end) == ([b"one"], len(one))
    assert scan.damage == ([Damage(len(one), len(one) + len(torn))] if torn else [])


def test_a_payload_may_be_larger_than_one_write_can_take() -> None:
    """Lengths of 4 GiB and more did not fit their field, and the journal stopped for good."""
    header = encode(SEED, 1, 0, Kind.UPDATE, b"")
    assert struct.unpack_from("<Q", header, 12) == (0,)


def test_a_head_reads_back() -> None:
    assert decode_head(encode_head(HEAD) + b"more") == HEAD


@pytest.mark.parametrize("place", range(HEAD_SIZE))
def test_a_damaged_head_is_none(place: int) -> None:
    data = bytearray(encode_head(HEAD))
    data[place] ^= 0x40
    assert decode_head(bytes(data)) is None


@pytest.mark.parametrize("size", [0, 1, HEAD_SIZE - 1])
def test_a_cut_head_is_none(size: int) -> None:
    assert decode_head(encode_head(HEAD)[:size]) is None


def test_a_head_of_a_later_version_is_refused(later_head: bytes) -> None:
    with pytest.raises(FormatTooNew, match="format 2"):
        decode_head(later_head)


def test_the_format_has_not_changed_by_accident() -> None:
    """Journals that are out there could no longer be read."""
    data = encode_head(HEAD) + encode(SEED, 3, 1.5, Kind.KEPT, b"payload")
    assert hashlib.sha256(data).hexdigest() == (
        "5281d28c9bc6645018af71e32a6b146df12d642244ea9122ebd23c07aa1136ce"
    )


@given(st.binary(max_size=200))
def test_what_was_set_aside_reads_back(data: bytes) -> None:
    kept = Kept("external", "2024-01-01T00:00:00Z", data)
    assert decode_kept(encode_kept(kept)) == kept
