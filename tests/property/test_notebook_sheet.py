"""Rendering cell by cell: the same bytes, whatever was rendered before."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import nbformat
from hypothesis import assume, given
from hypothesis import strategies as st

from jupyter_crdt_autosave.notebook import Sheet, bare, normalise, read, render
from jupyter_crdt_autosave.notebook.sheet import Rendering

from .notebook_edits import edits_of
from .notebook_parts import Content, notebooks, unhurried


def sharing(before: Content, after: Content) -> Content:
    """What a live document gives: a cell that did not change is the same object as before."""
    known = {json.dumps(cell, sort_keys=True): cell for cell in before["cells"]}
    cells = [known.get(json.dumps(cell, sort_keys=True), cell) for cell in after["cells"]]
    return {**after, "cells": cells}


@st.composite
def histories(draw: st.DrawFn) -> list[Content]:
    """A notebook, and what became of it, step by step; there and back at times."""
    made = [normalise(draw(notebooks()))]
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            made.append(sharing(made[-1], normalise(draw(edits_of(made[-1])))))
        else:
            made.append(draw(st.sampled_from(made)))
    return made


@unhurried
@given(histories())
def test_every_rendering_has_the_bytes_of_a_rendering_from_nothing(history: list[Content]) -> None:
    sheet, found = Sheet(), []
    for content in history:
        found.append(sheet.render(content))
        assert found[-1].data == render(content, None)
    for one in found:
        for other in found:
            assert (one.digest == other.digest) == (one.data == other.data)


@unhurried
@given(notebooks())
def test_it_is_what_nbformat_writes(content: Content) -> None:
    bare = deepcopy(content)
    for cell in bare["cells"]:
        cell["metadata"].pop("trusted", None)
    written = nbformat.writes(nbformat.from_dict(bare), version=nbformat.NO_CONVERT)
    assert Sheet().render(content).data.decode() == f"{written}\n"


@unhurried
@given(
    st.dictionaries(st.sampled_from(("a", "cells", "cellz", "metadata", "é")), st.integers()),
    st.lists(st.none() | st.integers() | st.dictionaries(st.text(), st.integers()), max_size=3),
)
def test_content_of_any_shape_is_written_alike(odd: dict[str, Any], cells: list[Any]) -> None:
    for content in (odd, {**odd, "cells": cells}):
        assert Sheet().render(content).data == render(content, None)


@unhurried
@given(st.data())
def test_over_a_file_as_nbformat_lays_it_out_weaving_gives_the_same(data: st.DataObject) -> None:
    """So whoever knows that a file has the bytes of a rendering need not read it to write it."""
    base = read(Sheet().render(data.draw(notebooks())).data)
    before = normalise(data.draw(edits_of(base.content)))
    woven = render(before, base)
    plain = next((p for p in (bare, same) if Sheet().render(p(before)).data == woven), None)
    assume(plain is not None)
    now = read(woven)
    if len(now.cell_ids) == len(before["cells"]):
        now = now.with_ids([cell["id"] for cell in before["cells"]])
    after = normalise(data.draw(edits_of(before)))
    assert plain is not None
    assert render(after, now) == Sheet().render(plain(after)).data


def same(content: Content) -> Content:
    """As it is."""
    return content


def test_only_what_changed_is_written_again() -> None:
    content = normalise({"cells": [{"cell_type": "code", "source": f"{n}"} for n in range(9)]})
    sheet = Sheet()
    before = sheet.render(content)
    cells = [*content["cells"]]
    cells[4] = {**cells[4], "source": "new"}
    after = sheet.render({**content, "cells": cells})
    assert same_objects(before, after) == [True] * 4 + [False] + [True] * 4
    assert b"new" in after.cells[4]


def test_formats_without_ids_are_written_without_them_whatever_was_written_before() -> None:
    content = normalise({"cells": [{"cell_type": "code", "source": "a"}]})
    old, sheet = {**content, "nbformat_minor": 4}, Sheet()
    for each in (content, old, content):
        assert sheet.render(each).data == render(each, None)


def test_what_is_gone_is_forgotten() -> None:
    content = normalise({"cells": [{"cell_type": "code", "source": f"{n}"} for n in range(9)]})
    sheet = Sheet()
    sheet.render(content)
    sheet.render({**content, "cells": content["cells"][:1]})
    assert len(sheet._page.cells) == 1


def same_objects(one: Rendering, other: Rendering) -> list[bool]:
    """For each cell whether its text is the very same object."""
    return [mine is theirs for mine, theirs in zip(one.cells, other.cells, strict=True)]
