"""Writing notebook files: what changes in them, and how the new looks."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from jupyter_crdt_autosave.notebook import Notebook, normalise, read, render
from jupyter_crdt_autosave.notebook.survey import DEEPEST
from tests.unit.notebook.edits import STREAM, diff, edited, type_x
from tests.unit.notebook.files import Content, code, dump, markdown, notebook


def cell_text(data: bytes, place: int) -> Any:
    return json.loads(data)["cells"][place]


def test_typing_in_a_line_changes_that_line() -> None:
    data = dump(notebook(code(["a\n", "b\n", "c"], id="a")))

    def type_in_b(content: Content) -> None:
        content["cells"][0]["source"] = "a\nbé\nc"

    assert diff(data, type_in_b) == (['"b\\n",'], ['"bé\\n",'])


def test_a_new_line_is_the_only_one_that_changes() -> None:
    data = dump(notebook(code(["a\n", "b\n", "c"], id="a")))

    def insert(content: Content) -> None:
        content["cells"][0]["source"] = "a\nnew\nb\nc"

    assert diff(data, insert) == ([], ['"new\\n",'])


def test_lines_that_stay_keep_their_escapes() -> None:
    data = dump(notebook(code(["é\n", "\x7f/\n", "c"], id="a")))
    data = data.replace("é".encode(), rb"\u00E9").replace(b"/", rb"\/")
    assert diff(data, type_x) == (['"c"'], ['"cx"'])


def test_a_source_in_one_string_stays_in_one_string() -> None:
    data = dump(notebook(code("a\nb", id="a"), code(["a\n", "b"], id="b")))
    assert diff(data, type_x) == (['"source": "a\\nb"'], ['"source": "a\\nbx"'])


@pytest.mark.parametrize(
    ("found", "new", "written"),
    [
        (["a\x0cb\n", "c"], "a\x0cb\ncd\x0ce", ["a\x0cb\n", "cd\x0ce"]),
        (["a\n", "b\n", ""], "a\nb\nc\n", ["a\n", "b\n", "c\n", ""]),
        (["ab", "cd", "ef"], "abcXdef", ["ab", "cXd", "ef"]),
        (["ab", "cd"], "abXcd", ["abX", "cd"]),
        (["a\nb", "c"], "Xa\nbc", ["Xa\nb", "c"]),
        (["a\nb\nc"], "a\nb\nX\nc", ["a\nb\nX\nc"]),
        (["", "ab"], "Xab", ["X", "ab"]),
        (["a", "b\r", "c"], "ab\rXc", ["a", "b\r", "Xc"]),
        ([""], "a", ["a"]),
        ([], "a\nb", ["a\n", "b"]),
        ("", "a\nb", ["a\n", "b"]),
        (["a"], "", []),
    ],
)
def test_a_changed_source_is_split_as_it_was(found: Any, new: str, written: list[str]) -> None:
    data = dump(notebook(code(found, id="a"), code(["a\n", "b"], id="b")))

    def replace(content: Content) -> None:
        content["cells"][0]["source"] = new

    result = cell_text(edited(data, replace), 0)["source"]
    assert "".join(result) == new
    assert result == written


def test_a_change_in_one_output_changes_that_one_only() -> None:
    data = dump(notebook(code("a", id="a", outputs=[STREAM, {**STREAM, "odd": 1.0}])))

    def grow(content: Content) -> None:
        content["cells"][0]["outputs"][1]["text"] += "c\n"

    assert diff(data, grow) == (['"b\\n"'], ['"b\\n",', '"c\\n"'])


def test_an_output_removed_from_the_middle_takes_its_lines_along() -> None:
    outputs = [{**STREAM, "name": name, "number": 1.0} for name in "abcdef"]
    data = dump(notebook(code("a", id="a", outputs=outputs)))

    def remove(content: Content) -> None:
        del content["cells"][0]["outputs"][4], content["cells"][0]["outputs"][1]

    assert edited(data, remove) == dump(
        notebook(code("a", id="a", outputs=[outputs[place] for place in (0, 2, 3, 5)]))
    )


def test_an_output_that_another_one_follows_keeps_its_text() -> None:
    outputs = [{**STREAM, "name": name, "number": 1.0} for name in "abc"]
    data = dump(notebook(code("a", id="a", outputs=outputs))).replace(b"1.0", b"1.00")
    error = {"ename": "E", "evalue": "", "output_type": "error", "traceback": ["a", "b"]}

    def roll(content: Content) -> None:
        del content["cells"][0]["outputs"][0]
        content["cells"][0]["outputs"].append(error)

    rolled = dump(notebook(code("a", id="a", outputs=[*outputs[1:], error])))
    assert edited(data, roll) == rolled.replace(b"1.0", b"1.00")


@pytest.mark.parametrize("kind", ["display_data", "error", "future"])
def test_an_output_of_another_type_is_written_anew(kind: str) -> None:
    odd = {**STREAM, "data": {"text/plain": ["a"]}}
    base = read(dump(notebook(code("a", id="a", outputs=[odd]))))
    content = deepcopy(base.content)
    content["cells"][0]["outputs"][0]["output_type"] = kind
    assert read(render(content, base)).content == normalise(content)


def test_a_cell_of_another_type_is_not_read_by_the_rules_of_the_old_one() -> None:
    base = read(dump(notebook({"cell_type": "code", "id": "a", "outputs": [STREAM]})))
    content = deepcopy(base.content)
    content["cells"][0]["cell_type"] = "future"
    assert read(render(content, base)).content == content


def test_a_new_key_goes_where_keys_are_sorted() -> None:
    data = dump(notebook(code("a", id="a"), metadata={"a": 1, "z": 1}))
    gone, came = diff(data, lambda content: content["metadata"].update(b=[1]))
    assert (gone, came) == ([], ['"b": [', "1", "],"])


def test_a_new_key_goes_last_where_keys_are_not_sorted() -> None:
    data = dump({**notebook(code("a", id="a")), "metadata": {"z": 1, "a": 1}}, sort_keys=False)
    gone, came = diff(data, lambda content: content["metadata"].update(b=1))
    assert (gone, came) == (['"a": 1'], ['"a": 1,', '"b": 1'])


def test_a_moved_cell_keeps_its_text() -> None:
    cells = [code("a", id="a"), code("b", id="b", metadata={"odd": 1.0}), code("c", id="c")]
    data = dump(notebook(*cells)).replace(b"1.0", b"1.00")
    moved = dump(notebook(cells[1], cells[0], cells[2])).replace(b"1.0", b"1.00")
    assert (
        edited(data, lambda content: content["cells"].insert(0, content["cells"].pop(1))) == moved
    )


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("options", [{}, {"indent": "\t"}, {"indent": None}, {"indent": 0}])
def test_a_new_cell_looks_like_the_others(place: int, options: dict[str, Any]) -> None:
    cells = [code(["a\n", "b"], id="a", outputs=[STREAM]), markdown(["c"], id="c")]
    new = code(["d\n", "é"], id="d", outputs=[STREAM], execution_count=1)

    def add(content: Content) -> None:
        joined = code("d\né", id="d", outputs=[{**STREAM, "text": "a\nb\n"}], execution_count=1)
        content["cells"].insert(place, joined)

    data = dump(notebook(*cells), **options)
    cells.insert(place, new)
    assert edited(data, add) == dump(notebook(*cells), **options)


def test_a_new_cell_has_its_keys_in_the_order_of_the_others() -> None:
    order = ("source", "cell_type", "metadata", "id")
    cells = [{key: markdown("a\nb", id=name)[key] for key in order} for name in "ab"]
    data = dump({**notebook(), "cells": cells}, sort_keys=False, separators=(",", ":"), indent=None)
    written = edited(data, lambda content: content["cells"].append(markdown("a\nb", id="c")))
    assert written == data.replace(
        b'"id":"b"}', b'"id":"b"},{"source":"a\\nb","cell_type":"markdown","metadata":{},"id":"c"}'
    )


def test_a_file_in_ascii_stays_so() -> None:
    data = dump(notebook(code(["é\n"], id="a")), ensure_ascii=True)
    assert edited(data, lambda content: content["cells"].append(code("é🎉", id="b"))).isascii()


@pytest.mark.parametrize("text", [r"\u00e9 \n", r"\ud800", "\x1b[0m"])
def test_a_file_with_backslashes_need_not_be_in_ascii(text: str) -> None:
    data = dump(notebook(code([text], id="a")), ensure_ascii=True)
    written = edited(data, lambda content: content["cells"].append(code("é", id="b")))
    assert "é".encode() in written


def deep_in(levels: int, leaf: int) -> Any:
    value: Any = leaf
    for level in range(levels):
        value = {"a": value, "b": [1]} if level % 2 else [value, "c"]
    return value


def at_depth(frames: int, call: Callable[[], bytes]) -> bytes:
    return at_depth(frames - 1, call) if frames else call()


def test_a_change_deep_inside_can_be_written_from_deep_in_the_stack() -> None:
    levels = DEEPEST - 3
    base = read(dump(notebook(code("a", id="a"), metadata={"deep": deep_in(levels, 1)})))
    content = {**base.content, "metadata": {**base.content["metadata"]}}
    content["metadata"]["deep"] = deep_in(levels, 2)
    written = at_depth(150, lambda: render(content, base))
    assert len(_changed_lines(base, written)) == 1
    content["metadata"] = {"fresh": deep_in(levels, 2)}
    assert read(at_depth(150, lambda: render(content, base))).content["metadata"]["fresh"]


def _changed_lines(base: Notebook, written: bytes) -> list[bytes]:
    pairs = zip(base.data.split(b"\n"), written.split(b"\n"), strict=True)
    return [after for before, after in pairs if before != after]
