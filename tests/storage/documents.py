"""Small Y documents that are written to journals, and what is in them afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from pycrdt import Array, Doc

from jupyter_crdt_autosave.disk import Disk
from jupyter_crdt_autosave.model import Baseline, Fingerprint, Kept
from jupyter_crdt_autosave.storage.compaction import replay
from jupyter_crdt_autosave.storage.journal import Journal
from jupyter_crdt_autosave.storage.record import Kind
from jupyter_crdt_autosave.storage.writer import Writer
from tests.support.disks import QuickDisk

QUICK = (0.001,)
"""Pauses after failures that no test has to wait for."""

QUICK_ENOUGH = 60.0
"""Seconds that no disk takes."""

LINEAGE = 7

MakeWriter = Callable[..., Writer]
"""Makes a writer: by default to a disk that can be made to fail, and begun."""


class Typist:
    """Somebody who edits a document: every edit depends on all the earlier ones."""

    def __init__(self, client: int = 1) -> None:
        self.doc: Doc[Any] = Doc(client_id=client)
        self.client = client
        self.made: list[bytes] = []
        self._entries = self.doc.get("entries", type=Array)
        self._subscription = self.doc.observe(lambda event: self.made.append(event.update))

    def edit(self, size: int = 1) -> bytes:
        """Make one edit with about `size` bytes of text; the update that it gave."""
        self._entries.append(f"{self.client}:{len(self.made) + 1}" + " " * size)
        return self.made[-1]

    def edits(self, count: int) -> list[bytes]:
        """The updates of so many edits."""
        return [self.edit() for _ in range(count)]


class Server:
    """A server with one document open: its journal, whoever types there, and what it knows.

    ``records`` are those that it gave to the journal, with their numbers; ``known`` all updates
    that its document has.
    """

    def __init__(
        self,
        disk: Disk,
        folder: str,
        client: int = 1,
        notify: Callable[[], None] | None = None,
    ) -> None:
        self.journal = Journal(disk, folder, notify or nothing, retry=QUICK)
        self.typist = Typist(client)
        self.records: list[tuple[int, int, bytes]] = []
        self._left: bool | None = None
        self._remember()
        self.history = self.journal.load()
        self.known = list(self.history.updates)
        self.journal.start(LINEAGE, "nb.ipynb")

    @property
    def writer(self) -> Writer:
        """The end of the journal that appends."""
        return writer_of(self.journal)

    def payloads(self, kind: Kind, upto: int | None = None) -> list[bytes]:
        """What it recorded of one kind, up to a number."""
        return [
            payload
            for number, kind_, payload in self.records
            if kind_ == kind and (upto is None or number <= upto)
        ]

    def edit(self, size: int = 1) -> None:
        """Type."""
        self.known.append(self.typist.edit(size))
        self.journal.update(self.known[-1])

    def follow(self) -> None:
        """Take in what other servers added."""
        followed = self.journal.follow()
        self.known += followed.updates
        self.journal.took_in(followed)

    def announce(self) -> None:
        """Be about to write all that is known to the file."""
        self.journal.announce(self._baseline())

    def agree(self) -> None:
        """Have written all that is known to the file."""
        self.journal.confirm(self._baseline())

    def keep(self, data: bytes) -> None:
        """Set something aside."""
        self.journal.keep(Kept("external", "", data))

    def close(self, settled: bool = False) -> bool:
        """Leave, and say whether everything is durable."""
        if self._left is None:
            self._left = self.journal.close(settled, timeout=20)
        return self._left

    def _baseline(self) -> Baseline:
        content = " ".join(sorted(entries(self.known)))
        at = f"{self.typist.client}-{len(self.records)}"
        return baseline(content, content=content, at=at, position=self.journal.position())

    def _remember(self) -> None:
        append = self.writer.append

        def remember(kind: int, payload: bytes) -> int:
            number = append(kind, payload)
            self.records.append((number, kind, payload))
            return number

        setattr(self.writer, "append", remember)  # noqa: B010


def session_in(folder: str, client: int = 1, edits: int = 5) -> Server:
    """A session that ends with an export."""
    server = Server(QuickDisk(), folder, client)
    for _ in range(edits):
        server.edit()
    server.agree()
    assert server.close(settled=True)
    return server


def entries(updates: Iterable[bytes]) -> set[str]:
    """The names of the edits that can be seen in a document made of `updates`."""
    found = [name.strip() for name in replay(list(updates)).get("entries", type=Array)]
    assert len(found) == len(set(found))
    return set(found)


def until(condition: Callable[[], Any], timeout: float = 20.0) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "The condition was not met in time."
        time.sleep(0.0005)


def nothing() -> None:
    """Whom a journal tells of its health, and who does not care."""


def baseline(name: str = "a", **fields: Any) -> Baseline:
    """A baseline of a file whose hash is `name`."""
    noted = Baseline(Fingerprint(name, 1), content="c", substance="s", at="")
    return replace(noted, **fields)


def writer_of(journal: Journal) -> Writer:
    """The end of a journal that appends."""
    return journal._writer
