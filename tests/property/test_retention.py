"""Which versions stay, against a plain model that asks of each one why it may stay."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_crdt_autosave.retention import DAY, HOUR, Entry, Keep, outdated

from .notebooks import unhurried

NOW = 1_790_000_123.0
KINDS = (
    "named", "external", "conflict", "discard", "restore", "loss", "damaged", "save", "cleared",
    "of a later version",
)  # fmt: skip
UNIQUE = [kind for kind in KINDS if kind not in ("named", "external", "save")]

AGES = st.one_of(
    st.integers(0, 40 * 86400).map(float),
    st.integers(3000, 6000).map(float),
    st.sampled_from((0.0, HOUR, HOUR + 1, 30 * DAY, 30 * DAY + 1, 2 * DAY, 2 * DAY + 1, -60.0)),
)
LIMITS = st.builds(Keep, st.integers(1, 6), st.sampled_from((0.0, 2.0, 30.0)))


@st.composite
def timelines(draw: st.DrawFn, oldest: float = 60 * DAY) -> list[Entry]:
    """The versions of one notebook: several at some moments, bursts, and long pauses."""
    entries: list[Entry] = []
    moments = st.tuples(AGES, st.integers(1, 12), st.sampled_from((1.0, 40.0, 299.0, 300.0, 500.0)))
    for age, count, pause in draw(st.lists(moments, max_size=5)):
        kind = draw(st.sampled_from(KINDS))
        for number in range(count):
            created = NOW - min(age, oldest) + number * pause
            for _ in range(draw(st.sampled_from((1, 1, 2)))):
                named = draw(st.sampled_from((False,) * 9 + (True,)))
                entries.append(Entry(f"{len(entries)}", kind, created, named))
    return draw(st.permutations(entries))


class Model:
    """The rules, one version at a time, by looking at all others."""

    def __init__(self, entries: Sequence[Entry], now: float, keep: Keep) -> None:
        self.entries, self.now, self.keep = entries, now, keep

    def gone(self) -> set[str]:
        return {entry.id for entry in self.entries if not self.stays(entry)}

    def stays(self, entry: Entry) -> bool:
        if entry.kind == "named" or self.pinned(entry):
            return True
        newer = [
            other
            for other in self.entries
            if other.kind == entry.kind
            and other.created > entry.created
            and (self.survives(other) or self.pinned(other))
        ]
        young = self.now - entry.created <= self.keep.days * 86400
        return self.survives(entry) and (len(newer) < self.keep.versions or young)

    def pinned(self, entry: Entry) -> bool:
        """Whether it, or another side of the same moment, has a name."""
        return any(
            other.named
            for other in self.entries
            if (other.kind, other.created) == (entry.kind, entry.created)
        )

    def survives(self, entry: Entry) -> bool:
        """Whether thinning leaves it."""
        if entry.kind not in ("external", "save") or self.now - entry.created <= 3600:
            return True
        start = entry.created - entry.created % 300
        times = [other.created for other in self.entries if other.kind == entry.kind]
        last = not any(entry.created < time < start + 300 for time in times)
        first = not any(start - 300 <= time < entry.created for time in times)
        return last or first


def left(entries: Sequence[Entry], now: float, keep: Keep) -> list[Entry]:
    """What is left of versions."""
    gone = outdated(entries, now, keep)
    return [entry for entry in entries if entry.id not in gone]


@unhurried
@given(timelines(), LIMITS)
def test_the_same_versions_go_as_in_the_model(entries: list[Entry], keep: Keep) -> None:
    assert outdated(entries, NOW, keep) == Model(entries, NOW, keep).gone()


@unhurried
@given(timelines(), LIMITS)
def test_what_is_left_stays_at_the_same_time(entries: list[Entry], keep: Keep) -> None:
    assert outdated(left(entries, NOW, keep), NOW, keep) == set()


@unhurried
@given(timelines(oldest=2 * DAY), st.lists(st.integers(0, 3 * 86400), max_size=6))
def test_thinning_now_and_then_leaves_the_same_as_thinning_once(
    entries: list[Entry], waits: list[int]
) -> None:
    """Or what is thinned every few minutes would be eaten away, or would never shrink."""
    ends = sorted(NOW - 3 * DAY + wait for wait in waits)
    there: list[Entry] = []
    for start, end in zip([float("-inf"), *ends], [*ends, NOW], strict=True):
        there += [entry for entry in entries if start < entry.created <= end]
        there = left(there, end, Keep())
    known = [entry for entry in entries if entry.created <= NOW]
    assert {entry.id for entry in there} == {entry.id for entry in left(known, NOW, Keep())}


@unhurried
@given(timelines(), LIMITS)
def test_a_kind_does_not_evict_another(entries: list[Entry], keep: Keep) -> None:
    whole = outdated(entries, NOW, keep)
    for kind in KINDS:
        alone = [entry for entry in entries if entry.kind == kind]
        assert outdated(alone, NOW, keep) == {entry.id for entry in alone if entry.id in whole}


@unhurried
@given(timelines(), LIMITS)
def test_sides_of_one_moment_stay_together(entries: list[Entry], keep: Keep) -> None:
    gone = outdated(entries, NOW, keep)
    fates: dict[tuple[str, float], set[bool]] = {}
    for entry in entries:
        fates.setdefault((entry.kind, entry.created), set()).add(entry.id in gone)
    assert all(len(fate) == 1 for fate in fates.values())


@unhurried
@given(timelines())
def test_no_kind_with_text_of_its_own_is_thinned(entries: list[Entry]) -> None:
    """A conflict's text was lost because there had been another conflict a minute later."""
    ages = {entry.id: NOW - entry.created for entry in entries if entry.kind in UNIQUE}
    assert all(ages.get(id, 31 * DAY) > 30 * DAY for id in outdated(entries, NOW, Keep()))


@pytest.mark.parametrize("kind", KINDS)
def test_of_sixty_old_ones_the_newest_fifty_are_left(kind: str) -> None:
    entries = [Entry(f"{age}", kind, NOW - age * DAY) for age in range(100, 160)]
    gone = {} if kind == "named" else {f"{age}" for age in range(150, 160)}
    assert outdated(entries, NOW, Keep()) == set(gone)
    assert outdated(entries, NOW, Keep(versions=60)) == set()
    assert outdated(entries, NOW, Keep(days=160)) == set()


@pytest.mark.parametrize("kind", UNIQUE)
def test_any_number_of_young_ones_is_left(kind: str) -> None:
    entries = [Entry(f"{n}", kind, NOW - 2 * HOUR - n) for n in range(500)]
    assert outdated(entries, NOW, Keep()) == set()


def test_a_day_of_outside_edits_every_second_comes_to_a_few_hundred() -> None:
    start = NOW - 86400 - NOW % 300
    entries = [
        Entry(f"{second} {side}", "external", start + second)
        for second in range(86400)
        for side in ("document", "file")
    ]
    there = left(entries, start + 86400 + HOUR, Keep())
    seconds = sorted({round(entry.created - start) for entry in there})
    assert seconds == [0, *range(299, 86400, 300)]
    assert len(there) == 2 * len(seconds)
