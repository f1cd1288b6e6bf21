"""Small edits, fewest moves, pairs of cells, and the two sides of a conflict."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jupyter_crdt_autosave.merge.decide import decide
from jupyter_crdt_autosave.merge.markers import sides
from jupyter_crdt_autosave.merge.order import staying
from jupyter_crdt_autosave.merge.pairing import pair_cells, with_ids_of
from jupyter_crdt_autosave.merge.source import merge_source
from jupyter_crdt_autosave.merge.text import splices
from jupyter_crdt_autosave.notebook import normalise

TEXT = st.text(alphabet="ab\n é😀\r", max_size=40)


def applied(old: str, new: str) -> str:
    """`old` after its edits."""
    for splice in reversed(splices(old, new)):
        old = old[: splice.start] + splice.text + old[splice.stop :]
    return old


@given(TEXT, TEXT)
def test_the_edits_lead_from_one_text_to_the_other(old: str, new: str) -> None:
    assert applied(old, new) == new


@given(TEXT)
def test_an_equal_text_needs_no_edit(text: str) -> None:
    assert splices(text, text) == []


@given(TEXT, TEXT)
def test_the_edits_ascend_and_do_not_touch(old: str, new: str) -> None:
    found = splices(old, new)
    ends = [0, *(splice.stop for splice in found)]
    assert all(end <= splice.start for end, splice in zip(ends, found, strict=False))


def test_two_far_edits_leave_what_is_between_them() -> None:
    old = "first\nsecond\nthird\nfourth\n"
    found = splices(old, "first!\nsecond\nthird\nfourth?\n")
    assert [(old[s.start : s.stop], s.text) for s in found] == [("", "!"), ("", "?")]


def test_a_megabyte_of_other_text_is_replaced_without_a_long_think() -> None:
    old, new = "a\n" * 500_000, "b\n" * 500_000
    assert applied(old, new) == new


def increasing(values: list[int], chosen: list[int]) -> bool:
    """Whether the chosen values ascend."""
    picked = [values[index] for index in chosen]
    return all(a < b for a, b in pairwise(picked))


def longest(values: list[int]) -> int:
    """Length of the longest increasing subsequence, by trying all ends."""
    lengths: list[int] = []
    for index, value in enumerate(values):
        before = [lengths[i] for i in range(index) if values[i] < value]
        lengths.append(1 + max(before, default=0))
    return max(lengths, default=0)


@given(st.lists(st.integers(0, 30), max_size=14))
def test_as_much_as_possible_stays(values: list[int]) -> None:
    chosen = staying(values)
    assert chosen == sorted(set(chosen))
    assert increasing(values, chosen)
    assert len(chosen) == longest(values)


def cell(name: str, source: str, kind: str = "code") -> dict[str, Any]:
    """A cell, as far as pairing looks at it."""
    return {"id": name, "cell_type": kind, "source": source}


def test_equal_cells_keep_their_ids_around_an_insertion() -> None:
    ours = [cell("a", "1"), cell("b", "2"), cell("c", "3")]
    theirs = [cell("x", "1"), cell("y", "new"), cell("z", "2"), cell("w", "3")]
    ids = [c["id"] for c in with_ids_of(ours, theirs, {0, 1, 2, 3})]
    assert ids == ["a", "y", "b", "c"]


def test_a_changed_cell_is_paired_by_its_place() -> None:
    ours = [cell("a", "1"), cell("b", "2"), cell("c", "3")]
    theirs = [cell("x", "1"), cell("y", "2 changed"), cell("z", "3")]
    assert [c["id"] for c in with_ids_of(ours, theirs, {0, 1, 2})] == ["a", "b", "c"]


def test_an_id_that_came_along_is_given_to_no_other_cell() -> None:
    ours = [cell("a", "1"), cell("b", "1")]
    theirs = [cell("x", "1"), cell("a", "other")]
    ids = [c["id"] for c in with_ids_of(ours, theirs, {0})]
    assert ids[1] == "a"
    assert len(set(ids)) == 2


@given(
    st.lists(st.sampled_from("12345"), max_size=6),
    st.lists(st.sampled_from("12345"), max_size=6),
)
def test_no_id_is_given_twice_and_no_text_is_lost(ours: list[str], theirs: list[str]) -> None:
    mine = [cell(f"o{index}", source) for index, source in enumerate(ours)]
    given_ = [cell(f"o{index}", source) for index, source in enumerate(theirs)]
    paired = with_ids_of(mine, given_, set(range(len(given_))))
    assert [c["source"] for c in paired] == theirs
    assert len({c["id"] for c in paired}) == len(theirs)


def test_cells_that_are_alike_and_moved_are_each_paired_once() -> None:
    base = [cell(f"b{n}", source) for n, source in enumerate(("1", "1", "two", "three", "four"))]
    moved = [cell(f"m{n}", source) for n, source in enumerate(("two", "three", "four", "1", "1"))]
    assert pair_cells(base, moved) == {0: 2, 1: 3, 2: 4, 3: 0, 4: 1}


def test_a_twin_that_was_edited_has_not_become_another_cell() -> None:
    base = [cell("a", "alpha = 1"), cell("b", "alpha = 1")]
    edited = [cell("a", "alpha = 1"), cell("b", "completely(different)")]
    assert pair_cells(base, edited) == {0: 0, 1: 1}


ALPHA, BETA, GAMMA = "alpha = one(1)", "for beta in b:\n    two()", "import gamma"


def merged(base: list[Any], theirs: list[Any], ours: list[Any]) -> list[tuple[str, str]]:
    """Ids and sources after a merge."""
    contents = [normalise({"cells": cells, "metadata": {}}) for cells in (base, theirs, ours)]
    return [(one["id"], one["source"]) for one in decide(*contents).content["cells"]]


def test_numbered_ids_that_were_shifted_belong_to_the_cells_as_they_are() -> None:
    base = [cell("c0", ALPHA), cell("c1", BETA), cell("c2", GAMMA)]
    theirs = [cell("c0", ALPHA), cell("c1", "%new"), cell("c2", BETA), cell("c3", GAMMA)]
    ours = [*base[:2], cell("c2", f"{GAMMA}, delta")]
    found = [source for _, source in merged(base, theirs, ours)]
    assert found == [ALPHA, "%new", BETA, f"{GAMMA}, delta"]


def test_an_id_that_both_gave_to_different_cells_is_given_once() -> None:
    base = [cell("c0", ALPHA)]
    theirs = [cell("c0", "%new"), cell("c1", ALPHA)]
    ours = [cell("c0", ALPHA), cell("c1", GAMMA)]
    found = merged(base, theirs, ours)
    assert [source for _, source in found] == ["%new", ALPHA, GAMMA]
    assert len({name for name, _ in found}) == 3
    assert found[-1] == ("c1", GAMMA)


def test_half_of_a_change_is_not_taken() -> None:
    base = "a\nrows = read(1)\ntotal = sum(rows)\nb"
    theirs = "a\nlines = read(1)\ntotal = sum(lines)\nb"
    ours = "a\ntable = read(1)\ntotal = sum(rows)\nb"
    found = merge_source(base, theirs, ours)
    assert (found.text, found.conflict) == (ours, True)


def test_conflict_markers_give_both_sides() -> None:
    marked = b"a\n<<<<<<< HEAD\nmine\n||||||| base\nold\n=======\nyours\n>>>>>>> x\nb\n=======\n"
    assert sides(marked) == (b"a\nmine\nb\n=======\n", b"a\nyours\nb\n=======\n")


def test_a_file_without_markers_is_its_own_two_sides() -> None:
    assert sides(b"a\n=======\nb\n") == (b"a\n=======\nb\n", b"a\n=======\nb\n")
