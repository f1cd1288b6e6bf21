"""Segments made by hand, record by record."""

from __future__ import annotations

import json
import os
from pathlib import Path

from jupyter_crdt_autosave.model import Position
from jupyter_crdt_autosave.storage.history import History, read_history
from jupyter_crdt_autosave.storage.record import Kind, encode, encode_head
from jupyter_crdt_autosave.storage.segment import head_for, order_of
from tests.storage.documents import LINEAGE, Typist, baseline
from tests.support.disks import QuickDisk

A, B = "aa" * 8, "bb" * 8
"""Two writers."""

Note = tuple[int, bytes]
"""The kind of a record, and its payload."""

UPDATE: Note = (Kind.UPDATE, b"\x00\x00")


def opened(**fields: object) -> Note:
    """The first record of a segment."""
    return Kind.OPENED, json.dumps({"lineage": LINEAGE, **fields}).encode()


def noted(order: int, position: Position, intended: bool = False, at: str = "") -> Note:
    """A baseline."""
    one = baseline(f"file {order}", order=order, position=position, intended=intended, at=at)
    return Kind.BASELINE, json.dumps(one.to_json()).encode()


def closed(order: int, position: Position, settled: bool = True, at: str = "") -> Note:
    """The last record of a writer."""
    fields = {"settled": settled, "order": order, "at": at, "position": position}
    return Kind.CLOSED, json.dumps(fields).encode()


def typed(typist: Typist, count: int) -> list[Note]:
    """So many edits."""
    return [(Kind.UPDATE, update) for update in typist.edits(count)]


def write_segment(folder: str, writer: str, *notes: Note, tail: bytes = b"", first: int = 0) -> str:
    """Write a segment whose records are numbered from `first` on; its path."""
    os.makedirs(folder, exist_ok=True)
    orders = [order_of(name.removesuffix(".new")) or 0 for name in os.listdir(folder)]
    name = f"{max(orders, default=0) + 1:08d}-{writer}.journal"
    head = head_for(name)
    frames = [
        encode(head.seed, n, 1.0 + n, kind, data) for n, (kind, data) in enumerate(notes, first)
    ]
    path = Path(folder, name)
    path.write_bytes(encode_head(head) + b"".join(frames) + tail)
    return str(path)


def read(folder: str) -> History:
    """What the segments say."""
    return read_history(QuickDisk(), folder)


def stored(folder: str) -> list[bytes]:
    """The updates in the segments."""
    return read(folder).updates
