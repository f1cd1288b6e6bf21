"""A person types, the file is exported again and again, and programs write back what they read.

Histories are drawn from a seed. Whoever wrote the file back knows the file of one moment only:
nothing that was typed since may be lost, whatever else that program does to the notebook.
"""

from __future__ import annotations

import os
import random
import re
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from jupyter_crdt_autosave.merge.base import Base
from jupyter_crdt_autosave.merge.plan import plan
from jupyter_crdt_autosave.merge.revise import revise
from jupyter_crdt_autosave.notebook import normalise

SEEDS = int(os.environ.get("MERGE_EXAMPLES", "1500"))
PLACES = ("kept", "plain", "shared")

Content = dict[str, Any]


def notebook_of(cells: list[tuple[str, str]]) -> Content:
    """A notebook of code cells with these ids and sources."""
    made = [{"cell_type": "code", "id": name, "source": source} for name, source in cells]
    return normalise({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@dataclass
class History:
    """A document in which somebody types, and the points where its file agreed with it."""

    dice: random.Random
    cells: list[tuple[str, str]] = field(default_factory=list)
    bases: list[Base] = field(default_factory=list)
    typed: dict[str, list[str]] = field(default_factory=dict)
    number: int = 0

    def begin(self) -> None:
        """Open a notebook."""
        self.cells = [("title", "# A story"), ("log", "log = []"), ("last", "last = 1")]
        for name in PLACES:
            self.cells.insert(self.dice.randrange(4), (name, f"{name} = 0\n# {name}: "))
            self.typed[name] = []
        self.agree(exported=False)

    def agree(self, exported: bool) -> None:
        """The file holds the document."""
        content = notebook_of(self.cells)
        self.bases.insert(0, Base(content, content, f"{len(self.bases)}", exported))

    def type(self, words: int) -> None:
        """Type words into one cell after the other, eight to a line; the last may be begun only."""
        for _ in range(words):
            name = self.dice.choice(PLACES)
            self.number += 1
            word = f"{name[0]}{self.number:04d}"
            self.typed[name].append(word)
            end = "\n# " if len(self.typed[name]) % 8 == 0 else " "
            self.put(name, word + end)

    def put(self, name: str, text: str) -> None:
        """Append to a cell."""
        self.cells = [(n, s + text if n == name else s) for n, s in self.cells]

    def edited(self, name: str, since: Base) -> bool:
        """Whether a cell is another one than it was at some point."""
        before = {cell["id"]: cell["source"] for cell in since.content["cells"]}
        return bool(before[name] != dict(self.cells)[name])


def lived(dice: random.Random) -> History:
    """A notebook with a past: exports, and now and then a tool that had read the newest one."""
    history = History(dice)
    history.begin()
    for number in range(dice.randint(1, 8)):
        history.type(dice.randint(1, 12))
        history.agree(exported=True)
        if dice.random() < 0.3:
            history.put("log", f"\nlog.append('tool {number}')")
            history.agree(exported=False)
    history.type(dice.choice([0, 0, 3]))
    return history


def written(dice: random.Random, read: Base) -> tuple[Content, set[str]]:
    """What an agent makes of what it read, and the cells that it deleted."""
    cells = [(cell["id"], cell["source"]) for cell in read.content["cells"]]
    gone = {name for name in (*PLACES, "title") if dice.random() < 0.15}
    cells = [(name, source) for name, source in cells if name not in gone]
    for name, text in (("last", "\nagent = 'a0001'"), ("log", "\nlog.append('a0001')")):
        if dice.random() < 0.5:
            cells = [(n, s + text if n == name else s) for n, s in cells]
    if dice.random() < 0.3:
        cells.insert(dice.randint(0, len(cells)), ("fresh", "a0002 = 'added'"))
    if dice.random() < 0.2:
        cells = [(f"{number}", source) for number, (_, source) in enumerate(cells)]
    return notebook_of(cells), gone


def _as_it_is(content: Content, _: object) -> Content:
    """A version all of whose cells have ids."""
    return content


def words(content: Content, letter: str) -> list[str]:
    """The words that were typed into one of the places, as they stand in a notebook."""
    return [
        w for cell in content["cells"] for w in re.findall(rf"\b{letter}\d{{4}}\b", cell["source"])
    ]


@pytest.mark.parametrize("part", range(5))
def test_what_was_typed_since_a_program_read_the_file_is_kept(part: int) -> None:
    for seed in range(part, SEEDS, 5):
        dice = random.Random(seed)
        history = lived(dice)
        start = dice.randrange(min(5, len(history.bases)))
        read = history.bases[start]
        theirs, gone = written(dice, read)
        if theirs == read.content:
            continue
        made = plan(partial(_as_it_is, theirs), history.bases, notebook_of(history.cells), False)
        result = made.decisions.content
        for name in PLACES:
            if name in gone and not history.edited(name, read):
                continue
            assert words(result, name[0]) == history.typed[name], f"seed {seed}, {name}"
        texts = [cell["source"] for cell in result["cells"]]
        texts += [conflict.theirs for conflict in made.decisions.conflicts]
        for word in ("a0001", "a0002"):
            wanted = any(word in cell["source"] for cell in theirs["cells"])
            assert wanted == any(word in text for text in texts), f"seed {seed}"


def typing_since(history: History, before: Content, words: int) -> Content:
    """The document after some more words; the cells nobody typed in are the very objects."""
    history.type(words)
    old = {cell["id"]: cell for cell in before["cells"]}
    now = notebook_of(history.cells)
    cells = [cell if cell != old[cell["id"]] else old[cell["id"]] for cell in now["cells"]]
    return {**now, "cells": cells}


def test_what_is_typed_while_it_is_decided_is_kept_and_nothing_else_comes_out() -> None:
    met = 0
    for seed in range(SEEDS // 5):
        dice = random.Random(seed)
        history = lived(dice)
        theirs, _ = written(dice, history.bases[dice.randrange(min(5, len(history.bases)))])
        before = notebook_of(history.cells)
        made = plan(partial(_as_it_is, theirs), history.bases, before, False)
        ours = typing_since(history, before, dice.randint(1, 4))
        revised = revise(made, before, ours)
        if revised is None:
            continue
        met += 1
        anew = plan(partial(_as_it_is, theirs), history.bases, ours, False)
        assert revised.losses == (), f"seed {seed}"
        assert revised.decisions == anew.decisions, f"seed {seed}"
    assert met > SEEDS // 20
