"""What merges are made of: words, common subsequences, fewest moves, and splices."""

from __future__ import annotations

from itertools import combinations, pairwise
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from jupyter_crdt_autosave.merge.lines import paired_lines
from jupyter_crdt_autosave.merge.order import staying
from jupyter_crdt_autosave.merge.sequence import common_ends, matches
from jupyter_crdt_autosave.merge.source import merge_added, merge_source, union
from jupyter_crdt_autosave.merge.text import Splice, splices, word_splices
from jupyter_crdt_autosave.merge.words import joined, lines, words

from .merge_texts import CLUSTERS, MARK, Pen, texts_of

quick = settings(deadline=None, max_examples=400)
TEXT = st.text(alphabet="ab\n '\"=é😀漢\r\u200d\u0301", max_size=40)
ITEMS = st.lists(st.sampled_from("abcd"), max_size=12)
SEEDS = st.integers(0, 2**40)


def applied(old: str, found: list[Splice]) -> str:
    """A text after its edits."""
    for splice in reversed(found):
        old = old[: splice.start] + splice.text + old[splice.stop :]
    return old


# Words and lines


@quick
@given(TEXT | st.text(max_size=20))
def test_words_and_lines_make_the_text_again(text: str) -> None:
    assert "".join(words(text)) == text
    assert joined(lines(text)) == text


@quick
@given(st.lists(st.sampled_from((*CLUSTERS, "a", " ", "漢", "\n", "=")), max_size=12))
def test_what_is_one_character_to_a_reader_is_in_one_word(parts: list[str]) -> None:
    found = words("".join(parts))
    for cluster in CLUSTERS:
        assert sum(word.count(cluster) for word in found) == "".join(parts).count(cluster)


@quick
@given(st.text(alphabet="ab1_ \t\r\n=.'", max_size=30))
def test_words_of_ascii_are_the_same_beside_other_letters(text: str) -> None:
    assert words(text + "=漢")[:-2] == words(text + "=")[:-1]


# Common subsequences


def longest_common(a: list[str], b: list[str]) -> int:
    """Length of a longest common subsequence, by the book."""
    best = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, one in enumerate(a):
        for j, other in enumerate(b):
            longer = max(best[i][j + 1], best[i + 1][j])
            best[i + 1][j + 1] = best[i][j] + 1 if one == other else longer
    return best[-1][-1]


def assert_sound(a: list[str], b: list[str], budget: int) -> int:
    """Matches ascend, do not touch, and are of what is the same; gives how much that is."""
    found = matches(a, b, budget)
    for match in found:
        assert match.size > 0
        assert a[match.a : match.a + match.size] == b[match.b : match.b + match.size]
    for one, other in pairwise(found):
        assert one.a + one.size <= other.a
        assert one.b + one.size <= other.b
        assert (one.a + one.size, one.b + one.size) != (other.a, other.b)
    return sum(match.size for match in found)


@quick
@given(ITEMS, ITEMS)
def test_as_much_as_possible_is_common(a: list[str], b: list[str]) -> None:
    assert assert_sound(a, b, 10**6) == longest_common(a, b)


@quick
@given(ITEMS, ITEMS, st.integers(0, 30))
def test_a_small_budget_finds_less_but_nothing_wrong(a: list[str], b: list[str], most: int) -> None:
    assert common_ends(a, b)[0] <= assert_sound(a, b, most) <= longest_common(a, b)


@quick
@given(st.permutations(range(9)), st.permutations(range(9)), st.integers(0, 8))
def test_items_that_are_there_once_are_found_with_any_budget(
    a: list[int], b: list[int], most: int
) -> None:
    one, other = [f"{item}" for item in a], [f"{item}" for item in b]
    assert assert_sound(one, other, most) == longest_common(one, other)


@quick
@given(ITEMS, ITEMS)
def test_common_ends_do_not_overlap(a: list[str], b: list[str]) -> None:
    head, tail = common_ends(a, b)
    assert a[:head] == b[:head]
    assert a[len(a) - tail :] == b[len(b) - tail :]
    assert head + tail <= min(len(a), len(b))
    assert head == min(len(a), len(b)) or a[head] != b[head]


@quick
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), max_size=9))
def test_the_heaviest_stay(items: list[tuple[int, int]]) -> None:
    values, weights = [value for value, _ in items], [weight for _, weight in items]
    chosen = staying(values, weights)
    assert chosen == sorted(set(chosen))
    picked = [values[index] for index in chosen]
    assert all(a < b for a, b in pairwise(picked))
    heaviest = max(
        sum(weights[index] for index in some)
        for size in range(len(items) + 1)
        for some in combinations(range(len(items)), size)
        if all(values[a] < values[b] for a, b in pairwise(some))
    )
    assert sum(weights[index] for index in chosen) == heaviest


# Lines that are one line


@quick
@given(SEEDS)
def test_pairs_of_lines_ascend(seed: int) -> None:
    base, theirs, _ = (lines(text) for text in texts_of(seed))
    found = paired_lines(base, theirs)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(found))
    assert all(base[i].isspace() == theirs[j].isspace() for i, j in found)
    assert paired_lines(base, base) == [(place, place) for place in range(len(base))]


def test_a_line_that_is_equal_by_chance_draws_no_other_ones_away() -> None:
    old = ["x = 1", "alpha = 2", "beta = 3", ""]
    new = [*(f"{line}\r" for line in old[:-1]), "gamma = 4", "x = 1", ""]
    assert paired_lines(old, new) == [(0, 0), (1, 1), (2, 2), (3, 5)]


def test_blank_lines_are_paired_beside_others_only() -> None:
    assert paired_lines(["a\n", "\n", "b\n"], ["1\n", "\n", "2\n"]) == []
    assert paired_lines(["a\n", "\n", "b\n"], ["a\n", "\n", "2\n"]) == [(0, 0), (1, 1)]


def test_the_end_of_a_text_is_no_line_within_another() -> None:
    assert paired_lines(lines("a\n"), lines("a\nb\n\nc")) == [(0, 0)]
    assert paired_lines(lines("a\n"), lines("a\nb\n\n")) == [(0, 0), (1, 3)]


# Splices


@quick
@given(SEEDS)
def test_splices_lead_from_one_source_to_the_other(seed: int) -> None:
    base, theirs, _ = texts_of(seed)
    found = splices(base, theirs)
    assert applied(base, found) == theirs
    assert all(a.stop < b.start for a, b in pairwise(found))
    assert all(base[splice.start : splice.stop] != splice.text for splice in found)


@quick
@given(TEXT, TEXT)
def test_word_splices_lead_from_one_line_to_the_other(old: str, new: str) -> None:
    found = word_splices(old, new)
    assert applied(old, found) == new
    assert all(a.stop < b.start for a, b in pairwise(found))


@quick
@given(SEEDS)
def test_splices_do_not_touch_lines_that_are_left_alone(seed: int) -> None:
    pen = Pen(Random(seed), "B")
    old = [pen.mark() for _ in range(pen.random.randint(1, 12))]
    new = [pen.random.choice((line, line, pen.mark(), f"{line}x")) for line in old]
    text, starts = "\n".join(old), [0]
    for line in old:
        starts.append(starts[-1] + len(line) + 1)
    for splice in splices(text, "\n".join(new)):
        for place, line in enumerate(old):
            if new[place] == line:
                assert splice.stop <= starts[place] or splice.start >= starts[place] + len(line)


# Sources


@quick
@given(SEEDS)
def test_a_merge_of_sources_keeps_all_marks(seed: int) -> None:
    base, theirs, ours = texts_of(seed)
    merged = merge_source(base, theirs, ours)
    marks = set(MARK.findall(merged.text))
    assert {mark for mark in MARK.findall(ours) if mark.endswith("O")} <= marks
    lost = {mark for mark in MARK.findall(theirs) if mark.endswith("T")} - marks
    assert merged.conflict or not lost
    assert merge_source(base, theirs, base).text == theirs
    assert merge_source(base, base, ours).text == ours
    assert merge_source(base, ours, ours).text == ours


@quick
@given(SEEDS)
def test_far_edits_are_no_conflict(seed: int) -> None:
    random = Random(seed)
    pens = Pen(random, "B"), Pen(random, "T"), Pen(random, "O")
    old = [pens[0].mark() for _ in range(12)]
    theirs, ours, wanted = list(old), list(old), list(old)
    for place in range(0, 12, 2):
        side, pen = random.choice(((theirs, pens[1]), (ours, pens[2])))
        new = random.choice((pen.mark(), f"{old[place]} {pen.mark()}"))
        side[place] = wanted[place] = new
    merged = merge_source(*("\n".join(side) for side in (old, theirs, ours)))
    assert merged.text.split("\n") == wanted
    assert not merged.conflict


@quick
@given(SEEDS)
@example(0)
def test_numbers_are_not_woven(seed: int) -> None:
    random = Random(seed)
    base, theirs, ours = (f"a = {random.randint(0, 999)} # b\n" for _ in range(3))
    merged = merge_source(base, theirs, ours)
    assert merged.text in (theirs, ours)
    assert merged.conflict == (len({base, theirs, ours}) == 3)


@quick
@given(SEEDS)
def test_what_both_put_in_one_place_stays_together(seed: int) -> None:
    random = Random(seed)
    ours, theirs = (Pen(random, sign).lines(random.randint(1, 5)) for sign in "OT")
    merged = merge_source("a\nb", "\n".join(["a", *theirs, "b"]), "\n".join(["a", *ours, "b"]))
    assert merged.text.split("\n") == ["a", *ours, *theirs, "b"]
    assert not merged.conflict


def test_two_functions_that_end_alike_stay_two() -> None:
    ours, theirs = ["def a():", "    x()", "", "    return 1"], ["def b():", "", "    return 1"]
    assert union(ours, theirs) == [*ours, *theirs]
    ours, theirs = ["def a():", "    return 1"], ["def b():", "    return 1"]
    assert union(ours, theirs) == [*ours, *theirs]


def test_one_text_in_two_states_is_one() -> None:
    assert union(["a", "b"], ["a", "b", "c"]) == ["a", "b", "c"]
    assert union(["a\r", "b\r"], ["a", "x", "b"]) == ["a\r", "x", "b\r"]
    assert union(["import a", "import b"], ["import b", "import c"]) == [
        "import a",
        "import b",
        "import c",
    ]


def test_what_was_put_below_a_line_stays_below_all_of_it() -> None:
    base = "first = 1\ncall(alpha, beta, gamma)\nlast = 2"
    wrapped = "first = 1\ncall(alpha, beta,\n    gamma)\nlast = 2"
    typed = "first = 1\ncall(alpha, beta, gamma)\nnew = 3\nlast = 2"
    wanted = "first = 1\ncall(alpha, beta,\n    gamma)\nnew = 3\nlast = 2"
    assert merge_source(base, wrapped, typed).text == wanted
    assert merge_source(base, typed, wrapped).text == wanted


def test_what_was_put_above_a_line_stays_above_what_stands_in_its_place() -> None:
    base = "first = 1\n# ---\nlast"
    put, replaced = "first = 1\nput = 2\n# ---\nlast", "first = 1\ncompletely(different)\nlast"
    wanted = "first = 1\nput = 2\ncompletely(different)\nlast"
    assert merge_source(base, put, replaced).text == wanted
    assert merge_source(base, replaced, put).text == wanted


def test_the_same_words_put_behind_a_line_are_there_once() -> None:
    base, theirs = "    x = a bb cc\ny = dd", "        x = a bb cc y = dd\r"
    merged = merge_source(base, theirs, "    x = e bb cc y = dd")
    assert (merged.text, merged.conflict) == ("    x = e bb cc y = dd", True)


def test_a_cell_that_both_added_is_there_once() -> None:
    assert merge_added("a = 1\nb = 2", "a = 1").text == "a = 1\nb = 2"
    merged = merge_added("a = 1\nb = 3", "a = 1\nb = 2")
    assert (merged.text, merged.conflict) == ("a = 1\nb = 2", True)
    assert merge_added("one()", "").text == "one()"
