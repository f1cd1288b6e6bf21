"""Appends a document's records and makes them durable.

``append`` writes on the calling thread, because only what the operating system has been given
survives the death of the process. A thread of the writer's own asks for the bytes to be put on
stable storage. Everything that is not durable yet stays in memory, so that a failed write or sync
is followed by a new segment that holds it all again.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from ..disk import Disk, write_all
from ..model import JournalHealth
from .record import encode
from .segment import Segment

SLOW = 0.02
"""Seconds after which one write on the caller's thread counts as a disk that hangs."""

RETRY = (0.05, 0.2, 1.0, 2.0, 5.0)
"""Seconds to wait after the first, second, ... failure in a row; the last one from there on."""

_clock = time.time
_CALM = 20
_LONGEST_PAUSE = 0.045
_FAIR_RATE = 50e6
_BATCH = 1000
_UNSYNCED = "The journal is closed; what came after that is not kept."

_Pending = tuple[int, float, int, bytes]


class Writer:
    """The appending end of a journal. ``append`` may be called from any thread."""

    def __init__(
        self,
        disk: Disk,
        open_segment: Callable[[], Segment],
        notify: Callable[[], None],
        retry: Sequence[float] = RETRY,
    ) -> None:
        """Prepare a writer; nothing touches the disk before `start`.

        Args:
            disk: where to write.
            open_segment: makes the next segment, on the thread of `start` or the writer's own; may
                raise ``OSError``.
            notify: told, on any thread, that `health` is worth another look; must not raise.
            retry: see `RETRY`.
        """
        self._disk = disk
        self._open_segment = open_segment
        self._notify = notify
        self._retry = retry
        self._lock = threading.Lock()
        self._wake = threading.Lock()
        self._wake.acquire()
        self._progress = threading.Condition()
        self._pending: deque[_Pending] = deque()
        self._segment: Segment | None = None
        self._fd, self._seed, self._write = -1, 0, disk.write
        self._seq = self._written = self._durable = 0
        self._direct = self._sleeping = self._rotate = self._slow = False
        self._closing = self._ended = False
        self._calm = 0
        self._failures = 0
        self._error: str | None = None
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    @property
    def seq(self) -> int:
        """The number of the last record given to `append`."""
        return self._seq

    @property
    def written(self) -> int:
        """The number of the last record that the operating system has, as it has all before it."""
        return self._written

    @property
    def durable(self) -> int:
        """The number of the last record that is on stable storage, as are all before it."""
        return self._durable

    def start(self) -> None:
        """Open the first segment and begin. A failure shows in `health` and is retried."""
        try:
            self._renew()
        except Exception as error:
            self._fail(error)
        self._thread.start()

    def append(self, kind: int, payload: bytes) -> int:
        """Take a record, write it if the disk lets us, and return its number. Never raises."""
        now = _clock()
        failed = False
        with self._lock:
            seq = self._seq = self._seq + 1
            self._pending.append((seq, now, kind, payload))
            if self._direct:
                try:
                    frame = encode(self._seed, seq, now, kind, payload)
                    count = self._write(self._fd, frame)
                    if count != len(frame):
                        write_all(self._disk, self._fd, frame[count:])
                    self._written = seq
                except Exception as error:
                    self._direct, self._error, failed = False, _reason(error), True
            if self._sleeping:
                self._rouse()
        if failed:
            self._notify()
        if _clock() - now > SLOW:
            self._hand_over(_clock() - now - len(payload) / _FAIR_RATE)
        return seq

    def health(self) -> JournalHealth:
        """Whether records are being kept, and how long the oldest one has waited, in seconds."""
        with self._lock:
            oldest = self._pending[0][1] if self._pending else None
            error = _UNSYNCED if self._ended and self._pending else self._error
        lag = 0.0 if oldest is None else max(0.0, time.time() - oldest)
        return JournalHealth(error is None, error, lag, self._slow)

    def flush(self, timeout: float) -> bool:
        """Wait until all that was appended is durable; False if that took over `timeout` s."""
        target = self._seq
        with self._progress:
            return self._progress.wait_for(lambda: self._durable >= target, timeout)

    def rotate(self, timeout: float) -> bool:
        """Go on in a new segment, so that the earlier ones can be compacted.

        Returns:
            False if that took over `timeout` seconds; it is done later then.
        """
        with self._lock:
            self._rotate = True
            self._rouse()
        with self._progress:
            self._progress.wait_for(lambda: self._ended or not self._rotate, timeout)
        return not self._rotate

    def close(self, timeout: float) -> bool:
        """Flush, stop the thread and free the segment; False if not all became durable in time.

        What did not is still tried for as long as the process lives.
        """
        with self._lock:
            self._closing, self._failures = True, 0
            self._rouse()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return self._durable >= self._seq

    def _run(self) -> None:
        while self._wait():
            try:
                self._commit()
            except Exception as error:
                # Whatever it was: without this thread nothing would become durable any more.
                self._fail(error)
                place = max(0, min(self._failures, len(self._retry)) - 1)
                self._wake.acquire(timeout=self._retry[place])
        if self._segment is not None:
            self._segment.close(self._disk)

    def _wait(self) -> bool:
        """Sleep until there is something to do; False when that is to stop."""
        with self._lock:
            idle = not self._pending and not self._rotate and self._error is None
            if idle and self._closing:
                self._direct, self._ended = False, True
                return False
            self._sleeping = idle
        if idle:
            self._wake.acquire()
        return True

    def _commit(self) -> None:
        segment = self._segment
        if segment is None or self._error is not None or self._rotate:
            self._renew()
            return
        started = time.monotonic()
        self._write_waiting(segment)
        target = self._written
        self._disk.sync(segment.fd)
        self._mark_durable(target)
        took = time.monotonic() - started
        self._settle_mode(segment, took)
        self._gather(took)

    def _write_waiting(self, segment: Segment) -> None:
        with self._lock:
            waiting = [] if self._direct else [p for p in self._pending if p[0] > self._written]
        if waiting:
            self._put(segment, waiting)
            with self._lock:
                self._written = waiting[-1][0]

    def _mark_durable(self, target: int) -> None:
        with self._lock:
            while self._pending and self._pending[0][0] <= target:
                self._pending.popleft()
        with self._progress:
            self._durable = max(self._durable, target)
            self._progress.notify_all()

    def _renew(self) -> None:
        """Start a segment and put everything in it that is not durable yet."""
        segment = self._open_segment()
        try:
            with self._lock:
                waiting, upto = list(self._pending), self._seq
            self._put(segment, waiting)
            segment.publish(self._disk)
            earlier = self._go_on_in(segment, upto)
        except BaseException:
            segment.discard(self._disk)
            raise
        if earlier is not None:
            earlier.close(self._disk)
        self._mark_durable(upto)
        self._notify()

    def _go_on_in(self, segment: Segment, upto: int) -> Segment | None:
        """Append to `segment`, which holds all up to `upto`, from here on; gives the earlier."""
        with self._lock:
            if self._slow:
                self._written, self._direct = upto, False
            else:
                self._catch_up(segment, upto)
            earlier, self._segment = self._segment, segment
            self._fd, self._seed = segment.fd, segment.seed
            self._error, self._failures, self._rotate = None, 0, False
        return earlier

    def _catch_up(self, segment: Segment, written: int) -> None:
        """Write what came meanwhile, so that the callers write again; the lock is held."""
        self._put(segment, [p for p in self._pending if p[0] > written])
        self._written, self._direct = self._seq, True

    def _put(self, segment: Segment, records: list[_Pending]) -> None:
        for start in range(0, len(records), _BATCH):
            frames = [encode(segment.seed, *record) for record in records[start : start + _BATCH]]
            write_all(self._disk, segment.fd, b"".join(frames))

    def _settle_mode(self, segment: Segment, took: float) -> None:
        """Let the callers write again, at once or when a slow disk has been quick for a while."""
        with self._lock:
            if self._direct or self._error is not None:
                return
            self._calm = 0 if took > SLOW else self._calm + 1
            if self._slow and self._calm < _CALM:
                return
            self._catch_up(segment, self._written)
            was_slow, self._slow = self._slow, False
        if was_slow:
            self._notify()

    def _gather(self, took: float) -> None:
        """Where syncing is slow, let more records come together, none of them for over 50 ms."""
        with self._lock:
            oldest = self._pending[0][1] if self._pending else None
        if oldest is not None and took > SLOW / 4 and not self._closing:
            waited = max(0.0, time.time() - oldest)
            time.sleep(max(0.0, min(2 * took, _LONGEST_PAUSE - waited)))

    def _hand_over(self, took: float) -> None:
        """A write took `took` seconds more than its size explains."""
        if took > SLOW:
            with self._lock:
                self._direct, self._slow, self._calm = False, True, 0
            self._notify()

    def _fail(self, error: Exception) -> None:
        """Say so. Callers that write go on: that much survives the death of the process."""
        with self._lock:
            self._failures += 1
            self._error = _reason(error)
        self._notify()

    def _rouse(self) -> None:
        """End a wait of the thread, or the next one; the lock is held."""
        self._sleeping = False
        if self._wake.locked():
            self._wake.release()


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or repr(error)
