"""Random ways to write notebooks to files, and what files have that they should not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.property.notebook_parts import Cell, Content, Json, notebooks

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Layout:
    """How a program writes JSON."""

    indent: int | str | None = 1
    separators: tuple[str, str] = (",", ": ")
    ascii: bool = False
    sort: bool = True
    newline: str = "\n"
    tail: str = "\n"
    bom: bool = False
    split: Callable[[str], Json] = lambda text: text.splitlines(True)

    def dump(self, tree: Json) -> bytes:
        """Write JSON in file form."""
        text = json.dumps(
            tree,
            indent=self.indent,
            separators=self.separators,
            ensure_ascii=self.ascii,
            sort_keys=self.sort,
        )
        text = (text + self.tail).replace("\n", self.newline)
        text = _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):x}", text)
        return text.encode("utf-8-sig" if self.bom else "utf-8")

    def write(self, notebook: Content) -> bytes:
        """Write a notebook, with its long texts in lines."""
        return self.dump({**notebook, "cells": [self._cell(cell) for cell in notebook["cells"]]})

    def _cell(self, cell: Cell) -> Cell:
        source = cell.get("source")
        made = {**cell, "source": self.split(source)} if isinstance(source, str) else cell
        if made["cell_type"] != "code" or not made.get("outputs"):
            return made
        return {**made, "outputs": [self._output(each) for each in made["outputs"]]}

    def _output(self, output: dict[str, Json]) -> dict[str, Json]:
        if output.get("output_type") == "stream" and isinstance(output.get("text"), str):
            return {**output, "text": self.split(output["text"])}
        if isinstance(output.get("data"), dict):
            data = {mime: self._data(mime, value) for mime, value in output["data"].items()}
            return {**output, "data": data}
        return output

    def _data(self, mime: str, value: Json) -> Json:
        return self.split(value) if mime.startswith("text/") else value


def lines(text: str) -> list[str]:
    """Split as Python does."""
    return text.splitlines(True)


def newlines(text: str) -> list[str]:
    """Split at newlines only."""
    return [line for line in newlines_and_rest(text) if line]


def newlines_and_rest(text: str) -> list[str]:
    """Split at newlines only, with an empty rest after the last one."""
    *whole, rest = text.split("\n")
    return [*(line + "\n" for line in whole), rest]


def in_threes(text: str) -> list[str]:
    """Split where no line ends."""
    return [text[start : start + 3] for start in range(0, len(text), 3)]


def one_string(text: str) -> str:
    """Split nothing."""
    return text


def layouts() -> st.SearchStrategy[Layout]:
    """Layouts of all kinds of programs."""
    return st.builds(
        Layout,
        indent=st.sampled_from((1, 2, 4, 0, "\t", None)),
        separators=st.sampled_from(((",", ": "), (", ", ": "), (",", ":"), (", ", " : "))),
        ascii=st.booleans(),
        sort=st.booleans(),
        newline=st.sampled_from(("\n", "\r\n")),
        tail=st.sampled_from(("", "\n", "\n\n")),
        bom=st.booleans(),
        split=st.sampled_from((lines, newlines, newlines_and_rest, in_threes, one_string)),
    )


# Notebooks that are not quite valid, as files have them


@st.composite
def messy_notebooks(draw: st.DrawFn) -> Content:
    """Notebooks with what real files have and should not."""
    notebook = draw(notebooks())
    for cell in notebook["cells"]:
        draw(st.sampled_from(_CELL_FLAWS))(cell)
    for _ in range(draw(st.integers(0, 2))):
        draw(st.sampled_from(_FLAWS))(notebook)
    return notebook


def _odd(target: dict[str, Json]) -> None:
    target["odd"] = [float("nan"), float("inf"), 2**70, 10**400, "\ud800", 1.0, True, 1]
    target["\udc00key"] = "\ud83d\ude00 \ud83d"


def _flaw(key: str, value: Json) -> Callable[[dict[str, Json]], None]:
    def apply(target: dict[str, Json]) -> None:
        target[key] = deepcopy(value)

    return apply


def _lack(key: str) -> Callable[[dict[str, Json]], None]:
    def apply(target: dict[str, Json]) -> None:
        target.pop(key, None)

    return apply


def _sound(_: dict[str, Json]) -> None:
    """Leave it as it is."""


_CELL_FLAWS: tuple[Callable[[Cell], None], ...] = (
    _sound,
    _sound,
    _odd,
    _lack("id"),
    _lack("metadata"),
    _lack("outputs"),
    _lack("execution_count"),
    _lack("source"),
    _flaw("id", "twin"),
    _flaw("id", 5),
    _flaw("id", ""),
    _flaw("id", "\ud800"),
    _flaw("source", None),
    _flaw("metadata", {"trusted": True, "mine": 1}),
    _flaw("attachments", {}),
    _flaw("execution_state", "busy"),
    _flaw("cell_type", "heading"),
    _flaw("source", "a\ud800\nb"),
    lambda cell: cell["metadata"].update(odd=2**64) if "metadata" in cell else None,
)
_FLAWS: tuple[Callable[[Content], None], ...] = (
    _odd,
    _lack("metadata"),
    _lack("nbformat_minor"),
    _flaw("extra", {"b": 1, "a": [1.0]}),
    _flaw("metadata", {"signature": "x", "orig_nbformat": 3, "z": 1.0}),
    _flaw("nbformat_minor", 5),
    _flaw("cells", []),
)


def files() -> st.SearchStrategy[bytes]:
    """Files of notebooks of all kinds, in all layouts."""
    any_notebook = notebooks() | messy_notebooks()
    return st.builds(lambda layout, notebook: layout.write(notebook), layouts(), any_notebook)
