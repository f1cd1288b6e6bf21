"""JSON values: what a Y document can hold of them, and when two of them are the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

BIGGEST = 2**53 - 1
"""The biggest integer that a Y document holds exactly."""

_FOREIGN: dict[type, Callable[[Any], Any]] = {
    str: str,
    Mapping: dict,
    list: list,
    tuple: list,
    int: int,
    float: float,
}
_PLAIN = frozenset({str, int, float, type(None)})


def same(a: Any, b: Any) -> bool:
    """Tell whether two JSON values are equal: 1 is 1.0, but True is not 1, at any depth."""
    return bool(a == b) and _booleans_agree(a, b)


def _booleans_agree(a: Any, b: Any) -> bool:
    """Tell whether two values that are equal by == have their booleans in the same places."""
    if isinstance(a, dict):
        return all(_booleans_agree(value, b[key]) for key, value in a.items())
    if isinstance(a, list):
        plain = {*map(type, a), *map(type, b)} <= _PLAIN
        return plain or all(map(_booleans_agree, a, b))
    return isinstance(a, bool) == isinstance(b, bool)


def clean(value: Any) -> Any:
    """Copy a JSON value, with the nearest that a Y document can hold in place of what it cannot.

    Lone surrogates become U+FFFD; NaN and infinities None; integers beyond 2**53 - 1 floats.
    """
    kind = type(value)
    if kind is str:
        return value if value.isascii() else clean_text(value)
    if kind is dict:
        return {clean_text(key): clean(item) for key, item in value.items()}
    if kind is list:
        return [clean(item) for item in value]
    if kind is float:
        return value if isfinite(value) else None
    if kind is int:
        return value if -BIGGEST <= value <= BIGGEST else _real(value)
    return value if value is None or kind is bool else clean(_plain(value))


def whole_numbers(value: Any) -> Any:
    """A value of a Y document, where all numbers are floats, with integers for the whole ones.

    Beyond the integers that a Y document can hold, floats stay floats.
    """
    if isinstance(value, dict):
        return {key: whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole_numbers(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) <= BIGGEST:
        return int(value)
    return value


def clean_text(text: str) -> str:
    """Replace the lone surrogates of a string by U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _real(number: int) -> float | None:
    try:
        return float(number)
    except OverflowError:
        return None


def _plain(value: Any) -> Any:
    """Give the plain form of a value of a foreign type, such as a subclass of dict."""
    for kind, plain in _FOREIGN.items():
        if isinstance(value, kind):
            return plain(value)
    return str(value)
