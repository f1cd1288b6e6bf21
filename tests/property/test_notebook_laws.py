"""What holds between a notebook file, its content, and the file made from that again."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import nbformat as nbformat_package
from hypothesis import assume, given
from hypothesis import strategies as st

from jupyter_crdt_autosave.notebook import Notebook, normalise, read, render, same
from tests.property.notebooks import (
    Content,
    Layout,
    edits_of,
    files,
    layouts,
    messy_notebooks,
    notebooks,
    unhurried,
)

nbformat: Any = nbformat_package


def untrusted(content: Content) -> Content:
    made = deepcopy(content)
    for cell in made["cells"]:
        cell["metadata"].pop("trusted", None)
    return made


def ids_of(content: Content) -> list[str]:
    return [cell["id"] for cell in content["cells"]]


def is_valid(notebook: Any) -> bool:
    return not list(nbformat.validator.iter_validate(notebook))


def assert_reads_back(data: bytes, content: Content) -> None:
    """Reading gives the content; the ids too, where the format has them."""
    expected = normalise(content)
    back = read(data)
    if expected["nbformat_minor"] < 5:
        back = back.with_ids(ids_of(expected))
    assert same(untrusted(back.content), untrusted(expected))


@unhurried
@given(files())
def test_a_file_whose_content_did_not_change_is_written_as_it_was(data: bytes) -> None:
    base = read(data)
    assert render(base.content, base) == data


@unhurried
@given(layouts(), notebooks())
def test_nor_does_a_file_beyond_ascii_change(layout: Layout, notebook: Content) -> None:
    data = layout.write(notebook)
    assert render(read(data).content, read(data)) == data


@unhurried
@given(files())
def test_content_read_is_normal(data: bytes) -> None:
    content = read(data).content
    assert same(normalise(content), content)
    assert len(set(ids_of(content))) == len(content["cells"]) > 0


@unhurried
@given(files())
def test_what_a_y_document_cannot_hold_is_not_in_content(data: bytes) -> None:
    content = read(data).content
    text = json.dumps(content, allow_nan=False)
    assert same(json.loads(text), content)
    json.dumps(content, ensure_ascii=False).encode()


@unhurried
@given(st.data(), files())
def test_an_edited_notebook_reads_back(data: st.DataObject, found: bytes) -> None:
    base = read(found)
    content = data.draw(edits_of(base.content))
    before = deepcopy(content)
    assert_reads_back(render(content, base), content)
    assert content == before


@unhurried
@given(st.data(), files())
def test_an_edit_that_is_taken_back_leaves_the_file_as_it_was(
    data: st.DataObject, found: bytes
) -> None:
    base = read(found)
    edited = render(data.draw(edits_of(base.content)), base)
    assert render(base.content, read(found)) == found
    assert same(read(edited).content, read(render(read(edited).content, read(edited))).content)


@unhurried
@given(st.data(), notebooks(), layouts())
def test_a_valid_notebook_stays_valid(
    data: st.DataObject, notebook: Content, layout: Layout
) -> None:
    base = read(layout.write(notebook))
    content = data.draw(edits_of(base.content))
    written = normalise(content)
    if written["nbformat_minor"] < 5:
        for cell in written["cells"]:
            del cell["id"]
    assume(is_valid(written))
    assert is_valid(nbformat.from_dict(json.loads(render(content, base).decode("utf-8-sig"))))


@unhurried
@given(st.data(), files(), files())
def test_a_notebook_can_be_written_over_any_other(
    data: st.DataObject, found: bytes, other: bytes
) -> None:
    content = data.draw(edits_of(read(found).content))
    assert_reads_back(render(content, read(other)), content)


@unhurried
@given(messy_notebooks())
def test_without_a_file_content_reads_back(notebook: Content) -> None:
    content = normalise(notebook)
    assert_reads_back(render(content, None), content)


@unhurried
@given(notebooks())
def test_without_a_file_bytes_are_those_of_nbformat(notebook: Content) -> None:
    before = deepcopy(notebook)
    text = nbformat.writes(nbformat.from_dict(deepcopy(notebook)))
    assert render(notebook, None).decode() == text + "\n"
    assert notebook == before


@unhurried
@given(messy_notebooks())
def test_normalising_changes_neither_its_argument_nor_its_result(notebook: Content) -> None:
    before = json.dumps(notebook)
    once = normalise(notebook)
    assert json.dumps(notebook) == before
    assert same(normalise(once), once)


def _places_to_type(content: Content) -> list[tuple[int, int]]:
    return [
        (number, place)
        for number, cell in enumerate(content["cells"])
        for place, character in enumerate(cell["source"])
        if len(character.splitlines()[0]) == 1
    ]


@unhurried
@given(st.data(), layouts(), notebooks())
def test_one_character_typed_changes_one_line(
    data: st.DataObject, layout: Layout, notebook: Content
) -> None:
    base = read(layout.write(notebook))
    content = deepcopy(base.content)
    places = _places_to_type(content)
    assume(places)
    number, place = data.draw(st.sampled_from(places))
    source = content["cells"][number]["source"]
    content["cells"][number]["source"] = source[:place] + "x" + source[place:]
    assert len(_changed_lines(base, render(content, base))) == 1


def _changed_lines(base: Notebook, written: bytes) -> list[bytes]:
    old, new = base.data.split(b"\n"), written.split(b"\n")
    assert len(old) == len(new)
    return [after for before, after in zip(old, new, strict=True) if before != after]
