"""Yjs state vectors: which clients' edits a document has, and how many of each.

Encoding (Yjs, ``encodeStateVector``): the number of entries, then client and clock of each, all as
variable-length unsigned integers of 7 bits per byte, lowest first.
"""

from __future__ import annotations

EMPTY = b"\x00"
"""The state vector of a document without any edit: whoever sends it is given everything."""


def decode(data: bytes) -> dict[int, int]:
    """Clock by client.

    Raises:
        ValueError: these bytes are no state vector.
    """
    numbers, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
    if shift or not numbers or len(numbers) != 1 + 2 * numbers[0]:
        raise ValueError("These bytes are no state vector.")
    return dict(zip(numbers[1::2], numbers[2::2], strict=True))
