"""Numbers, times, paths and tables as people read them."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from datetime import datetime

_UNITS = ("B", "kB", "MB", "GB", "TB")


def size(count: int) -> str:
    """A number of bytes."""
    value, unit = float(count), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return (
        f"{value:.1f} {_UNITS[unit]}" if unit and value < 99.95 else f"{value:.0f} {_UNITS[unit]}"
    )


def moment(utc: str | None) -> str:
    """A time, ISO 8601 in UTC, by the clock on the wall."""
    if utc is None:
        return "-"
    try:
        at = datetime.fromisoformat(utc.replace("Z", "+00:00")).astimezone()
    except (ValueError, OverflowError):
        return plain(utc)
    return at.strftime("%Y-%m-%d %H:%M:%S")


def place(path: str | None) -> str:
    """A path as it is named from the working directory."""
    if not path:
        return "?"
    here = os.path.join(os.getcwd(), "")
    return plain(path.removeprefix(here))


def plain(text: str) -> str:
    """Text that does nothing to a terminal but be shown."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "backslashreplace").decode()
        for char in text
    )


def count(number: int, noun: str) -> str:
    """So many of something."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns, as wide as what is in them."""
    lines = [head, *rows]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(map(_filled, line, widths)).rstrip() for line in lines]


def _filled(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """The columns that a text takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
