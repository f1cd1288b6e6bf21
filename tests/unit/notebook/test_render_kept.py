"""Writing notebook files: what stays as it was."""

from __future__ import annotations

import json

import pytest

from tests.unit.notebook.edits import diff, edited, type_x
from tests.unit.notebook.files import Content, code, dump, markdown, notebook


@pytest.mark.parametrize(
    "text",
    [
        *("1E5", "1.10", "-0", "-0.0", "1.0", "123456789012345678901234567890", "0.1e-7"),
        *("NaN", "-Infinity", "1e999", "[1.50, 2, NaN]", "[ 1,2 ]", "{ }", "[\n\n]"),
        *(r'"\ud800"', r'"\u00E9\/"'),
    ],
)
def test_what_nobody_touched_is_written_as_it_was_found(text: str) -> None:
    tree = notebook(code("a", id="a", metadata={"odd": "here"}), metadata={"odd": "here"})
    data = dump(tree).replace(b'"here"', text.encode())
    assert edited(data, lambda content: None) == data
    assert diff(data, type_x) == (['"source": "a"'], ['"source": "ax"'])


def test_blanks_that_no_program_would_write_stay() -> None:
    data = b"""
{ "nbformat":4,"nbformat_minor" : 5,
  "cells": [ {"cell_type": "markdown",
   "id": "a", "metadata": {}, "source": ["a\\n","b"
  ]  }
  , {"cell_type": "raw", "id": "b", "metadata": {"a" :1 }, "source": "c"} ],
  "metadata": { } }\n\n"""
    assert diff(data, type_x) == (
        ['"id": "a", "metadata": {}, "source": ["a\\n","b"'],
        ['"id": "a", "metadata": {}, "source": ["a\\n","bx"'],
    )


def test_duplicate_keys_stay_and_the_last_one_changes() -> None:
    data = dump(notebook(code("a", id="a"), metadata={"a": 1})).replace(
        b'"a": 1', b'"a": [1],\n  "a": [1, 2, 3],\n  "b": 0'
    )
    gone, came = diff(data, lambda content: content["metadata"]["a"].append(4))
    assert (gone, came) == (['"a": [1, 2, 3],'], ['"a": [1, 2, 3, 4],'])
    assert diff(data, lambda content: content["metadata"].pop("a"))[1] == []


def test_unknown_and_transient_keys_stay() -> None:
    tree = notebook(
        code("a", id="a", metadata={"trusted": True}, execution_state="idle", mine=[1]),
        metadata={"signature": "x", "orig_nbformat": 4},
        unknown={"deep": [1.0]},
    )
    data = dump(tree)
    assert json.loads(edited(data, type_x)) == {
        **tree,
        "cells": [{**tree["cells"][0], "source": "ax"}],
    }


def test_trusted_flags_of_the_document_are_not_written() -> None:
    data = dump(notebook(code("a", id="a"), code("b", id="b", metadata={"trusted": False})))

    def trust(content: Content) -> None:
        for cell in content["cells"]:
            cell["metadata"]["trusted"] = True

    assert edited(data, trust) == data


def test_kernel_metadata_that_were_filled_in_are_left_out_until_they_change() -> None:
    data = dump(notebook(code("a", id="a"), metadata={}))
    assert json.loads(edited(data, type_x))["metadata"] == {}

    def choose(content: Content) -> None:
        content["metadata"]["kernelspec"] = {"name": "p", "display_name": "P"}

    chosen = json.loads(edited(data, choose))["metadata"]
    assert chosen == {"kernelspec": {"name": "p", "display_name": "P"}}


def test_a_notebook_without_cells_has_none_until_somebody_edits() -> None:
    data = dump(notebook(metadata={}))
    assert edited(data, lambda content: content["metadata"].update(a=1)).count(b'"cells": []') == 1
    (cell,) = json.loads(edited(data, type_x))["cells"]
    assert cell["source"] == ["x"]
    assert "trusted" not in cell["metadata"]


def test_deleting_all_cells_leaves_none() -> None:
    data = dump(notebook(code("a", id="a")))
    assert json.loads(edited(data, lambda content: content["cells"].clear()))["cells"] == []


def test_empty_attachments_go_with_the_type_that_may_have_them() -> None:
    data = dump(notebook(markdown("a", id="a", attachments={})))
    assert edited(data, type_x).count(b"attachments") == 1

    def to_code(content: Content) -> None:
        content["cells"] = [code("a", id="a")]

    assert json.loads(edited(data, to_code))["cells"] == [code("a", id="a")]


def test_a_byte_order_mark_and_line_ends_of_windows_stay() -> None:
    data = b"\xef\xbb\xbf" + dump(notebook(code(["a"], id="a"))).replace(b"\n", b"\r\n")

    def add(content: Content) -> None:
        content["cells"].append(code("b\nc", id="b"))

    written = edited(data, add)
    assert written.startswith(b"\xef\xbb\xbf{\r\n")
    assert written.count(b"\n") == written.count(b"\r\n") > data.count(b"\n")


@pytest.mark.parametrize("tail", ["", "\n", "\n\n", " "])
def test_the_end_of_the_file_stays(tail: str) -> None:
    data = dump(notebook(code(["a"], id="a")), tail=tail)
    assert edited(data, type_x) == data.replace(b'"a"\n', b'"ax"\n')
