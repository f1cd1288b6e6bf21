"""The Y document: made the same everywhere, mirrored exactly, changed as little as possible."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc

from jupyter_crdt_autosave.document.bootstrap import bootstrap
from jupyter_crdt_autosave.document.converge import converge
from jupyter_crdt_autosave.document.mirror import Mirror
from jupyter_crdt_autosave.document.statevector import decode
from jupyter_crdt_autosave.document.untracked import UntrackedNotebook
from jupyter_crdt_autosave.merge.decisions import CellDecision, Decisions
from jupyter_crdt_autosave.notebook import digest, normalise, same

from .notebooks import edits_of, notebooks

Content = dict[str, Any]


def made_from(content: Content) -> UntrackedNotebook:
    """A document that begins as `content`."""
    notebook = UntrackedNotebook(Doc())
    notebook.ydoc.apply_update(bootstrap(content)[1])
    return notebook


def read_back(mirror: Mirror) -> Content:
    """What a mirror says."""
    return asyncio.run(mirror.settle()).notebook


def replaced_by(ours: Content, after: Content) -> Decisions:
    """The decision that a document becomes `after`, each cell from the one with its id."""
    places = {cell["id"]: place for place, cell in enumerate(ours["cells"])}
    cells = []
    for place, cell in enumerate(after["cells"]):
        mine = places.get(cell["id"])
        changed = mine is None or not same(cell, ours["cells"][mine])
        cells.append(CellDecision(cell, mine, place, changed))
    return Decisions(tuple(cells), after["metadata"], after["nbformat"], after["nbformat_minor"])


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Content, Content]:
    """A notebook, and what became of it, both in normal form."""
    before = normalise(draw(notebooks()))
    return before, normalise(draw(edits_of(before)))


@settings(deadline=None)
@given(notebooks())
def test_a_document_holds_what_it_is_made_from(content: Content) -> None:
    content = normalise(content)
    held = read_back(Mirror(made_from(content)))
    assert same(held, content)


@settings(deadline=None)
@given(notebooks())
def test_two_servers_make_one_history(content: Content) -> None:
    content = normalise(content)
    both = made_from(content)
    both.ydoc.apply_update(bootstrap(content)[1])
    assert same(read_back(Mirror(both)), content)
    assert list(decode(both.ydoc.get_state())) == [bootstrap(content)[0]]


def turned_round(value: Any) -> Any:
    """The same JSON value with the keys of every object in the opposite order."""
    if isinstance(value, dict):
        return {key: turned_round(value[key]) for key in reversed(value)}
    return [turned_round(one) for one in value] if isinstance(value, list) else value


@settings(deadline=None)
@given(notebooks())
def test_the_order_of_keys_makes_no_other_history(content: Content) -> None:
    """One client id with two histories would diverge silently."""
    content = normalise(content)
    first, second = bootstrap(content), bootstrap(turned_round(content))
    assert first[0] == second[0]
    both = made_from(content)
    both.ydoc.apply_update(second[1])
    alone: Doc[Any] = Doc()
    alone.apply_update(second[1])
    assert same(read_back(Mirror(both)), read_back(Mirror(UntrackedNotebook(alone))))
    assert decode(both.ydoc.get_state()) == decode(alone.get_state())


@settings(deadline=None)
@given(pairs())
def test_a_document_becomes_what_it_is_to_become(pair: tuple[Content, Content]) -> None:
    before, after = pair
    notebook = made_from(before)
    mirror = Mirror(notebook)
    ours = read_back(mirror)
    converge(notebook, ours, replaced_by(ours, after))
    assert same(read_back(mirror), after)
    assert same(read_back(Mirror(notebook)), after), "the mirror missed a change"
    assert asyncio.run(mirror.settle()).digest == digest(after)


@settings(deadline=None)
@given(notebooks())
def test_nothing_is_written_where_nothing_differs(content: Content) -> None:
    content = normalise(content)
    notebook = made_from(content)
    updates: list[bytes] = []
    subscription = notebook.ydoc.observe(lambda event: updates.append(event.update))
    ours = read_back(Mirror(notebook))
    converge(notebook, ours, replaced_by(ours, content))
    notebook.ydoc.unobserve(subscription)
    assert updates == []


def test_a_cell_with_a_number_beyond_all_integers_can_be_moved() -> None:
    data = {"application/json": {"far": 1e22, "near": 2.0}}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    cells = [{"cell_type": "code", "id": name, "source": name} for name in "abc"]
    before = normalise({"cells": [{**cells[0], "outputs": [output]}, *cells[1:]]})
    after = {**before, "cells": [*before["cells"][1:], before["cells"][0]]}
    notebook = made_from(before)
    mirror = Mirror(notebook)
    ours = read_back(mirror)
    converge(notebook, ours, replaced_by(ours, after))
    assert same(read_back(mirror), after)


def code(count: int) -> Content:
    """A notebook of code cells."""
    cells = [
        {"cell_type": "code", "id": f"c{index}", "source": f"value = {index}\n" * 20}
        for index in range(count)
    ]
    return normalise({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def update_size(before: Content, after: Content) -> int:
    """Bytes of the update that makes `after` of `before`."""
    notebook = made_from(before)
    sizes: list[int] = []
    subscription = notebook.ydoc.observe(lambda event: sizes.append(len(event.update)))
    converge(notebook, before, replaced_by(before, after))
    notebook.ydoc.unobserve(subscription)
    return sum(sizes)


def test_one_changed_character_is_a_small_update() -> None:
    before, after = code(50), code(50)
    after["cells"][7]["source"] = after["cells"][7]["source"].replace("value", "Value", 1)
    assert update_size(before, after) < 80


def test_a_moved_cell_costs_about_that_cell() -> None:
    before, after = code(50), code(50)
    after["cells"].append(after["cells"].pop(0))
    assert update_size(before, after) < 2 * len(str(before["cells"][0]))


def test_state_vectors_are_read_as_yjs_writes_them() -> None:
    doc: Doc[Any] = Doc(client_id=2**53 - 1)
    assert decode(doc.get_state()) == {}
    notebook = UntrackedNotebook(doc)
    notebook.ystate["a"] = 1.0
    notebook.ystate["b"] = 2.0
    assert decode(doc.get_state()) == {2**53 - 1: 2}


@given(st.binary(max_size=6))
def test_whatever_is_no_state_vector_is_refused_as_such(data: bytes) -> None:
    with suppress(ValueError):
        decode(data)
