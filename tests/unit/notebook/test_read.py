"""Reading notebook files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_crdt_autosave.errors import NotebookTooNew, NotebookUnreadable
from jupyter_crdt_autosave.notebook import read
from jupyter_crdt_autosave.notebook.survey import DEEPEST
from tests.unit.notebook.files import code, dump, markdown, notebook


def kind_of(data: bytes) -> str:
    with pytest.raises(NotebookUnreadable) as caught:
        read(data)
    return caught.value.kind


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("data", [b"", b" \n\t", b"\xef\xbb\xbf", b"\0" * 4096])
def test_a_file_with_nothing_in_it_is_empty(data: bytes) -> None:
    assert kind_of(data) == "empty"


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_that_is_not_utf8_has_an_encoding_problem(encoding: str) -> None:
    assert kind_of(dump(notebook(code("é"))).decode().encode(encoding)) == "encoding"


def test_half_a_file_is_no_json() -> None:
    data = dump(notebook(code("a")))
    assert {kind_of(data[:size]) for size in (1, 20, len(data) - 2)} == {"json"}


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_conflict_markers_are_told_from_other_damage(end: bytes) -> None:
    data = b'{\n<<<<<<< HEAD\n "a": 1\n=======\n "a": 2\n>>>>>>> theirs\n}\n'
    assert kind_of(data.replace(b"\n", end)) == "conflict"


def test_conflict_markers_inside_a_source_are_no_conflict() -> None:
    source = ["<<<<<<< HEAD\n", "=======\n", ">>>>>>> theirs\n"]
    assert read(dump(notebook(code(source)))).content["cells"][0]["source"] == "".join(source)


@pytest.mark.parametrize(
    "tree",
    [
        [],
        "text",
        5,
        None,
        {},
        {"cells": []},
        {"nbformat": "4", "cells": []},
        {"nbformat": True, "cells": []},
        {"nbformat": 0, "cells": []},
        {"nbformat": 4.5, "cells": []},
        {"nbformat": 4},
        {"nbformat": 4, "cells": {}},
        {"nbformat": 4, "cells": [], "nbformat_minor": "5"},
        {"nbformat": 4, "cells": [], "nbformat_minor": -1},
        {"nbformat": 4, "cells": [], "metadata": [1]},
        {"nbformat": 4, "cells": [[]]},
        {"nbformat": 4, "cells": [{}]},
        {"nbformat": 4, "cells": [{"cell_type": 1}]},
        {"nbformat": 4, "cells": [{"cell_type": "raw", "source": 1}]},
        {"nbformat": 4, "cells": [{"cell_type": "raw", "source": ["a", 1]}]},
        {"nbformat": 4, "cells": [{"cell_type": "raw", "metadata": "a"}]},
        {"nbformat": 4, "cells": [{"cell_type": "code", "outputs": "a"}]},
        {"nbformat": 4, "cells": [{"cell_type": "code", "outputs": ["a"]}]},
        {
            "nbformat": 4,
            "cells": [{"cell_type": "code", "outputs": [{"output_type": "stream", "text": 1}]}],
        },
        {"nbformat": 3},
        {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "outputs": [1]}]}]},
        {"nbformat": 2, "worksheets": 5},
        {"nbformat": 1, "cells": 5},
        {"nbformat": 1, "cells": [{"cell_type": "future"}]},
    ],
)
def test_json_of_another_shape_is_no_notebook(tree: Any) -> None:
    assert kind_of(dump(tree)) == "shape"


def test_a_notebook_of_a_newer_major_format_is_too_new() -> None:
    with pytest.raises(NotebookTooNew):
        read(dump({"nbformat": 5, "something": "else"}))


def test_a_notebook_of_a_newer_minor_format_is_read() -> None:
    assert read(dump(notebook(code("a"), minor=99))).content["nbformat_minor"] == 99


@pytest.mark.parametrize("levels", [DEEPEST, 5_000, 200_000])
def test_json_nested_too_deeply_is_unreadable(levels: int) -> None:
    text = dump(notebook(odd="here")).decode()
    assert kind_of(text.replace('"here"', "[" * levels + "]" * levels).encode()) == "shape"


def test_json_nested_deeply_is_read() -> None:
    metadata = {"deep": nested(DEEPEST - 2)}
    assert read(dump(notebook(metadata=metadata))).content["metadata"]["deep"] == metadata["deep"]


def test_a_number_with_more_digits_than_python_reads_is_no_json() -> None:
    text = dump(notebook(odd="here")).decode()
    assert kind_of(text.replace('"here"', "1" * 5_000).encode()) == "json"


def test_a_notebook_can_be_far_from_valid() -> None:
    cells: list[Any] = [
        {"cell_type": "code"},
        {"cell_type": "code", "metadata": None, "outputs": None, "source": None},
        {"cell_type": "code", "outputs": [{}, {"output_type": "stream"}, {"output_type": 5}]},
        {"cell_type": "future", "something": 1},
        {"cell_type": "markdown", "attachments": 5, "id": None},
    ]
    content = read(dump({"nbformat": 4, "cells": cells})).content
    assert [cell["cell_type"] for cell in content["cells"]] == [cell["cell_type"] for cell in cells]
    assert content["cells"][2]["outputs"][1] == {"output_type": "stream", "text": ""}
    assert content["cells"][3]["something"] == 1


def test_texts_are_joined_as_nbformat_joins_them() -> None:
    data = {"text/plain": ["a\n", "b"], "application/json": ["a", "b"], "image/png": ["x", "y"]}
    outputs: list[Any] = [
        {"output_type": "display_data", "data": data, "metadata": {"text": ["a", "b"]}},
        {"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]},
        {"output_type": "error", "ename": "", "evalue": "", "traceback": ["a", "b"]},
    ]
    attachments = {"a.png": {"image/png": ["x", "y"]}}
    tree = notebook(code(["a\n", "b"], outputs=outputs), markdown([], attachments=attachments))
    first, second = read(dump(tree)).content["cells"]
    assert first["source"] == "a\nb"
    assert first["outputs"][0]["data"] == {
        "text/plain": "a\nb",
        "application/json": ["a", "b"],
        "image/png": "xy",
    }
    assert first["outputs"][0]["metadata"] == {"text": ["a", "b"]}
    assert first["outputs"][1]["text"] == "a\nb"
    assert first["outputs"][2]["traceback"] == ["a", "b"]
    assert (second["source"], second["attachments"]) == ("", {"a.png": {"image/png": "xy"}})


def test_what_a_file_says_about_trust_is_not_content() -> None:
    metadata = {"trusted": True, "tags": ["a"]}
    cells = read(dump(notebook(code("a", metadata=metadata)))).content["cells"]
    assert cells[0]["metadata"] == {"tags": ["a"]}


def test_what_is_transient_is_not_content() -> None:
    metadata = {"signature": "x", "orig_nbformat": 3, "orig_nbformat_minor": 0, "mine": 1}
    tree = notebook(code("a", execution_state="busy"), metadata=metadata, unknown=1)
    content = read(dump(tree)).content
    assert set(content) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert set(content["metadata"]) == {"mine", "kernelspec", "language_info"}
    assert "execution_state" not in content["cells"][0]


def test_a_byte_order_mark_is_no_content() -> None:
    data = dump(notebook(code("a")))
    assert read(b"\xef\xbb\xbf" + data).content == read(data).content


def test_raw_is_the_json_of_the_file() -> None:
    tree = notebook(code(["a\n", "b"], metadata={"trusted": True}), unknown=1)
    assert read(dump(tree)).raw == tree


def test_cell_ids_are_those_of_the_cells_of_the_file() -> None:
    base = read(dump(notebook(code("a", id="x"), code("b"), code("c", id="x"))))
    assert base.own_ids == ("x", None, "x")
    assert base.cell_ids == tuple(cell["id"] for cell in base.content["cells"])
    assert base.cell_ids[0] == "x"


def test_a_file_without_cells_has_no_cell_ids() -> None:
    base = read(dump(notebook()))
    assert (base.cell_ids, len(base.content["cells"])) == ((), 1)


def test_ids_that_the_file_cannot_keep_can_be_put_back() -> None:
    base = read(dump(notebook(code("a"), code("b"), minor=4)))
    renamed = base.with_ids(["x", "y"])
    assert renamed.cell_ids == ("x", "y")
    assert [cell["id"] for cell in renamed.content["cells"]] == ["x", "y"]
    assert base.cell_ids != ("x", "y")
    assert renamed.data == base.data


def test_no_line_of_the_data_is_shown_when_a_notebook_is_printed() -> None:
    assert "data=" not in repr(read(dump(notebook(code("a")))))


def test_json_that_nbformat_reads_with_a_duplicate_key_has_the_last_value() -> None:
    text = json.dumps(notebook(code("a"))).replace('"cells"', '"cells": [], "cells"', 1)
    assert read(text.encode()).content["cells"][0]["source"] == "a"
