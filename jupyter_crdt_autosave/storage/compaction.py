"""Turns a document's closed segments into one that holds its state.

The replay goes into a plain ``Doc``: merging updates without one takes quadratic time, and a
document with an undo manager would keep what was deleted. The compacted segment is on stable
storage under its final name before any of those that went into it is removed; a crash in between
leaves both, which reads the same.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc, get_update

from ..disk import Disk, OSDisk, make_folder, write_all
from ..errors import JournalFailed
from ..model import Position
from .history import History, SegmentReading, read_history
from .lock import exclusive
from .record import Kind, Record, encode, encode_head
from .segment import UNFINISHED, abandoned, head_for, new_writer, next_name

DAMAGED = "damaged"
"""The folder beside the segments that keeps those which could not be read whole."""


@dataclass
class _Plan:
    """What is to be replaced, and what cannot be part of the one state that replaces it."""

    dead: list[SegmentReading]
    history: History
    state: bytes
    apart: list[bytes]


def replay(updates: list[bytes]) -> Doc[Any]:
    """A plain, collected document that holds `updates`."""
    doc: Doc[Any] = Doc()
    apply(doc, updates)
    return doc


def apply(doc: Doc[Any], updates: Sequence[bytes]) -> int:
    """Apply `updates` in one transaction; returns how many could not be understood."""
    failed = 0
    with doc.transaction() as transaction:
        # `Doc.apply_update` asks for the transaction anew for each update, which takes as long as
        # the update itself: half of the time that a long history takes to open.
        inner, apply_update = transaction._txn, doc._doc.apply_update
        assert inner is not None
        for update in updates:
            try:
                apply_update(inner, update)
            except ValueError:
                # What a later Yjs wrote, or what never was an update: the others still count.
                failed += 1
    return failed


def compact(disk: Disk, folder: str) -> bool:
    """Compact the segments that no living process holds; the document's lock is held.

    Returns:
        False if there was nothing to gain.

    Raises:
        OSError: the disk refused; nothing is lost.
        JournalFailed: what was written did not read back; every segment is still there.
        FormatTooNew: a later version of this package wrote a segment; all is as it was.
    """
    # Locked first and read then: what is read is the last that their writers wrote.
    with abandoned(disk, folder) as names:
        history = read_history(disk, folder)
        dead = [segment for segment in history.segments if segment.name in names]
        done = [segment for segment in history.replaced if segment.name in names]
        gain = _worthwhile(dead)
        if gain:
            _publish(disk, folder, _plan(dead, history))
            done += dead
        _retire(disk, folder, done)
        _sweep(disk, folder, names)
    return gain


def _worthwhile(dead: list[SegmentReading]) -> bool:
    return len(dead) > 1 or any(s.damaged or len(s.scan.updates) > 1 for s in dead)


def _plan(dead: list[SegmentReading], history: History) -> _Plan:
    doc = replay(history.updates)
    state = doc.get_state()
    clocks = dict(zip(*[iter(_numbers(state)[1:])] * 2, strict=True))
    apart = {
        update: None
        for segment in dead
        for update in segment.scan.updates
        if not _contains(state, clocks, update)
    }
    return _Plan(dead, history, doc.get_update(), list(apart))


def _contains(state: bytes, clocks: dict[int, int], update: bytes) -> bool:
    """Whether a document's state has all of an update.

    It lacks one that waits for another which is missing: the state says nothing of it, but the
    missing one may still arrive, from another server or a client.
    """
    try:
        rest = get_update(update, state)
    except ValueError:
        return False
    if rest[0]:
        return False
    numbers = iter(_numbers(rest)[2:])
    for client in numbers:
        for _ in range(next(numbers)):
            if next(numbers) + next(numbers) > clocks.get(client, 0):
                return False
    return True


def _numbers(data: bytes) -> list[int]:
    """The variable-length integers (7 bits per byte, lowest first) that `data` begins with."""
    numbers, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
    return numbers


def _publish(disk: Disk, folder: str, plan: _Plan) -> None:
    name = next_name(disk, folder, new_writer())
    path = os.path.join(folder, name)
    data = _encoded(plan, name)
    fd = disk.open(path + UNFINISHED, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            write_all(disk, fd, data)
            disk.sync(fd)
        finally:
            disk.close(fd)
        if disk.read(path + UNFINISHED) != data:
            raise JournalFailed(f"What was written to {path} did not read back.")
        disk.rename(path + UNFINISHED, path)
    except BaseException:
        with suppress(OSError):
            disk.unlink(path + UNFINISHED)
        raise
    disk.sync_folder(folder)


def _encoded(plan: _Plan, name: str) -> bytes:
    """The compacted segment. Its notes are those of the others, word for word."""
    head, history = head_for(name), plan.history
    opened = {
        "lineage": history.lineage,
        "path": history.path,
        "replaces": {segment.name: segment.scan.end for segment in plan.dead},
        "holds": _held(plan, head.writer),
    }
    at = max((at for segment in plan.dead for at in segment.scan.times), default=time.time())
    records = [Record(0, at, Kind.OPENED, json.dumps(opened).encode())]
    records += [Record(0, at, Kind.UPDATE, update) for update in [plan.state, *plan.apart]]
    records += _notes(plan)
    frames = (
        encode(head.seed, seq, record.at, record.kind, record.payload)
        for seq, record in enumerate(records)
    )
    return encode_head(head) + b"".join(frames)


def _held(plan: _Plan, writer: str) -> Position:
    """The position of what is in the state, as far as later baselines may not cover it."""
    held = plan.history.position
    if len(plan.dead) == len(plan.history.segments):
        # Whoever makes the next baseline begins with all of this.
        covered = plan.history.covered
        held = {name: count for name, count in held.items() if count > covered.get(name, 0)}
    damaged = any(segment.damaged for segment in plan.dead)
    # No baseline of before covers a document that has lost a part.
    return held | {writer: 1} if damaged else held


def _notes(plan: _Plan) -> list[Record]:
    """What still counts: the newest baseline and checkpoint, and all that was set aside.

    Kinds that only a later version knows are among it.
    """
    known = {*Kind} - {Kind.KEPT}
    baselines = [
        Record(0, time.time(), Kind.BASELINE, json.dumps(baseline.to_json()).encode())
        for baseline in plan.history.baselines
    ]
    noted = [note for segment in plan.dead for note in segment.scan.notes]
    checkpoints = [note for note in noted if note.kind == Kind.CHECKPOINT]
    # Two of which a crash may have left either, or that they were removed.
    checkpoints = sorted(checkpoints, key=lambda note: note.at)[-3:]
    notes = [note for note in noted if note.kind not in known]
    return baselines + checkpoints + list({(n.kind, n.payload): n for n in notes}.values())


def _retire(disk: Disk, folder: str, segments: list[SegmentReading]) -> None:
    """Remove segments whose content has a new place; keep the bytes of damaged ones aside."""
    aside = os.path.join(folder, DAMAGED)
    if any(segment.damaged for segment in segments):
        make_folder(disk, aside)
    for segment in segments:
        if segment.damaged:
            disk.rename(segment.path, _free_name(os.path.join(aside, segment.name)))
        else:
            disk.unlink(segment.path)
    if any(segment.damaged for segment in segments):
        disk.sync_folder(aside)
    if segments:
        disk.sync_folder(folder)


def _free_name(path: str) -> str:
    return f"{path}.{secrets.token_hex(4)}" if os.path.lexists(path) else path


def _sweep(disk: Disk, folder: str, names: set[str]) -> None:
    """Remove segments whose making was interrupted: nothing in them was called durable."""
    for name in names:
        if name.endswith(UNFINISHED):
            disk.unlink(os.path.join(folder, name))


def main() -> int:
    """Compact the document folder named on the command line, in a process of its own."""
    folder = sys.argv[1]
    with exclusive(os.path.join(folder, "lock")):
        compact(OSDisk(), folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
