"""The items of a JSON object or array, as pieces of the text in which it stands."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

_BLANKS = " \t\r\n"
_SKIP = re.compile(f"[{_BLANKS}]*")
_decode = json.JSONDecoder().raw_decode


class Item(NamedTuple):
    """One member of an object, or element of an array.

    ``text[lead:start]`` are the blanks before it, ``text[start:value]`` its key and colon if it
    has them, ``text[value:end]`` its value, ``text[end:trail]`` the blanks before what follows.
    """

    lead: int
    start: int
    value: int
    end: int
    trail: int
    key: str
    """The key; in an array empty."""


def whole(text: str) -> Item:
    """Give the one value of a JSON text as if it were an element of an array."""
    start, end = _skip(text, 0), len(text.rstrip(_BLANKS))
    return Item(0, start, start, end, len(text), "")


def items(text: str, start: int) -> list[Item]:
    """Find the items of the object or array that begins at ``start`` of sound JSON."""
    keyed, lead = text[start] == "{", start + 1
    found: list[Item] = []
    if text[_skip(text, lead)] in "}]":
        return found
    while True:
        found.append(_item(text, lead, keyed))
        if text[found[-1].trail] != ",":
            return found
        lead = found[-1].trail + 1


def _item(text: str, lead: int, keyed: bool) -> Item:
    start = value = _skip(text, lead)
    key = ""
    if keyed:
        key, colon = _decode(text, start)
        value = _skip(text, _skip(text, colon) + 1)
    end = _decode(text, value)[1]
    return Item(lead, start, value, end, _skip(text, end), key)


def _skip(text: str, start: int) -> int:
    found = _SKIP.match(text, start)
    return found.end() if found else start
