"""One append-only file of a journal, owned by the process that made it."""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import xxhash

from ..disk import Disk, make_folder, write_all
from .lock import claim
from .record import HEAD_SIZE, Head, Kind, decode_head, encode, encode_head

UNFINISHED = ".new"
"""Ending of the names of segments that are not yet on stable storage: no part of the journal."""

_NAME = re.compile(r"(\d{8,})-([0-9a-f]{16})\.journal")


def new_writer() -> str:
    """A name for one process's writing to one document: 16 hex digits, never used again."""
    return secrets.token_hex(8)


def order_of(name: str) -> int | None:
    """The place of a segment among its document's, by its file name; None for other files."""
    match = _NAME.fullmatch(name)
    return int(match.group(1)) if match else None


def next_name(disk: Disk, folder: str, writer: str) -> str:
    """A file name that sorts behind every segment in `folder`."""
    orders = [order for name in disk.list(folder) if (order := order_of(name)) is not None]
    return f"{max(orders, default=0) + 1:08d}-{writer}.journal"


def head_for(name: str) -> Head:
    """The head of the segment that has this file name."""
    match = _NAME.fullmatch(name)
    assert match is not None
    return Head(match.group(2), xxhash.xxh3_64_intdigest(name.encode()))


def head_of(path: str, data: bytes) -> tuple[Head, int]:
    """The head of a segment, and where its records begin.

    A damaged head says nothing that the file's name does not say as well.

    Raises:
        FormatTooNew: a later version of this package wrote it.
    """
    head = decode_head(data)
    return (head, HEAD_SIZE) if head is not None else (head_for(os.path.basename(path)), 0)


@dataclass(frozen=True)
class Segment:
    """A segment open for appending. Its lock is held until it is closed."""

    path: str
    fd: int
    seed: int

    @classmethod
    def create(cls, disk: Disk, folder: str, writer: str, opened: dict[str, Any]) -> Segment:
        """Start a segment in `folder` (made if need be) with a head and an OPENED record.

        It is part of the journal once it is published.

        Raises:
            OSError: it could not be created or written; nothing that counts is left behind.
        """
        make_folder(disk, folder)
        path = os.path.join(folder, next_name(disk, folder, writer))
        head = head_for(os.path.basename(path))
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        segment = cls(path, disk.open(path + UNFINISHED, flags, 0o600), head.seed)
        try:
            if not claim(segment.fd):
                raise BlockingIOError(errno.EAGAIN, "A new segment is locked by another process")
            opening = encode(head.seed, 0, time.time(), Kind.OPENED, json.dumps(opened).encode())
            write_all(disk, segment.fd, encode_head(head) + opening)
        except BaseException:
            segment.discard(disk)
            raise
        return segment

    def publish(self, disk: Disk) -> None:
        """Make what was written durable, and the segment a part of the journal.

        Raises:
            OSError: what the disk answered; the segment has to be discarded.
        """
        disk.sync(self.fd)
        disk.rename(self.path + UNFINISHED, self.path)
        disk.sync_folder(os.path.dirname(self.path))

    def discard(self, disk: Disk) -> None:
        """Remove and close a segment that could not be written; what it held is in memory."""
        for path in (self.path + UNFINISHED, self.path):
            with suppress(OSError):
                disk.unlink(path)
        self.close(disk)

    def close(self, disk: Disk) -> None:
        """Free the segment and its lock."""
        with suppress(OSError):
            disk.close(self.fd)


def in_use(disk: Disk, folder: str) -> bool:
    """Whether some process is writing to a segment in `folder`.

    Raises:
        OSError: the folder could not be read, or a segment not be locked.
    """
    with abandoned(disk, folder) as names:
        return any(name not in names for name in disk.list(folder) if order_of(name) is not None)


@contextmanager
def abandoned(disk: Disk, folder: str) -> Iterator[set[str]]:
    """The names of the segments in `folder` that no process writes to any more.

    They are locked while the block runs, so that nobody else takes them for abandoned too.

    Raises:
        OSError: the folder could not be read, or a segment not be locked.
    """
    descriptors: list[int] = []
    names: set[str] = set()
    try:
        for name in disk.list(folder):
            if order_of(name.removesuffix(UNFINISHED)) is None:
                continue
            with suppress(FileNotFoundError):
                descriptors.append(os.open(os.path.join(folder, name), os.O_RDWR))
                if claim(descriptors[-1], without_locks=False):
                    names.add(name)
        yield names
    finally:
        for fd in descriptors:
            os.close(fd)
