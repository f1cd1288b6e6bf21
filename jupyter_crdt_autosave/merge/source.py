"""A text that two sides changed: three-way, by line, and by word in lines that both touched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .lines import bare, gaps, paired_lines
from .sequence import matches
from .text import Splice, word_splices
from .words import joined, lines, words


@dataclass(frozen=True)
class Merged:
    """The merged text; ``conflict`` where both changed the same words, of which ours stand."""

    text: str
    conflict: bool = False


@dataclass(frozen=True)
class _Side:
    """What one side made of the lines of the base.

    ``kept`` gives for each line that is still there what it is now, ``before`` the lines that were
    put before a line (or at the end), and where lines were replaced, before the first of these.
    """

    kept: dict[int, str] = field(default_factory=dict)
    before: dict[int, list[str]] = field(default_factory=dict)

    def keeps(self, place: int) -> bool:
        """Whether a line is still there; there is no line before the first one."""
        return place < 0 or place in self.kept

    def of(self, stretch: range) -> list[str]:
        """What is left, or was made, of a stretch of lines."""
        found: list[str] = []
        for place in stretch:
            found += self.before.get(place, [])
            if place in self.kept:
                found.append(self.kept[place])
        return found

    def added(self, stretch: range) -> list[str]:
        """The lines that were put into a stretch."""
        return [line for place in stretch for line in self.before.get(place, [])]


class _Part(NamedTuple):
    """A part of the result.

    ``ours`` is what we made of it. ``touched`` says whether they changed it, by more than blanks
    and quotes (None: there is nothing of theirs), ``met`` whether we changed the same.
    """

    merged: list[str]
    ours: list[str]
    touched: bool | None
    met: bool = False


def merge_source(base: str, theirs: str, ours: str) -> Merged:
    """Merge what both sides made of `base`; no text arises that neither side wrote.

    Lines that one side changed are that side's. In a line that both changed, words are. Where both
    changed the same words, or one changed what the other one deleted, our lines stay, also of the
    lines beside them that they changed, too: half of a change is none. What both only added at
    one place stands there once if it is the same, else ours first.
    """
    if theirs in (base, ours):
        return Merged(ours)
    if ours == base:
        return Merged(theirs)
    parts = list(_Merge(lines(base), lines(theirs), lines(ours)).parts())
    found = [line for group in _groups(parts) for line in _settled(group)]
    return Merged(joined(found), any(part.met for part in parts))


def merge_added(theirs: str, ours: str) -> Merged:
    """Merge a text that both sides have added: what is common to both was there first."""
    theirs_lines, ours_lines = lines(theirs), lines(ours)
    pairs = paired_lines(ours_lines, theirs_lines)
    common = [_common_words(ours_lines[i], theirs_lines[j]) for i, j in pairs]
    return merge_source(joined(common), theirs, ours)


def _common_words(one: str, other: str) -> str:
    if one == other:
        return one
    found = words(one)
    return "".join(w for m in matches(found, words(other)) for w in found[m.a : m.a + m.size])


def _groups(parts: Sequence[_Part]) -> Iterator[list[_Part]]:
    """The parts, where those that they changed without an unchanged one between are together."""
    group: list[_Part] = []
    for part in parts:
        if part.touched is False:
            yield from (group, [part])
            group = []
        else:
            group.append(part)
    yield group


def _settled(group: Sequence[_Part]) -> Iterator[str]:
    met = any(part.met for part in group)
    for part in group:
        yield from part.ours if met else part.merged


class _Merge:
    def __init__(self, base: list[str], theirs: list[str], ours: list[str]) -> None:
        self._base = base
        self._theirs = _side(base, theirs)
        self._ours = _side(base, ours)

    def parts(self) -> Iterator[_Part]:
        """The result, part by part."""
        place, end = 0, len(self._base)
        while place < end:
            stop = place
            while stop < end and not (self._theirs.keeps(stop) and self._ours.keeps(stop)):
                stop += 1
            if stop > place:
                yield self._stretch(range(place, stop))
            if stop < end:
                yield from self._added(stop)
                yield self._line(stop)
            place = stop + 1
            if quiet := self._quiet_from(place):
                yield _Part(quiet, quiet, touched=False)
                place += len(quiet)
        yield from self._added(end)

    def _quiet_from(self, place: int) -> list[str]:
        """The next lines, as ours, as long as they did nothing and nobody added any: most are."""
        base, theirs, ours = self._base, self._theirs, self._ours
        stop, end = place, len(base)
        while (
            stop < end
            and theirs.kept.get(stop) == base[stop]
            and stop in ours.kept
            and stop not in theirs.before
            and stop not in ours.before
        ):
            stop += 1
        return [ours.kept[line] for line in range(place, stop)]

    def _added(self, place: int) -> Iterator[_Part]:
        """What was put before a line that both kept."""
        theirs, ours = self._theirs.before.get(place), self._ours.before.get(place)
        if theirs or ours:
            yield _Part(self._union(place), ours or [], True if theirs else None)

    def _union(self, place: int) -> list[str]:
        """What both put before a line: ours first, unless theirs belongs to the line above.

        So it is, too, if ours belongs to the line below, or stands in the place of that line.
        """
        theirs, ours = self._theirs.before.get(place, []), self._ours.before.get(place, [])
        if not (theirs and ours):
            return theirs or ours
        above, below = self._who_reworded(place - 1), self._who_reworded(place)
        instead = self._theirs.keeps(place) and not self._ours.keeps(place)
        turned = above is self._theirs or below is self._ours or instead
        return union(theirs, ours) if turned else union(ours, theirs)

    def _who_reworded(self, place: int) -> _Side | None:
        """The one side that changed a line, by more than blanks and quotes."""
        if not 0 <= place < len(self._base):
            return None
        was = bare(self._base[place])
        changed = [s for s in (self._theirs, self._ours) if bare(s.kept.get(place, was)) != was]
        return changed[0] if len(changed) == 1 else None

    def _line(self, place: int) -> _Part:
        """A line that both kept."""
        base, theirs, ours = self._base[place], self._theirs.kept[place], self._ours.kept[place]
        if theirs == base:
            return _Part([ours], [ours], touched=False)
        touched = bare(theirs) != bare(base)
        if theirs == ours:
            return _Part([ours], [ours], touched)
        if ours == base:
            return _Part([theirs], [ours], touched)
        merged = _merged_words(base, word_splices(base, theirs), word_splices(base, ours))
        if merged is None:
            return _Part([ours], [ours], touched=True, met=True)
        return _Part([merged], [ours], touched)

    def _stretch(self, stretch: range) -> _Part:
        """Lines of which at least one side has deleted each."""
        theirs, ours = self._theirs.of(stretch), self._ours.of(stretch)
        was = [self._base[place] for place in stretch]
        if theirs == was:
            return _Part(ours, ours, touched=False)
        if theirs == ours:
            return _Part(ours, ours, touched=True)
        if ours == was:
            return _Part(theirs, ours, touched=True)
        if self._collide(stretch):
            return _Part(ours, ours, touched=True, met=True)
        merged = [line for place in stretch for line in self._union(place)]
        return _Part(merged, ours, touched=True)

    def _collide(self, stretch: range) -> bool:
        """Whether one changed what the other deleted, or both have something else in its place."""
        theirs, ours = self._theirs, self._ours
        if self._disturbs(theirs, ours, stretch) or self._disturbs(ours, theirs, stretch):
            return True
        gone = (place for place in stretch if not theirs.keeps(place) and not ours.keeps(place))
        if not any(self._base[place].strip() for place in gone):
            return False
        added = theirs.added(stretch), ours.added(stretch)
        return bool(all(added) and added[0] != added[1])

    def _disturbs(self, one: _Side, other: _Side, stretch: range) -> bool:
        """Whether one side changed a line that the other deleted, or added one among such."""
        return any(
            one.kept.get(place, self._base[place]) != self._base[place]
            or (place in one.before and not (other.keeps(place - 1) or other.keeps(place)))
            for place in stretch
        )


def union(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """All lines of both, in this order; where most are in both, these once, the rest between them.

    Else nothing is woven: two functions that end alike stay two functions.
    """
    if not (first and second):
        return [*first, *second]
    in_first, in_second = [bare(line) for line in first], [bare(line) for line in second]
    pairs = [(m.a + k, m.b + k) for m in matches(in_first, in_second) for k in range(m.size)]
    if _are_apart(in_first, in_second, [first[a] for a, _ in pairs]):
        return [*first, *second]
    found: list[str] = []
    last_a = last_b = 0
    for a, b in [*pairs, (len(first), len(second))]:
        found += [*first[last_a:a], *second[last_b:b], *first[a : a + 1]]
        last_a, last_b = a + 1, b + 1
    return found


def _are_apart(first: list[str], second: list[str], common: list[str]) -> bool:
    """Whether two texts are two: less than half of the shorter one is in both, blank lines aside.

    Half is enough where it is not indented, such as imports: what is, belongs to what is above it.
    """
    fewest = min(sum(map(bool, side)) for side in (first, second))
    shared = [line for line in common if bare(line)]
    half = 2 * len(shared) == fewest and not any(line[0].isspace() for line in shared)
    return 2 * len(shared) <= fewest and not half


def _side(base: list[str], side: list[str]) -> _Side:
    pairs = paired_lines(base, side)
    found = _Side({i: side[j] for i, j in pairs})
    for a, b in gaps(pairs, (len(base), len(side))):
        if b:
            found.before[a.start] = side[b.start : b.stop]
    return found


def _merged_words(base: str, theirs: list[Splice], ours: list[Splice]) -> str | None:
    """A line with the edits of both; None where they meet."""
    edits: list[Splice] = []
    for edit in sorted({*theirs, *ours}, key=lambda edit: (edit.start, edit.stop)):
        if edits and _meet(base, edits[-1], edit):
            slight = [_is_slight(base, one) for one in (edits[-1], edit)]
            overlap = edit.start < edits[-1].stop or edits[-1].start == edit.stop
            if overlap or not any(slight) or _share_a_word(edits[-1], edit):
                return None
            # A blank that one takes away is what keeps the other's words apart: it stays.
            if slight[0]:
                edits[-1] = edit
            continue
        edits.append(edit)
    made, end = "", 0
    for edit in edits:
        made += base[end : edit.start] + edit.text
        end = edit.stop
    return made + base[end:]


def _meet(base: str, first: Splice, second: Splice) -> bool:
    """Whether two edits, one of each side, are of the same words, or touch.

    Two of one side never touch. Where a blank is between what they make, or one of them changes
    blanks and quotes only and no two words become one, they do not, either; unless both write the
    same word there.
    """
    if second.start < first.stop or first.start == second.stop:
        return True
    if first.stop < second.start:
        return False
    if _share_a_word(first, second):
        return True
    left, right = first.text or base[: first.start], second.text or base[second.stop :]
    if _is_slight(base, first) or _is_slight(base, second):
        return _in_word(left[-1:]) and _in_word(right[:1])
    return not (left[-1:].isspace() or right[:1].isspace())


def _share_a_word(first: Splice, second: Splice) -> bool:
    return any(bare(word) for word in {*words(first.text)} & {*words(second.text)})


def _is_slight(base: str, edit: Splice) -> bool:
    return not bare(base[edit.start : edit.stop] + edit.text)


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
