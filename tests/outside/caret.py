"""A caret in a cell that several people and programs edit."""

from __future__ import annotations

from typing import Any

from pycrdt import Text


class Caret:
    """Stays where it is in the text when others insert and delete around it, as an editor's does.

    Counts characters; for text without characters outside of ASCII.
    """

    def __init__(self, source: Text, at: int | None = None) -> None:
        """At the end of the text, unless `at` says where."""
        self._source = source
        self._seen = str(source)
        self._typing = False
        self.at = len(self._seen) if at is None else at
        self._subscription = source.observe(self._follow)

    def stands_in(self, text: str) -> bool:
        """Whether this text is the one that the caret is in, followed change by change."""
        return self._seen == text

    def type(self, key: str) -> None:
        """Press one key."""
        self._typing = True
        try:
            self._source.insert(self.at, key)
        finally:
            self._typing = False

    def leave(self) -> None:
        """Follow the text no more."""
        self._source.unobserve(self._subscription)

    def _follow(self, event: Any) -> None:
        place = 0
        for step in event.delta:
            place = self._step(step, place)

    def _step(self, step: dict[str, Any], place: int) -> int:
        """Take over one part of a change at `place`; where the next part begins."""
        if "retain" in step:
            return place + int(step["retain"])
        if "delete" in step:
            count = int(step["delete"])
            self._seen = self._seen[:place] + self._seen[place + count :]
            self.at -= max(0, min(count, self.at - place))
            return place
        text = str(step["insert"])
        self._seen = self._seen[:place] + text + self._seen[place:]
        if place < self.at or (self._typing and place == self.at):
            self.at += len(text)
        return place + len(text)
