"""The normal form of content."""

from __future__ import annotations

from collections import OrderedDict
from copy import deepcopy
from typing import Any

import pytest

from jupyter_crdt_autosave.notebook import normalise
from tests.unit.notebook.files import KERNEL, code, markdown, notebook

FILLING = {"kernelspec": {"name": "", "display_name": ""}, "language_info": {"name": ""}}


def ids_of(*cells: Any) -> list[str]:
    return [cell["id"] for cell in normalise(notebook(*cells))["cells"]]


def test_a_notebook_without_cells_gets_an_empty_one() -> None:
    (cell,) = normalise(notebook())["cells"]
    assert cell.pop("id")
    assert cell == code("", metadata={"trusted": True})


def test_missing_kernel_metadata_is_filled_in_as_the_front_end_does() -> None:
    assert normalise(notebook(metadata={}))["metadata"] == FILLING
    assert normalise(notebook())["metadata"] == KERNEL


def test_cells_get_what_they_lack() -> None:
    cells = normalise(notebook({"cell_type": "code"}, {"cell_type": "raw"}))["cells"]
    assert {**cells[0], "id": ""} == code("", id="")
    assert {**cells[1], "id": ""} == {"cell_type": "raw", "metadata": {}, "source": "", "id": ""}


def test_empty_attachments_go_from_cells_that_may_have_some() -> None:
    cells = normalise(notebook(markdown("a", attachments={}), code("a", attachments={})))["cells"]
    assert ["attachments" in cell for cell in cells] == [False, True]


@pytest.mark.parametrize(
    ("found", "held"),
    [
        ("a\ud800b", "a\ufffdb"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ude00", "😀"),
        (float("nan"), None),
        (float("inf"), None),
        (-float("inf"), None),
        (2**53 - 1, 2**53 - 1),
        (2**53, float(2**53)),
        (-(2**60), float(-(2**60))),
        (10**400, None),
        (1.0, 1.0),
        (True, True),
        ((1, 2), [1, 2]),
        (OrderedDict(a=OrderedDict(b="\ud800")), {"a": {"b": "\ufffd"}}),
    ],
)
def test_what_a_y_document_cannot_hold_becomes_the_nearest_that_it_can(
    found: Any, held: Any
) -> None:
    content = normalise(notebook(code("a", metadata={"value": [found]}), metadata={"value": found}))
    for value in (content["metadata"]["value"], content["cells"][0]["metadata"]["value"][0]):
        assert value == held
        assert type(value) is type(held)


def test_keys_too_lose_their_lone_surrogates() -> None:
    assert "\ufffd" in normalise(notebook(metadata={"\udc00": 1}))["metadata"]


def test_the_first_of_two_cells_with_one_id_keeps_it() -> None:
    first, second, third = ids_of(code("a", id="x"), code("b", id="x"), code("c", id="y"))
    assert (first, third) == ("x", "y")
    assert second not in ("x", "y")


def test_no_derived_id_is_one_that_a_later_cell_has() -> None:
    (derived,) = ids_of(code("a"))
    first, second = ids_of(code("a"), code("b", id=derived))
    assert second == derived != first


@pytest.mark.parametrize("unusable", [None, "", 5, ["a"]])
def test_an_id_that_is_no_text_is_replaced(unusable: Any) -> None:
    assert ids_of(code("a", id=unusable)) == ids_of(code("a"))


def test_a_derived_id_stays_while_other_cells_change() -> None:
    before = ids_of(code("a"), code("b"), code("a"))
    after = ids_of(markdown("new"), code("a"), code("B"), code("a"))
    assert (after[1], after[3]) == (before[0], before[2])


def test_a_derived_id_stays_when_the_cell_runs() -> None:
    ran = code("a", execution_count=3, outputs=[{"output_type": "stream", "text": "x"}])
    assert ids_of(ran) == ids_of(code("a"))


def test_twin_cells_get_different_ids() -> None:
    assert len(set(ids_of(*[code("a")] * 5, *[markdown("a")] * 5))) == 10


def test_trusted_flags_stay() -> None:
    cells = normalise(notebook(code("a", metadata={"trusted": True})))["cells"]
    assert cells[0]["metadata"] == {"trusted": True}


def test_the_argument_is_left_alone() -> None:
    content = notebook(code(["a"], outputs=[{"output_type": "stream"}]), metadata={"a": [10**400]})
    before = deepcopy(content)
    normalise(content)
    assert content == before


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"cells": None},
        {"cells": 5, "metadata": 5, "nbformat_minor": "x"},
        {"cells": [5, None, {}], "nbformat_minor": float("nan")},
        {"cells": [{"cell_type": 5, "source": 5, "metadata": 5, "outputs": 5}]},
        {"cells": [{"cell_type": "code", "outputs": [5, {"output_type": ["a"]}]}]},
        {"cells": [{"cell_type": "raw", "attachments": {"a": 5}}]},
    ],
)
def test_content_of_any_shape_becomes_a_notebook(odd: dict[str, Any]) -> None:
    content = normalise(odd)
    assert content["cells"]
    assert normalise(content) == content
