"""What an export may do about the file as it was found. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from ..file import Sight
from ..model import Fingerprint


class Standing(Enum):
    """How the file stands to what we know of it."""

    KNOWN = "known"
    """Bytes of a baseline: they may be replaced."""
    CHANGED = "changed"
    """A notebook that another program wrote."""
    MISSING = "missing"
    UNSETTLED = "unsettled"
    """No notebook, but somebody may be just writing it."""
    UNREADABLE = "unreadable"
    TOO_NEW = "too_new"


HALTS = {
    Standing.MISSING: "{path} is missing. Your edits are kept; save to write the file again.",
    Standing.UNREADABLE: "{path} cannot be read as a notebook ({error}) and was left as it is. "
    "Your edits are kept; save to replace it.",
    Standing.TOO_NEW: "{path} is in a newer notebook format and must not be overwritten ({error}). "
    "Your edits are kept; use Save As.",
}
"""Why nothing is exported by itself: what is told to the person."""


def standing(sight: Sight, known: Iterable[Fingerprint]) -> Standing:
    """How a file that was just seen stands to the bytes that we know."""
    if sight.missing:
        return Standing.MISSING
    if any(sight.holds(one) for one in known):
        return Standing.KNOWN
    if sight.too_new:
        return Standing.TOO_NEW
    return Standing.UNREADABLE if sight.error is not None else Standing.CHANGED
