"""When an autosave is due. Times in seconds, of any clock that only goes forward."""

from __future__ import annotations

RETRY = 5.0
"""Seconds until an export that failed is tried again."""


class Timing:
    """Counts from the first change that is in no file."""

    def __init__(self, interval: float) -> None:
        """`interval` from that change to its autosave."""
        self._interval = interval
        self._changed_at: float | None = None
        self._retry_at = 0.0
        self._quiet_at = 0.0

    def changed(self, now: float) -> None:
        """Something changed."""
        if self._changed_at is None:
            self._changed_at = now

    def begins(self) -> None:
        """An export begins: what changes from here on may not be in it."""
        self._changed_at = None

    def failed(self, now: float) -> None:
        """The export failed; what it should have written still has to be."""
        self._changed_at = now
        self._retry_at = now + RETRY

    def disturbed(self, now: float) -> None:
        """Another program changed the file, and there are edits beyond: let it finish its work."""
        self.changed(now)
        self._quiet_at = now + self._interval

    def due(self, now: float) -> bool:
        """Whether it is time for an autosave."""
        waited = self._changed_at is not None and now - self._changed_at >= self._interval
        return waited and now >= max(self._retry_at, self._quiet_at)
