"""Random notebooks and what they are made of.

Notebooks are dicts of format 4 with joined texts, as nbformat reads them.
"""

from __future__ import annotations

from copy import deepcopy
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
