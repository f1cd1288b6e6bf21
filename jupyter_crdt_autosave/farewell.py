"""What a client is told when its connection is closed."""

from __future__ import annotations

import json

CLOSE_REASON = 123
"""Bytes of a close frame's reason."""


def shortened(text: str, room: int = CLOSE_REASON) -> str:
    """As much of a text as fits, also inside of JSON, into so many bytes."""
    text = text[:room].encode("utf-8", "replace").decode()
    while len(json.dumps(text, ensure_ascii=False).encode()) - 2 > room:
        text = text[:-1]
    return text
