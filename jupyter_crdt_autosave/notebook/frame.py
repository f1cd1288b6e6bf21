"""The blanks, commas and brackets around the items of one object or array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .items import Item
from .style import Style


class Part(NamedTuple):
    """An item to be written: which item of the file it was, if any, and its text now."""

    origin: int | None
    text: str


class Frame:
    """What is between the items of an object or array of a file.

    Args:
        text: The file.
        style: How to lay out what the file gives no example for.
        found: The items that the object or array has in the file.
        margin: The indentation of the line on which it begins.
    """

    def __init__(self, text: str, style: Style, found: Sequence[Item], margin: str) -> None:
        self._text = text
        self._found = found
        self._margin = margin
        self._first, self._close = self._ends(style)
        self._other = self._between(style)

    def margin_of(self, origin: int | None) -> str:
        """Give the indentation of the line on which an item, or a new one (None), begins."""
        lead = self._other if origin is None else self._lead(self._found[origin])
        return lead.rpartition("\n")[2] if "\n" in lead else self._margin

    def enclose(self, opener: str, parts: Sequence[Part], closer: str) -> str:
        """Give the text of the object or array with these items."""
        pieces: list[str] = []
        for place, part in enumerate(parts):
            lead = self._lead_at(part.origin) if place else self._first
            trail = self._trail_at(part.origin) if place < len(parts) - 1 else self._close
            pieces.append(lead + part.text + trail)
        return opener + ",".join(pieces) + closer

    def _ends(self, style: Style) -> tuple[str, str]:
        """Give what is before the first item, and after the last."""
        if self._found:
            last = self._found[-1]
            return self._lead(self._found[0]), self._text[last.end : last.trail]
        if style.indent is None:
            return "", ""
        line = style.newline + self._margin
        return line + style.indent, line

    def _between(self, style: Style) -> str:
        """Give what is before a new item that is not the first."""
        if len(self._found) > 1:
            return self._lead(self._found[1])
        return style.comma[1:] + (self._first if "\n" in self._first else "")

    def _lead(self, item: Item) -> str:
        return self._text[item.lead : item.start]

    def _lead_at(self, origin: int | None) -> str:
        return self._lead(self._found[origin]) if origin else self._other

    def _trail_at(self, origin: int | None) -> str:
        if origin is None or origin == len(self._found) - 1:
            return ""
        item = self._found[origin]
        return self._text[item.end : item.trail]
