"""The edits that turn one text into another, few and small, by code point."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

_LINE_BUDGET = 4_000_000
"""Product of two line counts above which a line diff would take too long (quadratic worst case)."""


@dataclass(frozen=True)
class Splice:
    """Replace ``old[start:stop]`` by ``text``; offsets are code points of the old text."""

    start: int
    stop: int
    text: str


def splices(old: str, new: str) -> list[Splice]:
    """The edits from `old` to `new`, in ascending order, none touching another.

    Common ends are kept, then common lines, then the common ends of each differing stretch.
    """
    head = _common_prefix(old, new)
    tail = _common_prefix(old[head:][::-1], new[head:][::-1])
    inner = _by_lines(old[head : len(old) - tail], new[head : len(new) - tail])
    return [Splice(head + s.start, head + s.stop, s.text) for s in inner]


def _by_lines(old: str, new: str) -> list[Splice]:
    old_lines, new_lines = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if not old or not new or len(old_lines) * len(new_lines) > _LINE_BUDGET:
        return [Splice(0, len(old), new)] if old != new else []
    starts = [0]
    for line in old_lines:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, old_lines, new_lines, autojunk=False)
    return [
        _trimmed(starts[a], "".join(old_lines[a:b]), "".join(new_lines[c:d]))
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    ]


def _trimmed(start: int, old: str, new: str) -> Splice:
    head = _common_prefix(old, new)
    tail = _common_prefix(old[head:][::-1], new[head:][::-1])
    return Splice(start + head, start + len(old) - tail, new[head : len(new) - tail])


def _common_prefix(a: str, b: str) -> int:
    """Length of the longest common start, by bisection: slices compare at memory speed."""
    low, high = 0, min(len(a), len(b))
    if a[:high] == b[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle
    return low
