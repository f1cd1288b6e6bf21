"""Merges of real situations, kept on disk as four notebooks each: see ``tests/cases``.

``base`` is the file when file and document last agreed, ``doc`` the document now, ``file`` what
another program made of the file, ``expected`` the merged notebook. A document has cell ids in
every format, so ``doc`` and ``expected`` show them also where a file of that format has none.
Where words of both sides are in conflict, ``conflicts.json`` lists the marks; else there are none.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest

from jupyter_crdt_autosave.merge.decide import decide
from jupyter_crdt_autosave.merge.decisions import Decisions
from jupyter_crdt_autosave.notebook import Notebook, normalise, read, render, same
from jupyter_crdt_autosave.notebook.trust import untrusted
from jupyter_crdt_autosave.room.pages import theirs

CASES = Path(__file__).parent.parent / "cases"
PARTS = {"base.ipynb", "doc.ipynb", "file.ipynb", "expected.ipynb"}
FEWEST = 40
LAYOUT = re.compile(r"([a-z0-9-]+?)--([a-z]+\.[a-z]+)")

Content = dict[str, Any]


def parts() -> dict[str, set[str]]:
    """The parts that each case has on disk."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in CASES.glob("*--*"):
        name, part = path.name.rsplit("--", 1)
        found[name].add(part)
    return found


NAMES = sorted(parts())


class Sides(NamedTuple):
    """What a merge is given."""

    base: Content
    theirs: Content
    ours: Content


def data(name: str, part: str) -> bytes:
    """One part of a case."""
    return (CASES / f"{name}--{part}").read_bytes()


def tree(name: str, part: str) -> Content:
    """One part of a case in normal form, its trusted flags kept."""
    return normalise(json.loads(data(name, part)))


def with_names(name: str) -> Notebook:
    """The file, its nameless cells named after their counterparts in the base."""
    base = read(data(name, "base.ipynb"))
    return theirs(read(data(name, "file.ipynb")), base.content["cells"])


def sides(name: str) -> Sides:
    """The three contents."""
    base = read(data(name, "base.ipynb")).content
    return Sides(base, with_names(name).content, tree(name, "doc.ipynb"))


def merged(name: str) -> Decisions:
    """What is decided for a case."""
    return decide(*sides(name))


def without_trust(content: Content) -> list[Content]:
    """The cells, without the flags that no file has."""
    return [dict(untrusted(cell)) for cell in content["cells"]]


def shown(cells: list[Content], key: str) -> list[Any]:
    """One key of all cells, by cell, for a message that can be read."""
    return [(cell["id"], cell.get(key)) for cell in cells]


def expected_conflicts(name: str) -> list[Content]:
    """The marks that a case lists, none if it lists none."""
    path = CASES / f"{name}--conflicts.json"
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


def test_there_are_enough_cases_and_each_is_complete() -> None:
    assert len(NAMES) >= FEWEST
    odd = {name: found for name, found in parts().items() if found - {"conflicts.json"} != PARTS}
    assert odd == {}


def test_nothing_else_lies_among_the_cases() -> None:
    names = {path.name for path in CASES.iterdir()} - {".gitattributes"}
    assert [name for name in names if not LAYOUT.fullmatch(name)] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_merged_notebook_is_the_expected_one(name: str) -> None:
    got, wanted = merged(name).content, tree(name, "expected.ipynb")
    cells, expected = without_trust(got), without_trust(wanted)
    for key in ("id", "cell_type", "source", "outputs", "execution_count", "metadata"):
        assert shown(cells, key) == shown(expected, key)
    assert shown(cells, "attachments") == shown(expected, "attachments")
    assert same(cells, expected)
    assert same({**got, "cells": []}, {**wanted, "cells": []})


@pytest.mark.parametrize("name", NAMES)
def test_conflicts_are_the_listed_ones(name: str) -> None:
    found = [
        {"cell": mark.cell, "kind": mark.kind, "theirs": mark.theirs}
        for mark in merged(name).conflicts
    ]
    assert found == expected_conflicts(name)


@pytest.mark.parametrize("name", NAMES)
def test_merging_again_decides_the_same_and_changes_no_side(name: str) -> None:
    given = sides(name)
    before = deepcopy(given)
    first, second = decide(*given), decide(*sides(name))
    assert first == second
    assert given == before


@pytest.mark.parametrize("name", NAMES)
def test_the_merged_notebook_is_valid(name: str) -> None:
    written = json.loads(render(merged(name).content, None))
    nbformat.validate(written)
    assert len(written["cells"]) == len(merged(name).cells)


@pytest.mark.parametrize("name", NAMES)
def test_written_over_the_file_the_merged_notebook_is_read_back(name: str) -> None:
    content = merged(name).content
    again = theirs(read(render(content, with_names(name))), content["cells"]).content
    assert without_trust(again) == without_trust(content)
    assert same({**again, "cells": []}, {**content, "cells": []})


@pytest.mark.parametrize("name", NAMES)
def test_each_cell_says_where_it_was(name: str) -> None:
    _, file, document = sides(name)
    decided = merged(name).cells
    for places, cells in (
        ([each.ours for each in decided], document["cells"]),
        ([each.theirs for each in decided], file["cells"]),
    ):
        known = [place for place in places if place is not None]
        assert len(known) == len(set(known))
        assert set(known) <= set(range(len(cells)))
    for each in decided:
        old = None if each.ours is None else untrusted(document["cells"][each.ours])
        assert each.changed == (old is None or not same(untrusted(each.cell), old))
