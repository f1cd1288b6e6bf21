"""Frames of a journal segment: numbered, dated, checksummed records, and how to find them again.

A segment is a head followed by frames. The head has the same layout in all versions of the format,
so that a later one is known for what it is. A frame is a marker, the xxh3_64 of what follows
(seeded by the segment, so that a stale block of another file never passes), the payload's length,
the record's number, the time, the kind, and the payload. The marker lets a reader find the next
sound record behind a damaged one.
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, field
from enum import IntEnum

import xxhash

from ..errors import FormatTooNew
from ..model import Kept

FORMAT = 1
"""Version of the segment format that this package writes."""

_MAGIC = b"JCAJ"
_MARK = b"\xa7Rec"
_HEAD = struct.Struct("<4sHxxQ8s")
_FRAME = struct.Struct("<4s8sQQdB")
_BODY = struct.Struct("<QQdB")
_BODY_START = _FRAME.size - _BODY.size
HEAD_SIZE = _HEAD.size + 8

_digest = xxhash.xxh3_64_digest
_pack_body = _BODY.pack


class Kind(IntEnum):
    """What a record is about."""

    OPENED = 1
    UPDATE = 2
    BASELINE = 3
    CHECKPOINT = 4
    MOVED = 5
    KEPT = 6
    CLOSED = 7


@dataclass(frozen=True)
class Record:
    """One sound record: its number within its writer, when it was made, and what it holds."""

    seq: int
    at: float
    kind: int
    payload: bytes


@dataclass(frozen=True)
class Head:
    """The head of a segment: the process that writes it, and the seed of its checksums."""

    writer: str
    seed: int


@dataclass(frozen=True)
class Damage:
    """A stretch of a segment, in bytes, in which no sound record was found."""

    start: int
    end: int


@dataclass
class Scan:
    """What a stretch of a segment holds.

    ``updates`` and ``times`` (seconds since the epoch) go together; ``notes`` are the records of
    every other kind; ``last_update`` is the number of the last update (0: none), ``end`` the offset
    behind the last sound record (0: none).
    """

    updates: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    notes: list[Record] = field(default_factory=list)
    damage: list[Damage] = field(default_factory=list)
    last_update: int = 0
    end: int = 0


def encode_head(head: Head) -> bytes:
    """The first bytes of a segment."""
    body = _HEAD.pack(_MAGIC, FORMAT, head.seed, bytes.fromhex(head.writer))
    return body + _digest(body)


def decode_head(data: bytes) -> Head | None:
    """The head of a segment; None where these bytes are no sound head.

    Raises:
        FormatTooNew: the segment was written by a later version of this package.
    """
    body = data[: _HEAD.size]
    if len(data) < HEAD_SIZE or data[_HEAD.size : HEAD_SIZE] != _digest(body):
        return None
    magic, version, seed, writer = _HEAD.unpack(body)
    if magic != _MAGIC:
        return None
    if version > FORMAT:
        raise FormatTooNew(
            f"A journal was written in format {version}; this version reads up to {FORMAT}. "
            "Upgrade jupyter_crdt_autosave to open it; it was left untouched."
        )
    return Head(writer.hex(), seed)


def encode(seed: int, seq: int, at: float, kind: int, payload: bytes) -> bytes:
    """One frame, ready to be appended."""
    body = _pack_body(len(payload), seq, at, kind) + payload
    return _MARK + _digest(body, seed) + body


def decode(data: bytes, seed: int, start: int = HEAD_SIZE) -> Scan:
    """Read the records of a segment from `start` on, and note the damaged stretches between."""
    # A document of long ago has a hundred thousand of them: what the loop needs is looked up once.
    unpack, size, end, digest, sound = _FRAME.unpack_from, _FRAME.size, len(data), _digest, _MARK
    scan, position, body = Scan(), start, _BODY_START
    update, last, whole = Kind.UPDATE.value, 0, 0
    keep, date = scan.updates.append, scan.times.append
    while (payload := position + size) <= end:
        mark, checksum, length, seq, at, kind = unpack(data, position)
        stop = payload + length
        if mark == sound and stop <= end and digest(data[position + body : stop], seed) == checksum:
            if kind == update:
                keep(data[payload:stop])
                date(at)
                last = seq
            else:
                scan.notes.append(Record(seq, at, kind, data[payload:stop]))
            position = whole = stop
        else:
            broken, position = position, _next_sound(data, seed, position)
            scan.damage.append(Damage(broken, position))
    if position < end:
        scan.damage.append(Damage(position, end))
    scan.last_update, scan.end = last, whole
    return scan


def _next_sound(data: bytes, seed: int, broken: int) -> int:
    position = data.find(_MARK, broken + 1)
    while position >= 0 and not _sound(data, seed, position):
        position = data.find(_MARK, position + 1)
    return position if position >= 0 else len(data)


def _sound(data: bytes, seed: int, position: int) -> bool:
    if position + _FRAME.size > len(data):
        return False
    _, checksum, length, *_ = _FRAME.unpack_from(data, position)
    stop = position + _FRAME.size + length
    body = memoryview(data)[position + _BODY_START : stop]
    return stop <= len(data) and bool(_digest(body, seed) == checksum)


def encode_kept(kept: Kept) -> bytes:
    """The payload of a KEPT record."""
    head = json.dumps({"reason": kept.reason, "at": kept.at}).encode()
    return head + b"\n" + zlib.compress(kept.data, 1)


def decode_kept(payload: bytes) -> Kept:
    """What a KEPT record holds."""
    head, _, data = payload.partition(b"\n")
    fields = json.loads(head)
    return Kept(fields["reason"], fields["at"], zlib.decompress(data))
