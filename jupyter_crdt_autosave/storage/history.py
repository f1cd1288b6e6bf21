"""What a document's segments say together."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..disk import Disk
from ..model import Baseline, Checkpoint, Position
from .record import Damage, Kind, Record, Scan, decode
from .segment import head_of, order_of


@dataclass
class SegmentReading:
    """One segment as it was read: its writer, its size, where its records start, what it holds.

    ``opened`` says, for one that a compaction made, by ``replaces`` which segments went into it
    (file name, and the offset behind the last record that was read), and by ``holds`` which
    position they had come to, as far as no baseline covers it.
    """

    path: str
    writer: str
    seed: int
    size: int
    start: int
    scan: Scan
    opened: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file name."""
        return os.path.basename(self.path)

    @property
    def damaged(self) -> bool:
        """Whether some of its bytes are no sound record."""
        return bool(self.scan.damage)

    @property
    def position(self) -> Position:
        """For each writer whose updates are in it, the number of the last one."""
        holds = self.opened.get("holds")
        if isinstance(holds, dict):
            return joined([holds])
        return {self.writer: self.scan.last_update}

    @property
    def replaces(self) -> dict[str, int]:
        """The segments that went into it; none as long as any of its own bytes is damaged."""
        replaces = self.opened.get("replaces")
        return replaces if isinstance(replaces, dict) and not self.damaged else {}


@dataclass
class History:
    """A document's journal, read whole.

    ``settled`` says that the document was equal to its newest baseline when it was last written
    to. ``baselines`` are the newest confirmed one (several, where servers gave them the same number
    without knowing of each other) and every intended one behind it, oldest first; ``closings`` the
    positions up to which the document was found equal to the newest of them.
    ``checkpoints`` are the newest two of which it is noted that they were about to be written, the
    newest last: a crash may have left either; none if the last thing noted is that it was removed.
    ``replaced`` are segments that a compaction has taken up, but not removed.
    """

    segments: list[SegmentReading] = field(default_factory=list)
    replaced: list[SegmentReading] = field(default_factory=list)
    baselines: list[Baseline] = field(default_factory=list)
    closings: list[Position] = field(default_factory=list)
    kept: list[Record] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    lineage: int | None = None
    path: str | None = None
    order: int = 0
    settled: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is no update at all."""
        return not any(segment.scan.updates for segment in self.segments)

    @cached_property
    def updates(self) -> list[bytes]:
        """Every update, in the order in which the segments were begun."""
        return [update for segment in self.segments for update in segment.scan.updates]

    @property
    def last_at(self) -> float:
        """When the last update was kept, in seconds since the epoch; 0 if there is none."""
        return max((max(each.scan.times, default=0.0) for each in self.segments), default=0.0)

    @property
    def damaged(self) -> bool:
        """Whether any byte of the journal could not be read as a record."""
        return any(segment.damaged for segment in self.segments)

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(segment.size for segment in self.segments)

    @property
    def position(self) -> Position:
        """For each writer, the number of its last update."""
        return joined(segment.position for segment in self.segments)

    @property
    def agreed(self) -> Baseline | None:
        """The newest baseline, if it is clear which one that is."""
        clear = len(self.baselines) == 1 and not self.baselines[0].intended
        return self.baselines[0] if clear else None

    @property
    def covered(self) -> Position:
        """The position up to which the document is known to equal its newest baseline."""
        return joined([self.agreed.position, *self.closings]) if self.agreed else {}


def joined(positions: Iterable[Position]) -> Position:
    """The position that has all that any of `positions` has; counts that are none are left out."""
    latest: Position = {}
    for position in positions:
        for writer, count in position.items():
            if isinstance(count, int):
                latest[writer] = max(latest.get(writer, 0), count)
    return latest


def read_history(disk: Disk, folder: str) -> History:
    """Read every segment in `folder`; a folder that is not there holds nothing.

    Raises:
        OSError: the folder or a segment could not be read.
        FormatTooNew: a later version of this package wrote a segment.
    """
    attempts = 10
    while True:
        try:
            names = disk.list(folder)
        except FileNotFoundError:
            return History()
        paths = [os.path.join(folder, name) for name in names if order_of(name) is not None]
        try:
            return _summed_up([read_segment(disk, path) for path in paths])
        except FileNotFoundError:
            # A compaction took one of them up meanwhile: what was in it has another name now.
            attempts -= 1
            if not attempts:
                raise


def read_segment(disk: Disk, path: str) -> SegmentReading:
    """Read one segment.

    Raises:
        OSError: it could not be read.
        FormatTooNew: a later version of this package wrote it.
    """
    reading = _reading(path, disk.read(path))
    if reading.damaged:
        # Its writer may be alive, and just then have been in the middle of a record.
        reading = _reading(path, disk.read(path))
    return reading


def baseline_of(note: Record) -> Baseline | None:
    """What a BASELINE record holds; None where a later version meant something else by it."""
    fields = object_of(note)
    if not isinstance(fields.get("order", 0), int) or not isinstance(fields.get("at"), str):
        return None
    try:
        return Baseline.from_json(fields)
    except (ValueError, TypeError, LookupError):
        return None


def checkpoint_of(note: Record) -> Checkpoint | None:
    """What a CHECKPOINT record holds; None where a later version meant something else by it."""
    try:
        return Checkpoint.from_json(object_of(note))
    except (ValueError, TypeError, LookupError):
        return None


def object_of(note: Record) -> dict[str, Any]:
    """The JSON object that a record holds, empty where it holds none."""
    try:
        value = json.loads(note.payload)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _reading(path: str, data: bytes) -> SegmentReading:
    head, start = head_of(path, data)
    scan = decode(data, head.seed, start)
    if not start and not any(damage.start == 0 for damage in scan.damage):
        # The head is missing altogether.
        scan.damage.insert(0, Damage(0, 0))
    opened = next((note for note in scan.notes[:1] if note.kind == Kind.OPENED), None)
    about = object_of(opened) if opened is not None else {}
    return SegmentReading(path, head.writer, head.seed, len(data), start, scan, about)


def _summed_up(segments: list[SegmentReading]) -> History:
    """A crash in a compaction leaves both the compacted segment and those that went into it."""
    replaced = {name for segment in segments for name in segment.replaces}
    history = History(
        [segment for segment in segments if segment.name not in replaced or segment.damaged],
        [segment for segment in segments if segment.name in replaced and not segment.damaged],
    )
    _read_notes(history)
    return history


def _read_notes(history: History) -> None:
    # By what they are: after a failed sync the next segment has some of them once more.
    noted: dict[object, Baseline] = {}
    kept: dict[tuple[str, int], Record] = {}
    closings: list[dict[str, Any]] = []
    checkpoints: list[tuple[float, Checkpoint]] = []
    for segment in history.segments:
        _read_opening(history, segment.opened)
        for note in segment.scan.notes:
            if note.kind == Kind.BASELINE and (baseline := baseline_of(note)) is not None:
                noted[baseline.order, baseline.intended, baseline.at, baseline.file] = baseline
            elif note.kind == Kind.CLOSED:
                closings.append(object_of(note))
            elif note.kind == Kind.MOVED:
                _read_opening(history, object_of(note))
            elif note.kind == Kind.KEPT:
                kept[segment.writer, note.seq] = note
            elif note.kind == Kind.CHECKPOINT and (found := checkpoint_of(note)) is not None:
                checkpoints.append((note.at, found))
    history.checkpoints = _last_two(checkpoints)
    history.kept = list(kept.values())
    known = sorted(noted.values(), key=lambda one: (one.order, one.intended, one.at))
    history.order = max((baseline.order for baseline in known), default=0)
    history.baselines = _latest(known)
    history.closings = _closings(history, closings)
    history.settled = _is_settled(history)


def _read_opening(history: History, fields: dict[str, Any]) -> None:
    lineage, path = fields.get("lineage"), fields.get("path")
    if not history.lineage and isinstance(lineage, int):
        history.lineage = lineage
    if isinstance(path, str):
        history.path = path


def _latest(known: list[Baseline]) -> list[Baseline]:
    newest = max((baseline.order for baseline in known if not baseline.intended), default=0)
    return [baseline for baseline in known if baseline.order >= newest]


def _last_two(noted: list[tuple[float, Checkpoint]]) -> list[Checkpoint]:
    """The newest checkpoints, of several servers perhaps, since the last that was removed."""
    last: list[Checkpoint] = []
    for _, checkpoint in sorted(noted, key=lambda one: (one[0], one[1].at)):
        last = [] if checkpoint.file is None else [*last[-1:], checkpoint]
    return last


def _closings(history: History, closings: list[dict[str, Any]]) -> list[Position]:
    """The positions of those who found the document equal to its newest baseline at the end."""
    newest = history.agreed
    return [
        joined([position])
        for closing in closings
        if newest is not None and closing.get("settled")
        if (closing.get("order"), closing.get("at")) == (newest.order, newest.at)
        if isinstance(position := closing.get("position"), dict)
    ]


def _is_settled(history: History) -> bool:
    """Every update is covered by the newest baseline, or by a clean closing on top of it."""
    if history.agreed is None or history.damaged:
        return False
    covered = history.covered
    return all(count <= covered.get(writer, 0) for writer, count in history.position.items())
