"""The parts that notebook content is kept in, so that contents share what they have in common.

A cell is one part: its JSON bytes, compressed where that helps. Outputs of over 8 kB are a part of
their own, so that an edit of the source does not keep them once more.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

import xxhash

Cell = dict[str, Any]
Content = dict[str, Any]
"""A notebook: ``cells``, ``metadata``, ``nbformat``, ``nbformat_minor``; plain JSON values."""

LARGE = 8000
"""Bytes of JSON from which on outputs are kept apart from their cell."""

_TOO_SMALL = 100


@dataclass(frozen=True)
class Part:
    """Bytes as they are kept.

    ``hash`` is the xxh3_128 digest of the bytes that they stand for, ``packed`` whether these are
    compressed in ``data``.
    """

    hash: bytes
    packed: bool
    data: bytes

    def same(self, other: Part) -> bool:
        """Whether both stand for the same bytes. Equal hashes prove nothing: they can be made."""
        if self == other:
            return True
        try:
            return self.hash == other.hash and unpack(self) == unpack(other)
        except ValueError:
            return False


def pack(data: bytes) -> Part:
    """Make a part of bytes."""
    digest = xxhash.xxh3_128_digest(data)
    if len(data) >= _TOO_SMALL:
        smaller = zlib.compress(data, 1)
        if len(smaller) < len(data):
            return Part(digest, True, smaller)
    return Part(digest, False, data)


def unpack(part: Part) -> bytes:
    """The bytes that a part stands for.

    Raises:
        ValueError: the part is damaged.
    """
    try:
        data = zlib.decompress(part.data) if part.packed else part.data
    except zlib.error as error:
        raise ValueError("A part cannot be decompressed.") from error
    if xxhash.xxh3_128_digest(data) != part.hash:
        raise ValueError("A part has other bytes than were kept.")
    return data


def encode(value: Any) -> bytes:
    """The JSON bytes of a value, whose strings may hold lone surrogates."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def decode(data: bytes) -> Any:
    """What `encode` made these bytes of.

    Raises:
        ValueError: it did not make them.
    """
    return json.loads(data.decode("utf-8", "surrogatepass"))


def split(cell: Cell) -> list[bytes]:
    """The bytes that a cell is kept as: itself, or itself without its outputs, and these."""
    whole, outputs = encode(cell), cell.get("outputs")
    if len(whole) <= LARGE or not outputs:
        return [whole]
    apart = encode(outputs)
    if len(apart) <= LARGE:
        return [whole]
    # A placeholder, because the order of the keys is part of what is kept.
    return [encode({**cell, "outputs": None}), apart]


def join(cell: Cell, outputs: Any = None) -> Cell:
    """The cell that was split into these values."""
    return cell if outputs is None else {**cell, "outputs": outputs}
