"""What other processes append to a document's journal."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from ..disk import Disk
from ..errors import FormatTooNew
from ..model import Baseline, Checkpoint, Position
from .history import History, SegmentReading, baseline_of, checkpoint_of, joined, read_segment
from .record import Kind, Scan, decode
from .segment import order_of


@dataclass
class Followed:
    """What other server processes added: updates, exports and checkpoints.

    ``baselines`` are exports that they confirmed or announced, ``checkpoints`` those that they were
    about to write or had removed. ``position`` is theirs with these updates. ``snapshot`` is the
    size in bytes of a compaction's result, where one has taken up what this process had written
    before.
    """

    updates: list[bytes] = field(default_factory=list)
    baselines: list[Baseline] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    position: Position = field(default_factory=dict)
    snapshot: int | None = None


@dataclass
class _Tail:
    """How far another process's segment was read."""

    writer: str
    seed: int
    offset: int


class Follower:
    """Reads each segment of a folder, but those of one writer, as it grows."""

    def __init__(self, disk: Disk, folder: str, own: str) -> None:
        """`own` is the writer that need not be followed."""
        self._disk = disk
        self._folder = folder
        self._own = own
        self._tails: dict[str, _Tail] = {}
        self._too_new: set[str] = set()
        self._found = Followed()

    def begin(self, history: History) -> None:
        """Go on behind what was read already."""
        for segment in [*history.segments, *history.replaced]:
            self._tails[segment.name] = _tail_of(segment)

    def look(self) -> Followed:
        """What is new since the last look.

        Raises:
            OSError: the folder or a segment could not be read. What was found is not lost: the next
                look gives it.
        """
        names = [name for name in self._disk.list(self._folder) if order_of(name) is not None]
        for name in names:
            if self._own not in name and name not in self._too_new:
                self._look_at(name)
        self._tails = {name: self._tails[name] for name in names if name in self._tails}
        found, self._found = self._found, Followed()
        return found

    def _look_at(self, name: str) -> None:
        path, tail = os.path.join(self._folder, name), self._tails.get(name)
        try:
            if tail is None:
                self._begin_with(read_segment(self._disk, path))
            else:
                self._go_on(path, tail)
        except FileNotFoundError:
            # Compacted: what was in it comes with the segment that replaces it.
            pass
        except FormatTooNew:
            self._too_new.add(name)

    def _go_on(self, path: str, tail: _Tail) -> None:
        data = self._disk.read(path, tail.offset)
        if data:
            scan = decode(data, tail.seed, 0)
            tail.offset += scan.end
            self._take(scan, {tail.writer: scan.last_update})

    def _begin_with(self, segment: SegmentReading) -> None:
        replaces = segment.replaces
        if replaces and all(self._known(name, end) for name, end in replaces.items()):
            if any(self._own in name for name in replaces):
                self._found.snapshot = segment.size
        else:
            self._take(segment.scan, segment.position)
        self._tails[segment.name] = _tail_of(segment)

    def _known(self, name: str, end: int) -> bool:
        """Whether all that a compaction found in a segment was read before."""
        return self._own in name or (name in self._tails and self._tails[name].offset >= end)

    def _take(self, scan: Scan, position: Position) -> None:
        found = self._found
        found.updates += scan.updates
        found.position = joined([found.position, position])
        notes = [baseline_of(note) for note in scan.notes if note.kind == Kind.BASELINE]
        found.baselines += [baseline for baseline in notes if baseline is not None]
        others = [checkpoint_of(note) for note in scan.notes if note.kind == Kind.CHECKPOINT]
        found.checkpoints += [checkpoint for checkpoint in others if checkpoint is not None]


def _tail_of(segment: SegmentReading) -> _Tail:
    return _Tail(segment.writer, segment.seed, segment.scan.end or segment.start)
