"""A recorded disk with one document on it, and the check of what a power cut leaves of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_crdt_autosave.storage.compaction import compact
from jupyter_crdt_autosave.storage.history import History
from jupyter_crdt_autosave.storage.journal import Journal
from jupyter_crdt_autosave.storage.record import Kind
from tests.storage.crashes import Crash, every_crash
from tests.storage.documents import LINEAGE, Server, entries, nothing
from tests.support.disks import FaultyDisk, Node, QuickDisk, Recorded, RecordingDisk

Promise = tuple[int, ...]
"""For each server, the number of the last record that its journal called durable."""


@dataclass
class Bench:
    """Servers that share one document, on a disk that is recorded and can be made to fail."""

    root: Path
    servers: list[Server] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True)
        self.recording: RecordingDisk[Promise] = RecordingDisk(str(self.root), self.promise)
        self.disk = FaultyDisk(self.recording)
        self.folder = str(self.root / "documents" / "one")

    def promise(self) -> Promise:
        """What has been called durable so far."""
        return tuple(server.writer.durable for server in self.servers)

    def open(self) -> Server:
        """Another server, or the same one later: it begins with what is in the journal."""
        server = Server(self.disk, self.folder, client=len(self.servers) + 1)
        self.servers.append(server)
        return server

    @contextmanager
    def unsynced(self) -> Iterator[None]:
        """What is written in this block stays in memory for as long as the block runs."""
        self.recording.may_sync.clear()
        try:
            yield
        finally:
            self.recording.may_sync.set()

    @property
    def updates(self) -> dict[str, bytes]:
        """All that was ever given to a journal, by the name of the edit."""
        return {
            f"{server.typist.client}:{number}": update
            for server in self.servers
            for number, update in enumerate(server.typist.made, 1)
        }

    @property
    def recorded(self) -> tuple[list[Recorded[Promise]], Node, Promise]:
        """All that was done to the disk, its top folder, and what is promised now."""
        return self.recording.log, self.recording.top, self.promise()

    def check_every_crash(self) -> int:
        """Check each state that a crash at any time may have left; how many there are."""
        return self.check(every_crash(*self.recorded))

    def check(self, crashes: Iterable[Crash[Promise]]) -> int:
        """Check each of these states; how many there are."""
        count = 0
        for crash in crashes:
            count += 1
            folder = crash.build(str(self.root.parent / "crash"))
            self._check(crash, f"{folder}/documents/one")
            shutil.rmtree(folder)
        return count

    def _check(self, crash: Crash[Promise], folder: str) -> None:
        """Open what a crash left, before and after a compaction."""
        before = self._check_history(crash, folder)
        if before.segments:
            compact(QuickDisk(), folder)
        after = self._check_history(crash, folder)
        seen, updates = entries(before.updates), self.updates
        assert seen <= set(updates)
        assert seen == entries(after.updates)
        assert after.settled == before.settled
        # What waits for an update that was lost is still there when that turns up.
        there = set(before.updates)
        lost = [u for name, u in updates.items() if name not in seen and u not in there]
        assert entries([*after.updates, *lost]) == set(updates)

    def _check_history(self, crash: Crash[Promise], folder: str) -> History:
        history = Journal(QuickDisk(), folder, nothing).load()
        seen, kept = entries(history.updates), {note.payload for note in history.kept}
        for server, durable in zip(self.servers, crash.promise, strict=False):
            assert entries(server.payloads(Kind.UPDATE, durable)) <= seen
            assert kept >= set(server.payloads(Kind.KEPT, durable))
            assert history.order >= _order(server.payloads(Kind.BASELINE, durable))
        assert kept <= {kept for server in self.servers for kept in server.payloads(Kind.KEPT)}
        if history.settled:
            assert seen == set(history.baselines[-1].content.split())
        assert history.lineage == LINEAGE or not any(crash.promise)
        return history


def _order(baselines: list[bytes]) -> int:
    return max((json.loads(one)["order"] for one in baselines), default=0)
