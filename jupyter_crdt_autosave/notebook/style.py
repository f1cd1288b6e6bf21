"""How the program that wrote a notebook file lays out its JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_OPENING = re.compile(r'\s*\{(\s*)(?:"[^"\\]*(?:\\.[^"\\]*)*"(\s*:\s*))?')
# A raw line end is never inside a JSON string.
_COMMA_AT_LINE_END = re.compile(r",([ \t]*)\r?\n")
_COMMA_IN_LINE = re.compile(r'[^",]*(?:"[^"\\]*(?:\\.[^"\\]*)*"[^",]*)*,([ \t]*)')
# An escape of something beyond ASCII. Of surrogates only pairs tell: a lone one must be escaped.
_ESCAPE = re.compile(r"\\u(?:(?!00[0-7]|d[89a-f])[0-9a-f]{4}|d[89ab]..\\ud[c-f])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Style:
    """The layout of a JSON file; by default the one that nbformat writes.

    It is used for values that are new in the file; all others keep the layout that they have.
    """

    indent: str | None = " "
    """What each level is indented by; None: all in one line."""
    comma: str = ","
    """The comma between items, with the blanks after it."""
    colon: str = ": "
    """The colon after a key, with the blanks around it."""
    newline: str = "\n"
    """The line end."""
    ascii: bool = False
    """Whether everything beyond ASCII is escaped."""
    lines: bool = True
    """Whether long texts are lists of lines."""
    order: tuple[str, ...] = ()
    """The keys of cells and outputs in their usual order; empty: keys are sorted."""

    def sorted(self, keys: Iterable[str]) -> list[str]:
        """Put the keys of a new object in order: those without a usual place come last."""
        if not self.order:
            return sorted(keys)
        rank = {key: place for place, key in enumerate(self.order)}
        return sorted(keys, key=lambda key: (rank.get(key, len(rank)), key))


NBFORMAT = Style()


def detect(text: str, tree: dict[str, Any]) -> Style:
    """Find out the style of a notebook file of format 4.

    Args:
        text: The file, without a byte order mark.
        tree: The JSON in it, which must have passed ``check``.
    """
    opening = _OPENING.match(text)
    lead, colon = opening.groups() if opening else ("", None)
    indented = "\n" in lead
    comma = (_COMMA_AT_LINE_END.search if indented else _COMMA_IN_LINE.match)(text)
    return Style(
        indent=lead.rpartition("\n")[2] if indented else None,
        comma="," + (comma[1] if comma else ""),
        colon=colon or ": ",
        newline="\r\n" if "\r\n" in lead else "\n",
        ascii=text.isascii() and _has_escapes(text),
        lines=_has_lines(tree["cells"]),
        order=_order(tree["cells"]),
    )


def _has_escapes(text: str) -> bool:
    """Tell whether something beyond ASCII is escaped, and not just a backslash before a u."""
    starts = (found.start() for found in _ESCAPE.finditer(text))
    return any(_backslashes(text, start) % 2 == 0 for start in starts)


def _backslashes(text: str, end: int) -> int:
    """Count the backslashes before a place."""
    start = end
    while text[start - 1] == "\\":
        start -= 1
    return end - start


def _has_lines(cells: list[dict[str, Any]]) -> bool:
    sources = [cell.get("source") for cell in cells]
    return any(isinstance(each, list) for each in sources) or not any(sources)


def _order(cells: list[dict[str, Any]]) -> tuple[str, ...]:
    """Give the keys of cells and outputs as they first appear, or nothing if most are sorted."""
    unsorted = sum(list(cell) != sorted(cell) for cell in cells)
    if 2 * unsorted <= len(cells):
        return ()
    outputs = [output for cell in cells for output in _outputs(cell)]
    return tuple(dict.fromkeys(key for each in (*cells, *outputs) for key in each))


def _outputs(cell: dict[str, Any]) -> list[dict[str, Any]]:
    return cell.get("outputs") or [] if cell["cell_type"] == "code" else []
