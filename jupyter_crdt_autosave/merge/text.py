"""The edits that turn one text into another, few and small, by code point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from .lines import gaps, paired_lines
from .sequence import matches
from .words import lines, words


@dataclass(frozen=True)
class Splice:
    """Replace ``old[start:stop]`` by ``text``; offsets are code points of the old text."""

    start: int
    stop: int
    text: str


def splices(old: str, new: str) -> list[Splice]:
    """The edits from `old` to `new`, in ascending order, none touching another.

    Common ends are kept, then lines, then the words of changed lines, then the common ends of each
    stretch that differs.
    """
    head = _common_prefix(old, new)
    tail = _common_prefix(old[head:][::-1], new[head:][::-1])
    # Lines stay whole: what is common inside of the first and the last one is found again.
    head = old.rfind("\n", 0, head) + 1
    end = old.find("\n", len(old) - tail)
    tail = len(old) - end if end >= 0 else 0
    found = _by_lines(old[head : len(old) - tail], new[head : len(new) - tail])
    return [Splice(head + s.start, head + s.stop, s.text) for s in _apart(found)]


def word_splices(old: str, new: str) -> list[Splice]:
    """The edits from one line to another, each of whole words."""
    old_words, new_words = words(old), words(new)
    starts = [0, *accumulate(map(len, old_words))]
    pairs = [(m.a + k, m.b + k) for m in matches(old_words, new_words) for k in range(m.size)]
    return [
        Splice(starts[a.start], starts[a.stop], "".join(new_words[b.start : b.stop]))
        for a, b in gaps(pairs, (len(old_words), len(new_words)))
    ]


def _by_lines(old: str, new: str) -> Iterator[Splice]:
    """Edits of texts whose last lines are given a line feed, so that all lines are alike."""
    if old == new:
        return
    old_lines, new_lines = lines(old), lines(new)
    starts = [0, *accumulate(map(len, old_lines))]
    pairs = paired_lines(old_lines, new_lines)
    edits = [
        Splice(starts[a.start], starts[a.stop], "".join(new_lines[b.start : b.stop]))
        for a, b in gaps(pairs, (len(old_lines), len(new_lines)))
    ]
    for i, j in pairs:
        if old_lines[i] != new_lines[j]:
            edits += [_moved(s, starts[i]) for s in word_splices(old_lines[i], new_lines[j])]
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.stop)):
        yield _trimmed(old, _without_last_feed(old, edit))


def _moved(splice: Splice, by: int) -> Splice:
    return Splice(splice.start + by, splice.stop + by, splice.text)


def _without_last_feed(old: str, edit: Splice) -> Splice:
    """The edit in the text itself, whose last line has no line feed."""
    if edit.stop <= len(old):
        return edit
    if edit.start > len(old):
        return Splice(len(old), len(old), "\n" + edit.text[:-1])
    if edit.text or edit.start == 0:
        return Splice(edit.start, len(old), edit.text[:-1])
    return Splice(edit.start - 1, len(old), "")


def _trimmed(old: str, edit: Splice) -> Splice:
    was = old[edit.start : edit.stop]
    head = _common_prefix(was, edit.text)
    tail = _common_prefix(was[head:][::-1], edit.text[head:][::-1])
    return Splice(edit.start + head, edit.stop - tail, edit.text[head : len(edit.text) - tail])


def _apart(found: Iterator[Splice]) -> list[Splice]:
    """The edits as one where one begins where another ends, or takes a part of it."""
    apart: list[Splice] = []
    for splice in found:
        if apart and splice.start <= apart[-1].stop:
            last = apart.pop()
            apart.append(Splice(last.start, splice.stop, last.text + splice.text))
        elif splice.start != splice.stop or splice.text:
            apart.append(splice)
    return apart


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
