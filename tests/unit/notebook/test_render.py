"""Writing notebook files: what changes in them, and what does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from jupyter_crdt_autosave.notebook import Notebook, normalise, read, render
from jupyter_crdt_autosave.notebook.survey import DEEPEST
from tests.unit.notebook.files import Content, code, dump, markdown, notebook

Edit = Callable[[Content], Any]
STREAM = {"name": "stdout", "output_type": "stream", "text": ["a\n", "b\n"]}


def edited(data: bytes, edit: Edit) -> bytes:
    base = read(data)
    content = deepcopy(base.content)
    edit(content)
    return render(content, base)


def diff(data: bytes, edit: Edit) -> tuple[list[str], list[str]]:
    """Give the lines that went, and those that came, around which all else is as it was."""
    old, new = (each.decode().split("\n") for each in (data, edited(data, edit)))
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return [line.strip() for line in old], [line.strip() for line in new]


def cell_text(data: bytes, place: int) -> Any:
    return json.loads(data)["cells"][place]


def type_x(content: Content) -> None:
    content["cells"][0]["source"] += "x"


# What stays


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


# What changes


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


# Ids


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


# Without a file


def test_without_a_file_trust_and_signatures_are_left_out() -> None:
    tree = notebook(code("a\nb", id="a", metadata={"trusted": True}), metadata={"signature": "x"})
    assert render(tree, None) == dump(notebook(code(["a\n", "b"], id="a"), metadata={}))


def test_without_a_file_formats_without_ids_get_none() -> None:
    assert render(notebook(code("", id="a"), minor=4), None) == dump(notebook(code([]), minor=4))


def test_lone_surrogates_are_escaped() -> None:
    data = render(notebook(code("é\ud800", id="a")), None)
    assert 'é\\ud800"'.encode() in data
    assert cell_text(data, 0)["source"] == ["é\ud800"]


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"cells": 5, "metadata": 5, "nbformat_minor": None},
        {"cells": [5, {}, {"cell_type": "code", "outputs": [5, {}]}], "unknown": (1, {2})},
        {"cells": [{"source": 5, "attachments": {"a": 5}, "metadata": 5}]},
        {"cells": [{"cell_type": "code", "outputs": [{"output_type": "display_data", "data": 5}]}]},
    ],
)
def test_content_of_any_shape_can_be_written(odd: dict[str, Any]) -> None:
    assert json.loads(render(odd, None))
    base = read(dump(notebook(code("a", id="a"))))
    assert read(render(odd, base)).content["cells"]


# Depth


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
