"""Disks that remember what was done to them, and disks that fail."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from jupyter_crdt_autosave.disk import Disk, OSDisk

T = TypeVar("T")

OPERATIONS = (
    "open", "write", "sync", "close", "read", "rename", "link", "unlink", "mkdir", "list",
    "sync_folder",
)  # fmt: skip


class QuickDisk(OSDisk):
    """The real disk, but nobody waits for it: as good for all but a power cut."""

    def sync(self, fd: int) -> None:
        """Nothing."""

    def sync_folder(self, path: str) -> None:
        """Nothing."""


class HookedDisk:
    """A disk that tells of each call before it is made. What `before` raises, the call raises."""

    def __init__(self, before: Callable[[str], None], disk: Disk | None = None) -> None:
        self.before = before
        self.disk: Disk = disk or QuickDisk()

    def open(self, path: str, flags: int, mode: int = 0o600) -> int:
        self.before("open")
        return self.disk.open(path, flags, mode)

    def write(self, fd: int, data: bytes) -> int:
        self.before("write")
        return self.disk.write(fd, data)

    def sync(self, fd: int) -> None:
        self.before("sync")
        self.disk.sync(fd)

    def close(self, fd: int) -> None:
        try:
            self.before("close")
        finally:
            # As on Linux: the descriptor is gone, whatever the answer.
            self.disk.close(fd)

    def read(self, path: str, offset: int = 0) -> bytes:
        self.before("read")
        return self.disk.read(path, offset)

    def rename(self, source: str, target: str) -> None:
        self.before("rename")
        self.disk.rename(source, target)

    def link(self, source: str, target: str) -> None:
        self.before("link")
        self.disk.link(source, target)

    def unlink(self, path: str) -> None:
        self.before("unlink")
        self.disk.unlink(path)

    def mkdir(self, path: str, mode: int = 0o700) -> None:
        self.before("mkdir")
        self.disk.mkdir(path, mode)

    def list(self, path: str) -> list[str]:
        self.before("list")
        return self.disk.list(path)

    def sync_folder(self, path: str) -> None:
        self.before("sync_folder")
        self.disk.sync_folder(path)


class FaultyDisk(HookedDisk):
    """Lets chosen calls fail, hang, or write less than they were given.

    ``calls`` counts the calls of each operation. Safe to use from several threads.
    """

    def __init__(self, disk: Disk | None = None) -> None:
        super().__init__(self._count, disk)
        self.calls: Counter[str] = Counter()
        self.failed = threading.Event()
        self._lock = threading.Lock()
        self._faults: dict[str, tuple[range, int]] = {}
        self._short: range = range(0)
        self._delays: dict[str, float] = {}
        self._gates: dict[str, threading.Event] = {}
        self._meanwhile: dict[str, Callable[[], object]] = {}

    def meanwhile(self, operation: str, action: Callable[[], object]) -> None:
        """Let something happen just before the next call of an operation is made."""
        self._meanwhile[operation] = action

    def fail(self, operation: str, number: int, error: int, times: int = 10**9) -> None:
        """Let call `number` (the first is 1) of an operation fail, and those after it."""
        self._faults[operation] = (range(number, number + times), error)

    def cut(self, number: int, times: int = 1) -> None:
        """Let call `number` of ``write``, and those after it, write only the half."""
        self._short = range(number, number + times)

    def delay(self, operation: str, seconds: float) -> None:
        """Let every call of an operation take that much longer."""
        self._delays[operation] = seconds

    def hold(self, operation: str) -> None:
        """Let every call of an operation hang until the disk is healed."""
        self._gates[operation] = threading.Event()

    def heal(self) -> None:
        """Be a disk without faults again."""
        self._faults, self._short, self._delays = {}, range(0), {}
        for gate in self._gates.values():
            gate.set()
        self._gates = {}

    def write(self, fd: int, data: bytes) -> int:
        self._count("write")
        if self.calls["write"] in self._short and len(data) > 1:
            data = data[: len(data) // 2]
        return self.disk.write(fd, data)

    def _count(self, operation: str) -> None:
        with self._lock:
            self.calls[operation] += 1
            numbers, error = self._faults.get(operation, (range(0), 0))
            fails = self.calls[operation] in numbers
        action = self._meanwhile.pop(operation, None)
        if action is not None:
            action()
        if operation in self._delays:
            time.sleep(self._delays[operation])
        if operation in self._gates:
            self._gates[operation].wait(30)
        if fails:
            self.failed.set()
            raise OSError(error, os.strerror(error))


@dataclass(eq=False)
class Node:
    """A file or folder on a recorded disk, whatever its name is just now."""

    entries: dict[str, Node] | None = None


@dataclass(frozen=True)
class Wrote:
    """Bytes were appended to a file."""

    file: Node
    data: bytes


@dataclass(frozen=True)
class Synced:
    """A file's bytes, or a folder's names, were made durable."""

    node: Node


@dataclass(frozen=True)
class Named:
    """Names changed in one step: a folder's entry appeared, vanished (None) or was replaced."""

    changes: tuple[tuple[Node, str, Node | None], ...]


Step = Wrote | Synced | Named


@dataclass
class Recorded(Generic[T]):
    """One step, and what had been promised by the time it began."""

    step: Step
    promise: T


@dataclass
class RecordingDisk(Generic[T]):
    """Does everything below `root` on the real disk, and remembers all that changes it.

    `promise` is asked before each step; what it answers must be immutable. ``sync`` can be held
    back, so that several writes come together between two of them.
    """

    root: str
    promise: Callable[[], T]
    log: list[Recorded[T]] = field(default_factory=list)
    top: Node = field(default_factory=lambda: Node({}))
    may_sync: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.may_sync.set()
        self._disk = QuickDisk()
        self._lock = threading.RLock()
        self._files: dict[int, Node] = {}

    def open(self, path: str, flags: int, mode: int = 0o600) -> int:
        with self._lock:
            fd = self._disk.open(path, flags, mode)
            folder, name = self._place(path)
            assert folder.entries is not None
            if name not in folder.entries:
                self._note(Named(((folder, name, Node()),)))
            self._files[fd] = folder.entries[name]
            return fd

    def write(self, fd: int, data: bytes) -> int:
        with self._lock:
            self._note(Wrote(self._files[fd], data))
            return self._disk.write(fd, data)

    def sync(self, fd: int) -> None:
        self.may_sync.wait(30)
        with self._lock:
            self._note(Synced(self._files[fd]))

    def close(self, fd: int) -> None:
        self._disk.close(fd)

    def read(self, path: str, offset: int = 0) -> bytes:
        return self._disk.read(path, offset)

    def rename(self, source: str, target: str) -> None:
        with self._lock:
            self._disk.rename(source, target)
            (old, old_name), (new, new_name) = self._place(source), self._place(target)
            assert old.entries is not None
            node = old.entries[old_name]
            self._note(Named(((new, new_name, node), (old, old_name, None))))

    def link(self, source: str, target: str) -> None:
        with self._lock:
            self._disk.link(source, target)
            folder, name = self._place(source)
            assert folder.entries is not None
            self._note(Named(((*self._place(target), folder.entries[name]),)))

    def unlink(self, path: str) -> None:
        with self._lock:
            self._disk.unlink(path)
            self._note(Named(((*self._place(path), None),)))

    def mkdir(self, path: str, mode: int = 0o700) -> None:
        with self._lock:
            known = os.path.isdir(path)
            self._disk.mkdir(path, mode)
            if not known:
                self._note(Named(((*self._place(path), Node({})),)))

    def list(self, path: str) -> list[str]:
        return self._disk.list(path)

    def sync_folder(self, path: str) -> None:
        with self._lock:
            if path != os.path.dirname(self.root):
                folder, name = self._place(path)
                assert folder.entries is not None
                self._note(Synced(self.top if path == self.root else folder.entries[name]))

    def _note(self, step: Step) -> None:
        self.log.append(Recorded(step, self.promise()))
        if isinstance(step, Named):
            rename(step)

    def _place(self, path: str) -> tuple[Node, str]:
        """The folder that has `path`, and the name of `path` in it."""
        parts = os.path.relpath(path, self.root).split(os.sep)
        node = self.top
        for part in parts[:-1]:
            assert node.entries is not None
            node = node.entries[part]
        return node, parts[-1]


def rename(step: Named, entries: Callable[[Node], dict[str, Node]] | None = None) -> None:
    """Do a change of names: to the folders as they are now, or to other `entries` of them."""
    for folder, name, node in step.changes:
        names = entries(folder) if entries else folder.entries
        assert names is not None
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def error_numbers() -> dict[str, int]:
    """The errors that a disk gives, by name."""
    return {name: getattr(errno, name) for name in ("EIO", "ENOSPC", "EINTR")}


def everything_of(folder: str) -> dict[str, bytes]:
    """The content of every file below a folder, by its path there."""
    found: dict[str, Any] = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return found
