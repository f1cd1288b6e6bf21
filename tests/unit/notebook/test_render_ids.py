"""Writing notebook files: which cells get ids."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from jupyter_crdt_autosave.notebook import read, render
from tests.unit.notebook.edits import edited, type_x
from tests.unit.notebook.files import Content, code, dump, notebook


@pytest.mark.parametrize("minor", range(5))
def test_formats_without_ids_get_none(minor: int) -> None:
    data = dump(notebook(code("a"), code("b"), minor=minor))

    def edit(content: Content) -> None:
        type_x(content)
        content["cells"].append(code("c", id="c"))

    expected = notebook(code("ax"), code("b"), code("c"), minor=minor)
    assert edited(data, edit) == dump(expected)


def test_ids_that_a_file_has_against_its_format_stay() -> None:
    data = dump(notebook(code("a", id="a"), minor=4))
    assert edited(data, type_x) == dump(notebook(code("ax", id="a"), minor=4))


def test_an_edited_cell_gets_the_id_that_it_should_have() -> None:
    base = read(dump(notebook(code("a"), code("b"))))
    first, second = json.loads(edited(base.data, type_x))["cells"]
    assert first == code("ax", id=base.cell_ids[0])
    assert second == code("b")


def test_ids_that_would_be_read_as_others_are_written() -> None:
    base = read(dump(notebook(code("a"), code("a"), code("b", id="b"), code("c", id="b"))))

    def remove(content: Content) -> None:
        del content["cells"][2], content["cells"][0]

    cells = json.loads(edited(base.data, remove))["cells"]
    assert cells == [code("a", id=base.cell_ids[1]), code("c", id=base.cell_ids[3])]


def test_equal_cells_that_changed_places_take_their_ids_along() -> None:
    data = dump(notebook(code("a", id="1"), code("a", id="2")))
    moved = edited(data, lambda content: content["cells"].reverse())
    assert moved == dump(notebook(code("a", id="2"), code("a", id="1")))


def test_all_cells_get_ids_with_the_format_that_has_them() -> None:
    base = read(dump(notebook(code("a"), code("b"), minor=4)))
    content = {**base.content, "nbformat_minor": 5}
    ids = [cell["id"] for cell in json.loads(render(content, base))["cells"]]
    assert ids == list(base.cell_ids)


def test_no_cell_keeps_its_id_in_a_format_without() -> None:
    base = read(dump(notebook(code("a", id="a"))))
    content = {**base.content, "nbformat_minor": 4}
    assert render(content, base) == dump(notebook(code("a"), minor=4))


def test_cells_are_still_paired_after_an_export_that_lost_their_ids() -> None:
    base = read(dump(notebook(code("a", odd=1), code("b"), minor=4)))
    content = deepcopy(base.content)
    type_x(content)
    data = render(content, base).replace(b"1", b"1")
    base = read(data).with_ids([cell["id"] for cell in content["cells"]])
    type_x(content)
    assert render(content, base) == data.replace(b'"ax"', b'"axx"')


def test_cells_that_are_alike_but_for_their_ids_change_places() -> None:
    data = dump(notebook(code("a", id="one"), code("a", id="two"), code("b", id="three")))

    def swap(content: Content) -> None:
        content["cells"][:2] = content["cells"][1::-1]

    cells = [code("a", id="two"), code("a", id="one"), code("b", id="three")]
    assert edited(data, swap) == dump(notebook(*cells))
