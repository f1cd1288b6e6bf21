"""Which line of a text is which line of another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rapidfuzz.distance import Indel

from .sequence import common_ends, matches

SIMILAR = 0.5
"""From this similarity on (Indel, 0 to 1) two lines are one line that was changed."""

_MOST_PAIRS = 900
"""So many pairs of lines are compared with each other; beyond, lines are paired by place."""

_LOOK = 1000
"""Characters of a line that are compared."""

Pair = tuple[int, int]


def paired_lines(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    """The lines that are the same line, by place in `a` and in `b`, ascending in both.

    Blank lines say nothing about what is around them: they are paired where they are next to others
    that are. The empty last line of a text that ends with a line feed is none inside another text.
    """
    both_end = bool(a and b) and a[-1].isspace() and b[-1].isspace()
    pairs = _with_blank(_without_end(a), _without_end(b))
    return [*pairs, (len(a) - 1, len(b) - 1)] if both_end else pairs


def _without_end(side: Sequence[str]) -> Sequence[str]:
    return side[:-1] if side and side[-1].isspace() else side


def _with_blank(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    left, right = _worded(a), _worded(b)
    found = _paired([a[i] for i in left], [b[j] for j in right])
    pairs = [(left[i], right[j]) for i, j in found]
    some = len(left) < len(a) and len(right) < len(b)
    return _filled(a, b, pairs, _blank) if some else pairs


def _worded(side: Sequence[str]) -> list[int]:
    return [place for place, line in enumerate(side) if not line.isspace()]


def _paired(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    """Equal lines first; between them such as differ in blanks and quotes only; then similar ones.

    Where a formatter changed nearly all lines, the few that are equal may be so by chance: then
    blanks and quotes are not looked at from the beginning.
    """
    equal = _equal(a, b)
    if len(equal) == min(len(a), len(b)):
        return equal
    alike = _filled(a, b, equal, _barely_different)
    if equal and _rest(a, {i for i, _ in alike}) & _rest(b, {j for _, j in alike}):
        loose = _barely_different(a, b)
        alike = loose if len(loose) > len(alike) else alike
    return _filled(a, b, alike, _similar)


def _barely_different(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    return _equal([bare(line) for line in a], [bare(line) for line in b])


def _equal(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    return [(m.a + k, m.b + k) for m in matches(a, b) for k in range(m.size)]


def _rest(side: Sequence[str], paired: set[int]) -> set[str]:
    return {bare(line) for place, line in enumerate(side) if place not in paired}


def _blank(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    """The blank lines that are next to what is paired already."""
    keys = (["" if line.isspace() else f"{n}{line}" for line in s] for n, s in enumerate((a, b)))
    head, tail = common_ends(*keys)
    ends = [(len(a) - k, len(b) - k) for k in range(tail, 0, -1)]
    return [*((k, k) for k in range(head)), *ends]


def bare(text: str) -> str:
    """A text without blanks and quotes, which formatters change."""
    return "".join(text.split()).replace("'", "").replace('"', "")


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
