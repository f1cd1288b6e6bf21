"""The text of a notebook file, and the JSON in it."""

from __future__ import annotations

import json
import re
from typing import Any

from ..errors import NotebookUnreadable

BOM = b"\xef\xbb\xbf"

_NOTHING = re.compile(rb"[\0\s]*")  # zeros are what a power cut may leave of a file
_CONFLICT = re.compile(r"^<{7} .*?^={7}\r?$.*?^>{7} ", re.MULTILINE | re.DOTALL)


def decode(data: bytes) -> str:
    """Give the text of a notebook file, without a byte order mark.

    Raises:
        NotebookUnreadable: Of kind ``empty`` or ``encoding``.
    """
    body = data.removeprefix(BOM)
    if _NOTHING.fullmatch(body):
        raise NotebookUnreadable("the file is empty", "empty")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise NotebookUnreadable(f"the file is not UTF-8: {error}", "encoding") from error


def parse(text: str) -> Any:
    """Parse the JSON of a notebook file.

    Raises:
        NotebookUnreadable: Of kind ``json``, ``conflict``, or ``shape`` (nested too deeply).
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise too_deep() from None
    except ValueError as error:
        if _CONFLICT.search(text):
            raise NotebookUnreadable("the file has conflict markers", "conflict") from error
        raise NotebookUnreadable(f"the file is not JSON: {error}", "json") from error


def too_deep() -> NotebookUnreadable:
    """Make the error for JSON that is nested too deeply."""
    return NotebookUnreadable("the JSON is nested too deeply", "shape")
