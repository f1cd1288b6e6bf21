"""Work that a notebook has and its file lacks, as it is offered to be restored or discarded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b
from typing import Any

from ..file import Sight
from ..merge.comparison import CellChange, compare
from ..merge.decisions import Cell, Content
from ..notebook import canonical_json, same
from .clock import utc_at

LARGEST = 8_000_000
"""Bytes of changes beyond which no outputs are told."""


class Source(Enum):
    """Where the work comes from."""

    DOCUMENT = "document"
    """The document shows it."""
    CHECKPOINT = "checkpoint"
    """No document had it: the document shows the file."""


@dataclass(frozen=True)
class Offer:
    """Recovered work.

    ``recovered`` is the notebook with it, ``file`` the notebook without; ``listed`` says what makes
    the difference, and ``size`` how many bytes that is. ``origin`` is the file that it comes from,
    if it comes from one. ``recovered_at`` and ``file_modified`` are ISO 8601 UTC, None if not
    known.
    """

    id: str
    source: Source
    recovered: Content
    file: Content
    listed: tuple[CellChange, ...]
    recovered_at: str | None
    file_modified: str | None
    size: int = 0
    origin: bytes = b""


def told(path: str, standing: Offer | None) -> dict[str, Any]:
    """What ``GET recovery`` answers for the notebook at a path.

    Where all outputs together would be too much, there are none.
    """
    listed = standing.listed if standing else ()
    lean = standing is not None and standing.size > LARGEST
    return {
        "path": path,
        "available": standing is not None,
        "id": standing.id if standing else None,
        "source": standing.source.value if standing else None,
        "recovered_at": standing.recovered_at if standing else None,
        "file_modified": standing.file_modified if standing else None,
        "cells": summary(listed),
        "changes": [_change(each, lean) for each in listed],
    }


def offer(
    source: Source,
    recovered: Content,
    file: Content,
    at: float | None,
    sight: Sight,
    document: str,
    origin: bytes = b"",
) -> Offer | None:
    """Offer what one notebook has and the file lacks; None if nobody edited any of it.

    The same on every server, and after a restart.

    Args:
        source: Where the recovered notebook comes from.
        recovered: That notebook.
        file: What is in the file, with the cell ids of ``recovered``.
        at: When it was last changed, in seconds since the epoch.
        sight: The file.
        document: The id of the document in the store, without which nobody can find out by trying
            which text has the id of the offer.
        origin: The bytes of the file that it comes from, if it comes from one.
    """
    listed = compare(file, recovered)
    if not any(change.edit for change in listed):
        return None
    against = sight.fingerprint.hash if sight.fingerprint else None
    seal = canonical_json([source.value, against, *map(_change, listed)])
    name = blake2b(seal, key=document.encode(), digest_size=16).hexdigest()
    times = utc_at(at), utc_at(sight.modified)
    return Offer(name, source, recovered, file, listed, *times, size=len(seal), origin=origin)


def summary(listed: Sequence[CellChange]) -> dict[str, int]:
    """How many cells were added, removed and changed (a moved one is a changed one)."""
    counts = Counter("changed" if each.kind == "moved" else each.kind for each in listed)
    return {kind: counts[kind] for kind in ("added", "removed", "changed")}


def _change(change: CellChange, lean: bool = False) -> dict[str, Any]:
    """A change as it is told: outputs that both cells have need not travel, nor any if `lean`."""
    before, after = change.before, change.after
    both = before is not None and after is not None
    if lean or (both and same((before or {}).get("outputs"), (after or {}).get("outputs"))):
        before, after = _without_outputs(before), _without_outputs(after)
    return {"id": change.id, "kind": change.kind, "before": before, "after": after}


def _without_outputs(cell: Cell | None) -> Cell | None:
    return {**cell, "outputs": []} if cell and "outputs" in cell else cell
