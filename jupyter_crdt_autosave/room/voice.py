"""What a live notebook tells the world, each thing once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model import JournalHealth
from .surroundings import Report


class Voice:
    """Turns states into events, and remembers why exports or checkpoints fail."""

    def __init__(self, report: Report, path: Callable[[], str]) -> None:
        """`path` gives the notebook's path at the time of telling."""
        self.export_error: str | None = None
        self.checkpoint_error: str | None = None
        self._report = report
        self._path = path
        self._healthy = True
        self._deferred = False
        self._checkpoint: tuple[str, str | None] = "cleared", None

    def tell(self, topic: str, event: str, reason: str | None, **facts: Any) -> None:
        """Tell of something that happened; `facts` are what the topic's schema knows beside."""
        self._report(topic, {"path": self._path(), "event": event, "reason": reason, **facts})

    def health(self, health: JournalHealth) -> None:
        """The journal may have begun to fail, or to work again."""
        if health.healthy != self._healthy:
            self._healthy = health.healthy
            self.tell("journal", "kept" if health.healthy else "failing", health.error)

    def failed(self, reason: str) -> None:
        """An export failed."""
        if reason != self.export_error:
            self.export_error = reason
            self.tell("export", "failing", reason)

    def deferral(self, deferred: bool) -> None:
        """An autosave that is due may have begun to wait for the kernel, or waits no more."""
        if deferred != self._deferred:
            self._deferred = deferred
            self.tell("autosave", "deferred" if deferred else "resumed", None)

    def checkpoint(self, event: str, reason: str | None) -> None:
        """Something was done about the checkpoint, or could not be; told when it is news."""
        self.checkpoint_error = reason if event == "checkpoint_failing" else None
        if (event, reason) != self._checkpoint:
            self._checkpoint = event, reason
            self.tell("autosave", event, reason)

    def succeeded(self) -> None:
        """An export succeeded."""
        self.export_error = None
        self.tell("export", "done", None)
