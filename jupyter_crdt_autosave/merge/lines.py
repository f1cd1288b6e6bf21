"""Which line of a text is which line of another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rapidfuzz.distance import Indel

from .sequence import matches

SIMILAR = 0.5
"""From this similarity on (Indel, 0 to 1) two lines are one line that was changed."""

_MOST_PAIRS = 900
"""So many pairs of lines are compared with each other; beyond, lines are paired by place."""

_LOOK = 1000
"""Characters of a line that are compared."""

_BARE = str.maketrans("", "", " \t\r\n\v\f'\"")

Pair = tuple[int, int]


def paired_lines(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    """The lines that are the same line, by place in `a` and in `b`, ascending in both.

    Equal lines first; between them such as differ in blanks and quotes only, as after a formatter;
    between these, similar ones.
    """
    equal = [(m.a + k, m.b + k) for m in matches(a, b) for k in range(m.size)]
    alike = _filled(a, b, equal, _barely_different)
    return _filled(a, b, alike, _similar)


def bare(text: str) -> str:
    """A text without blanks and quotes, which formatters change."""
    return text.translate(_BARE)


def similarity(a: str, b: str) -> float:
    """How similar two texts are, from 0 to 1; of long ones only the beginning is looked at."""
    return Indel.normalized_similarity(a[:_LOOK], b[:_LOOK], score_cutoff=SIMILAR)


def gaps(pairs: Sequence[Pair], ends: Pair) -> Iterator[tuple[range, range]]:
    """The stretches between pairs, in both sequences, that are empty in one at the most."""
    last_a = last_b = 0
    for a, b in [*pairs, ends]:
        if a > last_a or b > last_b:
            yield range(last_a, a), range(last_b, b)
        last_a, last_b = a + 1, b + 1


_Find = Callable[[Sequence[str], Sequence[str]], list[Pair]]


def _filled(a: Sequence[str], b: Sequence[str], known: list[Pair], find: _Find) -> list[Pair]:
    """`known`, and what `find` finds between."""
    found = list(known)
    for in_a, in_b in gaps(known, (len(a), len(b))):
        if in_a and in_b:
            part = find(a[in_a.start : in_a.stop], b[in_b.start : in_b.stop])
            found += [(in_a.start + i, in_b.start + j) for i, j in part]
    return sorted(found)


def _barely_different(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    bare_a, bare_b = [bare(line) for line in a], [bare(line) for line in b]
    pairs = [(m.a + k, m.b + k) for m in matches(bare_a, bare_b) for k in range(m.size)]
    return [(i, j) for i, j in pairs if bare_a[i] or a[i].isspace() == b[j].isspace()]


def _similar(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    if len(a) * len(b) <= _MOST_PAIRS:
        return _most_similar(a, b)
    if len(a) != len(b):
        return []
    return [(i, i) for i in range(len(a)) if similarity(a[i].strip(), b[i].strip())]


def _most_similar(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    """The pairs, ascending in both, whose similarities add up to the most."""
    likeness = [[similarity(one.strip(), other.strip()) for other in b] for one in a]
    best = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            paired = best[i + 1][j + 1] + likeness[i][j] if likeness[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    pairs, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if likeness[i][j] and best[i][j] == best[i + 1][j + 1] + likeness[i][j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs
