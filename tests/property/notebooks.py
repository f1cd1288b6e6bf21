"""Random notebooks, random ways to write them to a file, and random edits.

Notebooks are dicts of format 4 with joined texts, as nbformat reads them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

Json = Any
Cell = dict[str, Any]
Content = dict[str, Any]

unhurried = settings(deadline=None)
"""For tests of notebooks, some of which are large."""

LINE_ENDS = ("\n", "\n", "\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028")
_WORDS = (
    "",
    "x = 1",
    "  y",
    "# é",
    "変数 = '値'",
    "🎉",
    '"\\n"',
    "\\u00e9",
    "\t",
    "\x1b[31m",
    "</b>",
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_CHARACTERS = st.characters(exclude_categories=["Cs"])


def texts() -> st.SearchStrategy[str]:
    """Multi-line texts: code, CJK, emoji, escapes, every kind of line end."""
    pieces = st.sampled_from(_WORDS) | st.sampled_from(LINE_ENDS)
    return st.lists(pieces, max_size=8).map("".join) | st.text(_CHARACTERS, max_size=8)


def keys() -> st.SearchStrategy[str]:
    """Keys of objects."""
    return st.sampled_from(("name", "tags", "a", "b", "é", "")) | st.text(_CHARACTERS, max_size=4)


def numbers() -> st.SearchStrategy[float]:
    """Numbers that a Y document holds exactly."""
    whole = st.integers(-(2**53) + 1, 2**53 - 1)
    return whole | whole.map(float) | st.floats(allow_nan=False, allow_infinity=False)


def values() -> st.SearchStrategy[Json]:
    """JSON values that a Y document holds exactly."""
    return st.recursive(
        st.none() | st.booleans() | numbers() | texts(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys(), inner, max_size=3),
        max_leaves=5,
    )


def objects() -> st.SearchStrategy[dict[str, Json]]:
    """JSON objects, such as metadata."""
    return st.dictionaries(keys(), values(), max_size=3)


def bundles() -> st.SearchStrategy[dict[str, Json]]:
    """Mime bundles of outputs and attachments."""
    return st.fixed_dictionaries(
        {"text/plain": texts()},
        optional={
            "text/html": texts(),
            "image/svg+xml": texts(),
            "image/png": st.just("iVBORw0KGgo=\n"),
            "application/javascript": texts(),
            "application/json": objects(),
            "application/vnd.jupyter.widget-view+json": objects(),
        },
    )


def outputs() -> st.SearchStrategy[dict[str, Json]]:
    """Outputs of every type."""
    stream = st.fixed_dictionaries(
        {
            "output_type": st.just("stream"),
            "name": st.sampled_from(("stdout", "stderr")),
            "text": texts(),
        }
    )
    display = st.fixed_dictionaries(
        {"output_type": st.just("display_data"), "data": bundles(), "metadata": objects()}
    )
    result = st.fixed_dictionaries(
        {
            "output_type": st.just("execute_result"),
            "execution_count": st.integers(0, 99),
            "data": bundles(),
            "metadata": objects(),
        }
    )
    error = st.fixed_dictionaries(
        {
            "output_type": st.just("error"),
            "ename": st.just("ValueError"),
            "evalue": texts(),
            "traceback": st.lists(texts(), max_size=3),
        }
    )
    return stream | display | result | error


def cells(minor: int = 5) -> st.SearchStrategy[Cell]:
    """Valid cells without ids."""
    common = {"source": texts(), "metadata": _cell_metadata()}
    code = st.fixed_dictionaries(
        {
            "cell_type": st.just("code"),
            **common,
            "execution_count": st.none() | st.integers(0, 99),
            "outputs": st.lists(outputs(), max_size=3),
        }
    )
    attached = {"attachments": st.dictionaries(st.just("a.png"), bundles())} if minor > 0 else {}
    other = st.fixed_dictionaries(
        {"cell_type": st.sampled_from(("markdown", "raw")), **common}, optional=attached
    )
    return code | other


def _cell_metadata() -> st.SearchStrategy[dict[str, Json]]:
    tags = st.lists(st.sampled_from(("a", "b", "c")), unique=True)
    known = {"collapsed": st.booleans(), "tags": tags, "mine": values()}
    return st.fixed_dictionaries({}, optional=known)


def ids() -> st.SearchStrategy[str]:
    """Valid cell ids."""
    return st.integers(0, 2**20).map("cell-{}".format)


@st.composite
def notebooks(draw: st.DrawFn, minors: st.SearchStrategy[int] | None = None) -> Content:
    """Valid notebooks; those of format 4.5 have ids. Cells may be alike, empty, or missing."""
    minor = draw(st.integers(0, 5) if minors is None else minors)
    found = draw(st.lists(cells(minor), max_size=4))
    twins = draw(st.lists(st.sampled_from(found), max_size=2)) if found else []
    made = [deepcopy(cell) for cell in draw(st.permutations([*found, *twins]))]
    if minor >= 5:
        names = draw(st.lists(ids(), min_size=len(made), max_size=len(made), unique=True))
        made = [{**cell, "id": name} for cell, name in zip(made, names, strict=True)]
    metadata = draw(notebook_metadata())
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}


def notebook_metadata() -> st.SearchStrategy[dict[str, Json]]:
    """Metadata of notebooks, with or without what JupyterLab fills in."""
    kernel = {"name": "python3", "display_name": "Python 3"}
    state = st.dictionaries(ids(), objects(), max_size=2)
    widgets = st.fixed_dictionaries({"version_major": st.just(2), "state": state})
    return st.fixed_dictionaries(
        {},
        optional={
            "kernelspec": st.just(kernel),
            "language_info": st.fixed_dictionaries({"name": st.just("python")}),
            "widgets": st.fixed_dictionaries(
                {"application/vnd.jupyter.widget-state+json": widgets}
            ),
            "mine": values(),
        },
    )


# Files


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


# Edits


@st.composite
def edits_of(draw: st.DrawFn, content: Content) -> Content:
    """The content after some things that people and kernels do; normal content stays so."""
    made = deepcopy(content)
    for _ in range(draw(st.integers(1, 4))):
        draw(st.sampled_from(_EDITS))(draw, made)
    return made


def _some_cell(draw: st.DrawFn, content: Content) -> Cell:
    if not content["cells"]:
        _add_cell(draw, content)
    found: Cell = draw(st.sampled_from(content["cells"]))
    return found


def _type(draw: st.DrawFn, content: Content) -> None:
    cell = _some_cell(draw, content)
    place = draw(st.integers(0, len(cell["source"])))
    cell["source"] = cell["source"][:place] + draw(texts()) + cell["source"][place:]


def _erase(draw: st.DrawFn, content: Content) -> None:
    cell = _some_cell(draw, content)
    start = draw(st.integers(0, len(cell["source"])))
    end = draw(st.integers(start, len(cell["source"])))
    cell["source"] = cell["source"][:start] + cell["source"][end:]


def _add_cell(draw: st.DrawFn, content: Content) -> None:
    taken = {cell["id"] for cell in content["cells"]}
    cell = {**draw(cells()), "id": draw(ids().filter(lambda mine: mine not in taken))}
    if cell.get("attachments") == {}:
        del cell["attachments"]
    content["cells"].insert(draw(st.integers(0, len(content["cells"]))), cell)


def _remove_cell(draw: st.DrawFn, content: Content) -> None:
    content["cells"].remove(_some_cell(draw, content))


def _move_cell(draw: st.DrawFn, content: Content) -> None:
    cell = _some_cell(draw, content)
    content["cells"].remove(cell)
    content["cells"].insert(draw(st.integers(0, len(content["cells"]))), cell)


def _run(draw: st.DrawFn, content: Content) -> None:
    cell = _some_cell(draw, content)
    if cell["cell_type"] == "code":
        found = cell["outputs"]
        place = draw(st.integers(0, len(found)))
        found[place : place + draw(st.integers(0, 2))] = draw(st.lists(outputs(), max_size=2))
        cell["execution_count"] = draw(st.none() | st.integers(0, 99))


def _change_output(draw: st.DrawFn, content: Content) -> None:
    for output in _some_cell(draw, content).get("outputs", []):
        if isinstance(output.get("data"), dict):
            output["data"].update(draw(bundles()))
        if "text" in output:
            output["text"] += draw(texts())
        output.pop(draw(st.sampled_from(("metadata", "ename", "none"))), None)


def _annotate(draw: st.DrawFn, content: Content) -> None:
    target = draw(st.sampled_from((content["metadata"], _some_cell(draw, content)["metadata"])))
    target[draw(keys())] = draw(values())


def _strip(draw: st.DrawFn, content: Content) -> None:
    target = draw(st.sampled_from((content["metadata"], _some_cell(draw, content)["metadata"])))
    kept = [key for key in target if key not in ("kernelspec", "language_info")]
    if kept:
        del target[draw(st.sampled_from(kept))]


def _choose_kernel(draw: st.DrawFn, content: Content) -> None:
    content["metadata"]["kernelspec"] = {"name": draw(ids()), "display_name": ""}


def _attach(draw: st.DrawFn, content: Content) -> None:
    cell = _some_cell(draw, content)
    if cell["cell_type"] != "code":
        cell["attachments"] = {draw(keys()): draw(bundles())}


def _change_type(draw: st.DrawFn, content: Content) -> None:
    cell = _some_cell(draw, content)
    cell["cell_type"] = draw(st.sampled_from(("code", "markdown", "raw")))
    cell.pop("attachments", None)
    cell.pop("outputs", None)
    cell.pop("execution_count", None)
    if cell["cell_type"] == "code":
        cell.update(outputs=[], execution_count=None)


def _trust(draw: st.DrawFn, content: Content) -> None:
    _some_cell(draw, content)["metadata"]["trusted"] = draw(st.booleans())


_EDITS: tuple[Callable[[st.DrawFn, Content], None], ...] = (
    _type,
    _erase,
    _add_cell,
    _remove_cell,
    _move_cell,
    _run,
    _change_output,
    _annotate,
    _strip,
    _choose_kernel,
    _attach,
    _change_type,
    _trust,
)
