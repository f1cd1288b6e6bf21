"""JSON values that two sides changed."""

from __future__ import annotations

from typing import Any, Final

from ..notebook import same


class _Missing:
    """Stands for a key that is not there."""


MISSING: Final = _Missing()


def merge_values(base: Any, theirs: Any, ours: Any) -> Any:
    """The value of the side that changed it; objects key by key; ours where both did.

    Each value may be `MISSING`, and so may the result.
    """
    if is_same(theirs, base) or is_same(theirs, ours):
        return ours
    if is_same(ours, base):
        return theirs
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return merge_objects(base if isinstance(base, dict) else {}, theirs, ours)
    return ours


def merge_objects(
    base: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any]
) -> dict[str, Any]:
    """Two objects, merged key by key; keys in the order of ours, then of theirs."""
    merged = {
        key: merge_values(base.get(key, MISSING), theirs.get(key, MISSING), ours.get(key, MISSING))
        for key in {**ours, **theirs}
    }
    return {key: value for key, value in merged.items() if value is not MISSING}


def is_same(a: Any, b: Any) -> bool:
    """Whether two values are equal, or both missing."""
    return a is b or (a is not MISSING and b is not MISSING and same(a, b))
