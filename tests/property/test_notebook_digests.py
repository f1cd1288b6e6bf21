"""Digests, derived ids and lineages depend on content alone."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jupyter_crdt_autosave.notebook import (
    canonical,
    cell_digest,
    combine,
    digest,
    edit_digest,
    lineage,
    normalise,
    read,
    same,
)
from tests.property.notebooks import (
    Content,
    Layout,
    edits_of,
    layouts,
    messy_notebooks,
    unhurried,
    values,
)


def in_floats(value: Any) -> Any:
    """Give the same value with floats for integers, and keys in another order."""
    if isinstance(value, dict):
        return {key: in_floats(value[key]) for key in reversed(value)}
    if isinstance(value, list):
        return [in_floats(item) for item in value]
    return float(value) if type(value) is int else value


@unhurried
@given(values(), values())
def test_values_are_the_same_just_if_they_have_one_canonical_form(one: Any, other: Any) -> None:
    forms = [json.dumps(canonical(each)) for each in (one, other)]
    assert same(one, other) == (forms[0] == forms[1])


@unhurried
@given(values())
def test_a_value_is_the_same_in_floats(value: Any) -> None:
    assert same(value, in_floats(value))
    assert json.dumps(canonical(value)) == json.dumps(canonical(in_floats(value)))


@unhurried
@given(messy_notebooks(), layouts(), layouts())
def test_layout_does_not_matter(notebook: Content, one: Layout, other: Layout) -> None:
    first, second = (read(layout.write(notebook)).content for layout in (one, other))
    assert same(first, second)
    assert digest(first) == digest(second)
    assert lineage(first) == lineage(second)


@unhurried
@given(messy_notebooks())
def test_equal_content_has_equal_digests(notebook: Content) -> None:
    content = normalise(notebook)
    other = in_floats(content)
    assert digest(content) == digest(other)
    assert lineage(content) == lineage(other)


@unhurried
@given(st.data(), messy_notebooks())
def test_digests_differ_just_if_content_does(data: st.DataObject, notebook: Content) -> None:
    content = normalise(notebook)
    other = normalise(data.draw(edits_of(content)))
    equal = same(without_trust(content), without_trust(other))
    assert (digest(content).content == digest(other).content) == equal
    assert (lineage(content) == lineage(other)) == same(content, other)


@unhurried
@given(messy_notebooks())
def test_digests_of_cells_combine_to_that_of_the_notebook(notebook: Content) -> None:
    content = normalise(notebook)
    cells = content["cells"]
    parts = [cell_digest(cell) for cell in cells], [edit_digest(cell) for cell in cells]
    assert {len(part) for each in parts for part in each} == {16}
    combined = combine(content["metadata"], 4, content["nbformat_minor"], *parts)
    assert combined == digest(content)


@unhurried
@given(messy_notebooks())
def test_a_lineage_is_no_client_id_that_a_browser_draws(notebook: Content) -> None:
    assert 2**32 <= lineage(notebook) < 2**53


@unhurried
@given(messy_notebooks())
def test_derived_ids_are_valid_and_unique(notebook: Content) -> None:
    bare = deepcopy(notebook)
    for cell in bare["cells"]:
        cell.pop("id", None)
    ids = [cell["id"] for cell in normalise(bare)["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9-_]{1,64}", each) for each in ids)


def without_trust(content: Content) -> Content:
    made = deepcopy(content)
    for cell in made["cells"]:
        cell["metadata"].pop("trusted", None)
    return made
