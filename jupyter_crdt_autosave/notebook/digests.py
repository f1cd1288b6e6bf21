"""Digests of notebook content: what changed, and whether it matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import xxhash

from .canonical import canonical_json
from .normal import normalise
from .trust import untrusted

_EDITED = ("cell_type", "source", "attachments", "id")
_FILLED_IN = ("kernelspec", "language_info")
_SMALLEST_LINEAGE = 2**32
_LINEAGES = 2**53 - _SMALLEST_LINEAGE


@dataclass(frozen=True, slots=True)
class Digest:
    """Digests of one notebook's content, in hexadecimal."""

    content: str
    """Of everything but the trusted flags of cells."""
    substance: str
    """As ``content``, without the metadata that JupyterLab fills in by itself."""
    edits: str
    """Of what people edit: which cells there are, their types, sources and attachments."""


def cell_digest(cell: dict[str, Any]) -> bytes:
    """Digest a normalised cell, but not its trusted flag, to 16 bytes."""
    return xxhash.xxh3_128_digest(canonical_json(untrusted(cell)))


def edit_digest(cell: dict[str, Any]) -> bytes:
    """Digest what people edit of a normalised cell to 16 bytes."""
    return xxhash.xxh3_128_digest(canonical_json({key: cell.get(key) for key in _EDITED}))


def digest(content: dict[str, Any]) -> Digest:
    """Digest normalised content."""
    cells = content["cells"]
    return combine(
        content["metadata"],
        content["nbformat"],
        content["nbformat_minor"],
        [cell_digest(cell) for cell in cells],
        [edit_digest(cell) for cell in cells],
    )


def combine(
    metadata: dict[str, Any],
    nbformat: int,
    nbformat_minor: int,
    cell_digests: Sequence[bytes],
    edit_digests: Sequence[bytes],
) -> Digest:
    """Make the digest of a notebook from its metadata and the digests of its cells.

    Args:
        metadata: The notebook's own metadata.
        nbformat: Its major format.
        nbformat_minor: Its minor format.
        cell_digests: What ``cell_digest`` gives for each cell.
        edit_digests: What ``edit_digest`` gives for each cell.
    """
    kept = {key: value for key, value in metadata.items() if key not in _FILLED_IN}
    version = [nbformat, nbformat_minor]
    return Digest(
        content=_joined([canonical_json([metadata, *version]), *cell_digests]),
        substance=_joined([canonical_json([kept, *version]), *cell_digests]),
        edits=_joined(edit_digests),
    )


def lineage(content: dict[str, Any]) -> int:
    """Give the client id that belongs to content: from 2**32, below 2**53.

    It depends on everything in the normalised content, trusted flags too: two documents that begin
    with the same client id must be equal in every value.
    """
    value = xxhash.xxh3_64_intdigest(canonical_json(normalise(content)))
    return _SMALLEST_LINEAGE + value % _LINEAGES


def _joined(parts: Iterable[bytes]) -> str:
    return xxhash.xxh3_128_hexdigest(b"".join(map(xxhash.xxh3_128_digest, parts)))
