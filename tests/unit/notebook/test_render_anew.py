"""Writing notebook files where there was none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_crdt_autosave.notebook import read, render
from tests.unit.notebook.files import code, dump, notebook


def cell_text(data: bytes, place: int) -> Any:
    return json.loads(data)["cells"][place]


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
