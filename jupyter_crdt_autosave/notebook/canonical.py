"""The one form of a JSON value, in which equal values are equal bytes."""

from __future__ import annotations

import json
import re
from math import inf
from typing import Any

from .values import BIGGEST

_ENCODE = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
).encode

_WHOLE_FLOAT = re.compile(r"\.0(?:[,}\]]|$)|e\+\d")


def canonical(value: Any) -> Any:
    """Copy a JSON value into its one form: keys sorted, and 1 for 1.0.

    Beyond the integers that a Y document can hold, floats stay floats.
    """
    return _in_integers(value, BIGGEST)


def canonical_json(value: Any) -> bytes:
    """Write a JSON value so that two values give equal bytes just if ``same`` holds for them."""
    text = _ENCODE(value)
    # Rewriting costs a walk in Python, so it is done only where the text may hold such a number.
    if (".0" in text or "e+" in text) and _WHOLE_FLOAT.search(text):
        text = _ENCODE(_in_integers(value, inf))
    return text.encode("utf-8", "surrogatepass")


def _in_integers(value: Any, limit: float) -> Any:
    """Copy a JSON value with sorted keys, and integers for whole floats up to a limit."""
    if isinstance(value, dict):
        return {key: _in_integers(value[key], limit) for key in sorted(value)}
    if isinstance(value, list):
        return [_in_integers(item, limit) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) <= limit:
        return int(value)
    return value
