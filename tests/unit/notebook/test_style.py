"""What a file shows of the program that wrote it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_crdt_autosave.notebook import Style, read
from jupyter_crdt_autosave.notebook.dump import Dumper
from tests.unit.notebook.files import code, dump, notebook

TREE = notebook(code(["a\n", "b"], id="a"), code(["c"], id="b"))


def test_the_style_of_nbformat_is_the_default() -> None:
    assert read(dump(TREE)).style == Style()


@pytest.mark.parametrize(
    ("indent", "found"), [(1, " "), (4, "    "), ("\t", "\t"), (0, ""), (None, None)]
)
def test_the_indentation_is_found(indent: int | str | None, found: str | None) -> None:
    assert read(dump(TREE, indent=indent)).style.indent == found


@pytest.mark.parametrize("indent", [2, None])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (", ", " : "), (",", ": ")])
def test_the_separators_are_found(indent: int | None, separators: tuple[str, str]) -> None:
    style = read(dump(TREE, indent=indent, separators=separators)).style
    assert (style.comma, style.colon) == separators


def test_a_comma_in_a_text_is_no_separator() -> None:
    data = b'{"cells":[{"cell_type":"raw, \\" ,  raw"}], "nbformat":4}'
    assert read(data).style.comma == ", "


def test_line_ends_are_found() -> None:
    assert read(dump(TREE).replace(b"\n", b"\r\n")).style.newline == "\r\n"


@pytest.mark.parametrize(("source", "lines"), [("a\nb", False), (["a\n", "b"], True), ("", True)])
def test_whether_texts_are_lists_of_lines_is_found(source: Any, lines: bool) -> None:
    assert read(dump(notebook(code(source)))).style.lines == lines


def test_the_order_of_keys_is_found_where_most_cells_are_not_sorted() -> None:
    unsorted = {"source": "a", "cell_type": "raw", "id": "x"}
    tree = {**notebook(), "cells": [unsorted, unsorted, code("a")]}
    order = read(dump(tree, sort_keys=False)).style.order
    assert order[:3] == ("source", "cell_type", "id")
    assert read(dump(tree)).style.order == ()


@pytest.mark.parametrize("escaped", [True, False])
def test_escapes_are_found(escaped: bool) -> None:
    data = dump(notebook(code(["é"])), ensure_ascii=escaped)
    assert read(data).style.ascii == escaped


VALUES: list[Any] = [
    {},
    [],
    {"a": [], "b": {}, "c": [[]]},
    [1, 2.5, -1e300, 1e16, True, False, None, "a"],
    [float("nan"), float("inf"), -float("inf")],
    {"z": {"y": ['\x00\x1f\x7f"\\/\u2028é🎉\n']}, "a": [{"b": 1}, "c", [1, [2]]]},
    "text",
    5,
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("ascii", [True, False])
@pytest.mark.parametrize(
    ("indent", "comma", "colon"), [(" ", ",", ": "), ("\t", ", ", ":"), (None, ", ", ": ")]
)
def test_values_are_written_as_the_standard_library_writes_them(
    value: Any, ascii: bool, indent: str | None, comma: str, colon: str
) -> None:
    style = Style(indent=indent, comma=comma, colon=colon, ascii=ascii)
    expected = json.dumps(
        value, indent=indent, separators=(comma, colon), ensure_ascii=ascii, sort_keys=True
    )
    assert Dumper(style).dump(value) == expected
