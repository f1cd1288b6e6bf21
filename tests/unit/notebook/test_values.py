"""When values are the same, and what digests they have."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_crdt_autosave.notebook import canonical, digest, lineage, normalise, read, same
from jupyter_crdt_autosave.notebook.canonical import canonical_json
from tests.unit.notebook.files import Content, code, dump, markdown, notebook


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (0, -0.0),
        ([1, {"a": 2.0}], [1.0, {"a": 2}]),
        ({"a": 1, "b": [None]}, {"b": [None], "a": 1.0}),
        (1e16, 1e16),
        ([True, 1], [True, 1.0]),
        (2**70, float(2**70)),
        ({"a": -(2**60)}, {"a": -float(2**60)}),
    ],
)
def test_numbers_are_the_same_whatever_their_type(one: Any, other: Any) -> None:
    assert same(one, other)
    assert canonical_json(one) == canonical_json(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (True, 1),
        (False, 0.0),
        ([1, [True]], [1, [1]]),
        ({"a": {"b": False}}, {"a": {"b": 0}}),
        ([1, True], [True, 1]),
        ("1", 1),
        (None, False),
        ([], {}),
        ("1.0,", "1,"),
    ],
)
def test_a_boolean_is_no_number(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert canonical_json(one) != canonical_json(other)


def test_whole_floats_next_to_great_ones_are_written_as_one_form() -> None:
    assert canonical_json([1e16, 1.0]) == canonical_json([1e16, 1])


def test_the_canonical_form_has_sorted_keys_and_integers() -> None:
    assert list(canonical({"b": 1.0, "a": {"d": 0, "c": 0}})) == ["a", "b"]
    assert repr(canonical([1.0, -0.0, 1.5, 1e300, True])) == "[1, 0, 1.5, 1e+300, True]"


def changed(**other: Any) -> Content:
    return normalise(notebook(code("a", id="x"), markdown("b", id="y"), **other))


BASE = changed()


def test_trusted_flags_are_in_no_digest() -> None:
    content = normalise(
        notebook(code("a", id="x", metadata={"trusted": True}), markdown("b", id="y"))
    )
    assert digest(content) == digest(BASE)


def test_two_documents_that_differ_in_trust_do_not_share_a_lineage() -> None:
    content = normalise(
        notebook(code("a", id="x", metadata={"trusted": True}), markdown("b", id="y"))
    )
    assert lineage(content) != lineage(BASE)


def test_what_jupyterlab_fills_in_is_content_without_substance() -> None:
    filled = digest(changed(metadata={"kernelspec": {"name": "other"}}))
    assert filled.content != digest(BASE).content
    assert filled.substance == digest(BASE).substance
    assert digest(changed(metadata={"mine": 1})).substance != filled.substance


def test_outputs_are_content_and_no_edit() -> None:
    ran = normalise(notebook(code("a", id="x", execution_count=1), markdown("b", id="y")))
    assert digest(ran).substance != digest(BASE).substance
    assert digest(ran).edits == digest(BASE).edits


@pytest.mark.parametrize(
    "cells",
    [
        [code("a!", id="x"), markdown("b", id="y")],
        [markdown("a", id="x"), markdown("b", id="y")],
        [markdown("b", id="y"), code("a", id="x")],
        [code("a", id="x")],
        [code("a", id="x"), markdown("b", id="y"), code("", id="z")],
        [code("a", id="x"), markdown("b", id="y", attachments={"a.png": {"image/png": "x"}})],
        [code("a", id="x"), markdown("b", id="z")],
    ],
)
def test_what_people_do_to_cells_is_an_edit(cells: list[Any]) -> None:
    assert digest(normalise(notebook(*cells))).edits != digest(BASE).edits


def test_digests_stay_the_same_from_version_to_version() -> None:
    content = read(dump(notebook(code(["é = 1.0\n", "b"], metadata={"a": 1.0}), minor=4))).content
    assert content["cells"][0]["id"] == "fbeb985d4d5e238d"
    assert digest(content).content == "397e43e1df131ffeb60ef6315a2431a6"
    assert digest(content).edits == "9fb07595ef653ecc9117233a3b57a0a0"
    assert lineage(content) == 7847269947824535
