"""What the JSON of a notebook must look like to make a usable document."""

from __future__ import annotations

from typing import Any

from ..errors import NotebookTooNew, NotebookUnreadable
from .lines import is_lines

_MAJOR = 4
_MINORS = range(10_000)


def major_of(tree: Any) -> int:
    """Give the major format of a notebook.

    Raises:
        NotebookUnreadable: It is no notebook.
        NotebookTooNew: Its major format is beyond 4.
    """
    _require(isinstance(tree, dict), "the file holds no JSON object")
    found = tree.get("nbformat")
    _require(_is_whole(found) and found >= 1, "it has no usable nbformat")
    if found > _MAJOR:
        raise NotebookTooNew(f"the notebook is of format {found}; formats up to {_MAJOR} are known")
    return int(found)


def check(tree: dict[str, Any]) -> None:
    """Make sure that a notebook of format 4 is usable, if not quite valid.

    Raises:
        NotebookUnreadable: Of kind ``shape``.
    """
    minor = tree.get("nbformat_minor")
    _require(minor is None or (_is_whole(minor) and minor in _MINORS), "nbformat_minor is odd")
    _require(isinstance(tree.get("metadata") or {}, dict), "the metadata are no object")
    cells = tree.get("cells")
    _require(isinstance(cells, list), "it has no list of cells")
    for index, cell in enumerate(cells or []):
        _check_cell(cell, f"cell {index}")


def _check_cell(cell: Any, name: str) -> None:
    _require(isinstance(cell, dict), f"{name} is no object")
    _require(isinstance(cell.get("cell_type"), str), f"{name} has no type")
    _require(_is_text(cell.get("source")), f"the source of {name} is no text")
    _require(isinstance(cell.get("metadata") or {}, dict), f"the metadata of {name} are no object")
    if cell["cell_type"] == "code":
        outputs = cell.get("outputs") or []
        _require(isinstance(outputs, list), f"the outputs of {name} are no list")
        for output in outputs:
            _check_output(output, name)


def _check_output(output: Any, name: str) -> None:
    _require(isinstance(output, dict), f"an output of {name} is no object")
    if output.get("output_type") == "stream":
        _require(_is_text(output.get("text")), f"an output of {name} has no text")


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str) or is_lines(value)


def _is_whole(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, (int, float)) and value % 1 == 0


def _require(met: bool, message: str) -> None:
    if not met:
        raise NotebookUnreadable(f"not a notebook: {message}", "shape")
