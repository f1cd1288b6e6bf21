"""What a live notebook tells the world, each thing once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model import JournalHealth
from .surroundings import Report


class Voice:
    """Turns states into events, and remembers why exporting fails."""

    def __init__(self, report: Report, path: Callable[[], str]) -> None:
        """`path` gives the notebook's path at the time of telling."""
        self.export_error: str | None = None
        self._report = report
        self._path = path
        self._healthy = True

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

    def succeeded(self) -> None:
        """An export succeeded."""
        self.export_error = None
        self.tell("export", "done", None)
