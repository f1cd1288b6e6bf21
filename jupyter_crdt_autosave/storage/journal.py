"""The journal of one document, as one server process sees it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..disk import Disk
from ..errors import AutosaveError
from ..model import Baseline, Checkpoint, JournalHealth, Kept, Position
from .follow import Followed, Follower
from .history import History, joined, read_history
from .record import Kind, encode_kept
from .segment import Segment, new_writer
from .writer import RETRY, Writer

COMPACT_SLACK = 8 * 1024 * 1024
"""Bytes that a journal may exceed twice its last snapshot by before it is compacted."""

CROWDED = 50
"""Records above which a closed journal is compacted."""


class Journal:
    """Keeps a document's updates, and tells what other server processes added.

    Everything but `update`, `took_in` and the properties blocks and belongs on a thread.
    """

    def __init__(
        self,
        disk: Disk,
        folder: str,
        notify: Callable[[], None],
        prepare: Callable[[], None] | None = None,
        retry: Sequence[float] = RETRY,
    ) -> None:
        """Nothing touches the disk before `load`.

        Args:
            disk: where to write.
            folder: the document's folder.
            notify: as in `Writer`.
            prepare: called before each segment is made, to give the folder its place in a store
                that could not be reached before; may raise ``OSError`` or `AutosaveError`.
            retry: as in `Writer`.
        """
        self.folder = folder
        self._prepare = prepare
        self._disk = disk
        self._token = new_writer()
        self._opened: dict[str, object] = {}
        self._follower = Follower(disk, folder, self._token)
        self._seen: Position = {}
        self._handed_on: Position = {}
        self._order = 0
        self._agreed: tuple[int, str] | None = None
        self._last_update = 0
        self._loaded = 0
        self._damaged = False
        self._held = 0
        self._rotated_at = 0
        self._limit = COMPACT_SLACK
        self._writer = Writer(disk, self._open_segment, notify, retry)

    @property
    def size(self) -> int:
        """Bytes that the journal holds, about."""
        return self._held

    @property
    def crowded(self) -> bool:
        """Whether there are so many records that a compaction pays, or damage to be put aside."""
        return self._damaged or self._writer.seq + self._loaded > CROWDED

    def load(self) -> History:
        """Read what is there.

        Raises:
            OSError: it could not be read.
            FormatTooNew: a later version of this package wrote it.
        """
        history = read_history(self._disk, self.folder)
        self._follower.begin(history)
        self._order = history.order
        self._agreed = _mark(history.agreed) if history.agreed else None
        self._seen = history.position
        updates = history.updates
        self._loaded, self._damaged = len(updates) - 1, history.damaged
        self._held = history.size
        self._limit = 2 * max(map(len, updates), default=0) + COMPACT_SLACK
        return history

    def stored(self) -> list[tuple[bytes, float]]:
        """Every update in the journal, and when it was made (seconds since the epoch).

        Raises:
            OSError: it could not be read.
            FormatTooNew: a later version of this package wrote to it.
        """
        return [
            pair
            for segment in read_history(self._disk, self.folder).segments
            for pair in zip(segment.scan.updates, segment.scan.times, strict=True)
        ]

    def start(self, lineage: int, path: str) -> None:
        """Begin to write. A disk that refuses shows in `health` and is tried again."""
        self._opened = {"lineage": lineage, "path": path, "pid": os.getpid()}
        self._writer.start()

    def update(self, data: bytes) -> int:
        """Keep one update, and give its number. Never raises; on the event loop."""
        seq = self._last_update = self._writer.append(Kind.UPDATE, data)
        self._held += len(data)
        return seq

    def outlives_us(self, seq: int) -> bool:
        """Whether an update would survive the death of this process."""
        return self._writer.written >= seq

    def announce(self, baseline: Baseline) -> None:
        """Say, durably, which bytes the file is about to get.

        Raises nothing: where the journal fails, the export goes on and `health` shows it.
        """
        self._note_baseline(replace(baseline, intended=True))
        self._writer.flush(2.0)

    def confirm(self, baseline: Baseline) -> Baseline:
        """Say that file and document agree; returns the baseline with its place in the order."""
        numbered = self._note_baseline(baseline)
        self._agreed = _mark(numbered)
        return numbered

    def keep(self, kept: Kept) -> bool:
        """Set content aside; True once it is durable."""
        self._writer.append(Kind.KEPT, encode_kept(kept))
        return self._writer.flush(5.0)

    def note_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Say which checkpoint there is about to be, or that there is none any more."""
        self._writer.append(Kind.CHECKPOINT, json.dumps(checkpoint.to_json()).encode())

    def moved(self, path: str) -> None:
        """Note the notebook's new path."""
        self._opened = {**self._opened, "path": path}
        self._writer.append(Kind.MOVED, json.dumps({"path": path}).encode())

    def position(self) -> Position:
        """The last update of each writer that the document has.

        What `follow` gave counts from `took_in` on, or from the next `follow`.
        """
        return {**self._seen, self._token: self._last_update}

    def health(self) -> JournalHealth:
        """Whether edits are being kept."""
        return self._writer.health()

    def flush(self, timeout: float) -> bool:
        """Wait until everything is durable; False if that took longer than `timeout` seconds."""
        return self._writer.flush(timeout)

    def follow(self) -> Followed:
        """What other server processes have added since the last look.

        Raises:
            OSError: the folder could not be read.
        """
        followed = self._follower.look()
        self._seen = joined([self._seen, self._handed_on])
        self._handed_on = followed.position
        self._held += sum(map(len, followed.updates))
        followed.baselines.sort(key=lambda baseline: (baseline.order, baseline.intended))
        followed.baselines = [b for b in followed.baselines if self._is_news(b)]
        if followed.snapshot is not None:
            self._held += followed.snapshot - self._rotated_at
            self._limit = 2 * followed.snapshot + COMPACT_SLACK
        return followed

    def took_in(self, followed: Followed) -> None:
        """The document has what `follow` gave. On the event loop, in the step that applied it."""
        self._seen = joined([self._seen, followed.position])

    def outgrown(self) -> bool:
        """Whether the journal is so large that it should be compacted while open."""
        return self._held > self._limit

    def rotate(self) -> None:
        """Go on in a new segment, so that a compaction can take the earlier ones."""
        self._writer.rotate(5.0)
        self._rotated_at = self._held
        self._limit = self._held + COMPACT_SLACK

    def close(self, settled: bool, timeout: float) -> bool:
        """Stop writing; `settled` if the document equals its newest baseline.

        Returns:
            Whether everything is durable.
        """
        order, at = self._agreed or (0, "")
        closing = {"settled": settled, "order": order, "at": at, "position": self.position()}
        self._writer.append(Kind.CLOSED, json.dumps(closing).encode())
        return self._writer.close(timeout)

    def _note_baseline(self, baseline: Baseline) -> Baseline:
        self._order += 1
        numbered = replace(baseline, order=self._order)
        self._writer.append(Kind.BASELINE, json.dumps(numbered.to_json()).encode())
        return numbered

    def _is_news(self, baseline: Baseline) -> bool:
        """Learn of another server's baseline; False for an announcement that is history."""
        news = not baseline.intended or baseline.order > self._order
        self._order = max(self._order, baseline.order)
        if not baseline.intended:
            self._agreed = max(self._agreed or (0, ""), _mark(baseline))
        return news

    def _open_segment(self) -> Segment:
        if self._prepare is not None:
            try:
                self._prepare()
            except AutosaveError as error:
                raise OSError(0, str(error)) from error
        return Segment.create(self._disk, self.folder, self._token, self._opened)


def _mark(baseline: Baseline) -> tuple[int, str]:
    """What tells a baseline from all others of its document."""
    return baseline.order, baseline.at
