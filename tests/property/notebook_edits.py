"""Random edits of notebooks."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from hypothesis import strategies as st

from tests.property.notebook_parts import (
    Cell,
    Content,
    bundles,
    cells,
    ids,
    keys,
    outputs,
    texts,
    values,
)


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
