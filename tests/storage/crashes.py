"""What a power cut may leave of a recorded disk.

A crash keeps all that was synced. Of the bytes written to a file since, any part may be there: a
block that was not written reads as zeros, or as what lay there before, if a later one was. Of the
changes of names in a folder since it was synced, each may have happened or not.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tests.support.disks import Named, Node, Recorded, Synced, Wrote, rename

T = TypeVar("T")

STALE = b"\xa7Rec\x00\x00\x00\x07" * 3
"""What an unwritten block may hold: here, something that looks like a record."""

BLOCKS = (512, 4096)


@dataclass(frozen=True)
class Part:
    """What is left of one write: its bytes from `start` to `end`, over `filling` elsewhere."""

    start: int
    end: int
    filling: bytes = b"\0"


@dataclass
class Storage:
    """What is on stable storage, and what is not yet."""

    files: dict[Node, bytes] = field(default_factory=dict)
    folders: dict[Node, dict[str, Node]] = field(default_factory=dict)
    writes: list[Wrote] = field(default_factory=list)
    changes: list[Named] = field(default_factory=list)

    def take(self, step: Wrote | Named | Synced) -> None:
        """Go one step on."""
        if isinstance(step, Wrote):
            self.writes.append(step)
        elif isinstance(step, Named):
            self.changes.append(step)
        else:
            self._sync(step.node)

    def names(self, folder: Node) -> dict[str, Node]:
        """The durable entries of a folder."""
        return self.folders.setdefault(folder, {})

    def _sync(self, node: Node) -> None:
        durable = [wrote for wrote in self.writes if wrote.file is node]
        self.files[node] = self.files.get(node, b"") + b"".join(one.data for one in durable)
        self.writes = [wrote for wrote in self.writes if wrote.file is not node]
        for change in [one for one in self.changes if _touches(one, node)]:
            rename(change, self.names)
            self.changes.remove(change)


@dataclass
class Crash(Generic[T]):
    """One state that a crash may leave: what each file holds, by path, and what was promised."""

    after: int
    promise: T
    files: dict[str, bytes]
    folders: list[str]

    def build(self, folder: str) -> str:
        """Make it real below `folder`, which is new."""
        os.makedirs(folder)
        for path in self.folders:
            os.mkdir(os.path.join(folder, path))
        for path, data in self.files.items():
            with open(os.path.join(folder, path), "wb") as file:
                file.write(data)
        return folder


def every_crash(log: Sequence[Recorded[T]], top: Node, last: T) -> Iterator[Crash[T]]:
    """Each state that differs from those before it; `last` is what was promised at the end."""
    seen: set[tuple[frozenset[tuple[str, bytes]], int]] = set()
    for after, promise, storage in _moments(log, last):
        for changes in _choices(storage.changes):
            for parts in _tearings(storage.writes):
                crash = _crash(after, promise, top, storage, changes, parts)
                key = (frozenset(crash.files.items()), hash(promise))
                if key not in seen:
                    seen.add(key)
                    yield crash


def random_crashes(
    log: Sequence[Recorded[T]], top: Node, last: T, chance: random.Random, count: int
) -> Iterator[Crash[T]]:
    """States with any choice for each write and each change of names."""
    moments = list(_moments(log, last))
    for _ in range(count):
        after, promise, storage = chance.choice(moments)
        changes = [change for change in storage.changes if chance.random() < 0.5]
        parts = [_random_part(wrote.data, chance) for wrote in storage.writes]
        yield _crash(after, promise, top, storage, changes, parts)


def _moments(log: Sequence[Recorded[T]], last: T) -> list[tuple[int, T, Storage]]:
    """The storage before the first step and after each, with what was promised by the next one."""
    promises = [recorded.promise for recorded in log] + [last]
    moments = []
    storage = Storage()
    for after, promise in enumerate(promises):
        copy = Storage(
            dict(storage.files),
            {folder: dict(names) for folder, names in storage.folders.items()},
            list(storage.writes),
            list(storage.changes),
        )
        moments.append((after, promise, copy))
        if after < len(log):
            storage.take(log[after].step)
    return moments


def _choices(changes: Sequence[Named]) -> Iterator[Sequence[Named]]:
    """All, none, all but one, one alone, and each beginning."""
    yield changes
    for place, change in enumerate(changes):
        yield changes[:place]
        yield [*changes[:place], *changes[place + 1 :]]
        yield [change]


def _tearings(writes: Sequence[Wrote]) -> Iterator[list[Part]]:
    """What may be left of each write: see the module."""
    whole = [Part(0, len(wrote.data)) for wrote in writes]
    yield whole
    for place, wrote in enumerate(writes):
        for part in _parts(len(wrote.data)):
            yield [*whole[:place], part, *whole[place + 1 :]]
            yield [*whole[:place], part, *[Part(0, 0)] * (len(writes) - place - 1)]
        yield (
            [Part(0, 0, STALE)] * place + [whole[place]] + [Part(0, 0)] * (len(writes) - place - 1)
        )


def _parts(size: int) -> Iterator[Part]:
    cuts = {1, size // 2, size - 1, *(cut for cut in BLOCKS if cut < size)}
    yield from (Part(0, 0), Part(0, 0, STALE))
    for cut in sorted(cuts):
        yield Part(0, cut)
        yield Part(cut, size)
        yield Part(cut, size, STALE)


def _random_part(data: bytes, chance: random.Random) -> Part:
    start, end = sorted(chance.choices(range(len(data) + 1), k=2))
    filling = chance.choice([b"\0", STALE])
    return chance.choice(
        [Part(0, len(data)), Part(0, 0, filling), Part(0, end, filling), Part(start, end, filling)]
    )


def _crash(
    after: int,
    promise: T,
    top: Node,
    storage: Storage,
    changes: Iterable[Named],
    parts: Sequence[Part],
) -> Crash[T]:
    folders = {folder: dict(names) for folder, names in storage.folders.items()}
    for change in changes:
        rename(change, lambda folder: folders.setdefault(folder, {}))
    contents = _contents(storage, parts)
    crash: Crash[T] = Crash(after, promise, {}, [])
    _walk(top, "", folders, contents, crash)
    return crash


def _contents(storage: Storage, parts: Sequence[Part]) -> dict[Node, bytes]:
    """What each file holds if that much is left of the writes that were not synced."""
    contents = dict(storage.files)
    ends: dict[Node, int] = {}
    for wrote, part in zip(storage.writes, parts, strict=True):
        size = len(wrote.data)
        filling = (part.filling * (size // len(part.filling) + 1))[:size]
        data = filling[: part.start] + wrote.data[part.start : part.end] + filling[part.end :]
        contents[wrote.file] = contents.get(wrote.file, b"") + data
        if part.end or part.filling != b"\0":
            # What comes behind the last byte that was written was never part of the file.
            tail = size if part.filling != b"\0" else part.end
            ends[wrote.file] = len(contents[wrote.file]) - size + tail
    durable = {node: len(data) for node, data in storage.files.items()}
    return {
        node: data[: max(ends.get(node, 0), durable.get(node, 0))]
        for node, data in contents.items()
    }


def _walk(
    folder: Node,
    path: str,
    folders: dict[Node, dict[str, Node]],
    contents: dict[Node, bytes],
    crash: Crash[T],
) -> None:
    for name, node in folders.get(folder, {}).items():
        place = os.path.join(path, name)
        if node.entries is None:
            crash.files[place] = contents.get(node, b"")
        else:
            crash.folders.append(place)
            _walk(node, place, folders, contents, crash)


def _touches(change: Named, folder: Node) -> bool:
    return any(where is folder for where, _, _ in change.changes)
