"""The terminal: answers go to standard output, everything else to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sized
from typing import Any, TypeVar

T = TypeVar("T")


class Screen:
    """What the user sees. With `as_json` an answer is one JSON document, and nothing is drawn."""

    def __init__(self, as_json: bool) -> None:
        """File names that are no text are shown with escapes, not refused."""
        self.as_json = as_json
        self._draws = not as_json and sys.stderr.isatty()
        self._drawn = False
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")

    def answer(self, data: dict[str, Any], *lines: str) -> None:
        """Give the answer, which `lines` say in words."""
        self._wipe()
        print(json.dumps(data, indent=2) if self.as_json else "\n".join(lines))

    def hand_over(self, data: bytes) -> None:
        """Give the bytes of a notebook."""
        self._wipe()
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def tell(self, text: str) -> None:
        """Say something beside the answer."""
        self._wipe()
        print(text, file=sys.stderr)

    def ask(self, question: str) -> str:
        """What the user answers to a question; nothing if there is nobody."""
        self._wipe()
        print(question, end=" ", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip()

    def progress(self, what: str, done: int, total: int) -> None:
        """Show how far something has come."""
        if self._draws:
            print(f"\r\x1b[K{what} {done}/{total}", end="", file=sys.stderr, flush=True)
            self._drawn = True

    def each(self, what: str, items: Iterable[T]) -> Iterator[T]:
        """Go through items, and show how far that has come."""
        total = len(items) if isinstance(items, Sized) else 0
        for place, item in enumerate(items):
            self.progress(what, place, total)
            yield item
        self._wipe()

    def _wipe(self) -> None:
        """Take the progress away."""
        if self._drawn:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._drawn = False
