"""Notebooks of old major formats."""

from __future__ import annotations

import json
import logging
from typing import Any

import nbformat as nbformat_package
import pytest

from jupyter_crdt_autosave.notebook import read, render
from tests.unit.notebook.files import dump

nbformat: Any = nbformat_package

V3 = {
    "nbformat": 3,
    "nbformat_minor": 0,
    "metadata": {"name": "old", "signature": "x", "mine": {"a": 1}},
    "worksheets": [
        {
            "cells": [
                {"cell_type": "heading", "level": 2, "source": ["Title"]},
                {
                    "cell_type": "code",
                    "collapsed": True,
                    "input": ["a = 1\n", "a"],
                    "language": "python",
                    "prompt_number": 7,
                    "outputs": [
                        {
                            "output_type": "pyout",
                            "prompt_number": 7,
                            "text": ["1\n", "2"],
                            "json": '{"a": [1]}',
                            "metadata": {"b": {}},
                        },
                        {"output_type": "stream", "stream": "stderr", "text": "oh"},
                        {"output_type": "pyerr", "ename": "E", "evalue": "", "traceback": []},
                    ],
                },
            ]
        },
        {"cells": [{"cell_type": "html", "source": "<b>"}, {"cell_type": "code", "outputs": []}]},
    ],
}
V2 = {
    "nbformat": 2,
    "metadata": {"name": "older"},
    "worksheets": [
        {"cells": [{"cell_type": "code", "input": "a", "outputs": [], "prompt_number": 1}]}
    ],
}
V1 = {
    "nbformat": 1,
    "cells": [{"cell_type": "code", "code": "a"}, {"cell_type": "text", "text": "b"}],
}


def without_ids(content: Any) -> Any:
    made = json.loads(json.dumps(content))
    for cell in made["cells"]:
        del cell["id"]
    return made


@pytest.mark.parametrize("tree", [V2, V3])
def test_old_notebooks_become_what_nbformat_makes_of_them(
    tree: Any, caplog: pytest.LogCaptureFixture
) -> None:
    content = without_ids(read(dump(tree)).content)
    assert not caplog.records
    with caplog.at_level(logging.CRITICAL, "traitlets"):
        expected = without_ids(nbformat.reads(json.dumps(tree), as_version=4))
    for key in ("kernelspec", "language_info"):
        del content["metadata"][key]
    for key in ("orig_nbformat", "orig_nbformat_minor"):
        del expected["metadata"][key]
    for cell in expected["cells"]:
        if cell["cell_type"] == "code":
            cell.setdefault("execution_count", None)
    assert content == expected


def test_the_first_format_is_read_too() -> None:
    cells = read(dump(V1)).content["cells"]
    assert [(cell["cell_type"], cell["source"]) for cell in cells] == [
        ("code", "a"),
        ("markdown", "b"),
    ]


@pytest.mark.parametrize("tree", [V1, V2, V3])
def test_ids_of_converted_cells_are_no_random_ones(tree: Any) -> None:
    first, second = (read(dump(tree)) for _ in range(2))
    assert first.content == second.content
    assert first.converted
    assert first.raw is None
    assert first.cell_ids == ()


def test_a_converted_notebook_is_written_in_format_4() -> None:
    base = read(dump(V3))
    data = render(base.content, base)
    assert data == render(base.content, None)
    assert read(data).content == base.content
    nbformat.validate(json.loads(data))


def test_a_converted_notebook_holds_plain_values_only() -> None:
    def kinds(value: Any) -> set[type]:
        inner = value.values() if isinstance(value, dict) else value
        nested = inner if isinstance(value, (dict, list)) else ()
        return {type(value)}.union(*map(kinds, nested))

    assert kinds(read(dump(V3)).content) <= {dict, list, str, int, bool, type(None)}
