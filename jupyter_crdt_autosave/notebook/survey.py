"""A look over all values of a tree of JSON."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from operator import ge
from typing import Any

from .text import too_deep
from .values import BIGGEST

DEEPEST = 200
"""How deeply a notebook's JSON may be nested; beyond, recursion over it is not safe."""

_TEXTS = frozenset({str, type(None), bool})
_fits = partial(ge, BIGGEST)


def has_exact_numbers(tree: Any) -> bool:
    """Tell whether a Y document can hold every number in a tree exactly.

    Goes level by level, without recursion.

    Raises:
        NotebookUnreadable: The tree is deeper than ``DEEPEST``.
    """
    level, exact = [tree], True
    for _ in range(DEEPEST):
        inside = [values for node in level if _matters(values := _values(node))]
        exact = exact and all(map(_are_exact, inside))
        level = [value for values in inside for value in values if isinstance(value, (dict, list))]
        if not level:
            return exact
    raise too_deep()


def _values(node: Any) -> Collection[Any]:
    return node.values() if isinstance(node, dict) else node


def _matters(values: Collection[Any]) -> bool:
    """Tell whether there is more than texts among values, such as the lines of a source."""
    return not _TEXTS.issuperset(map(type, values))


def _are_exact(values: Collection[Any]) -> bool:
    numbers = [value for value in values if isinstance(value, (int, float))]
    return all(map(_fits, map(abs, numbers)))  # no number fits that is NaN
