"""Which cells' outputs may run scripts: decided for each cell, never merged."""

from __future__ import annotations

from typing import Any

from ..notebook import same

Cell = dict[str, Any]


def mark_all(content: dict[str, Any], trusted: bool) -> dict[str, Any]:
    """`content` with every code cell trusted, or none, as jupyter_server marks what it reads."""
    return {**content, "cells": [_marked(cell, trusted) for cell in content["cells"]]}


def carry_over(ours: dict[str, Any], theirs: dict[str, Any], trusted: bool) -> dict[str, Any]:
    """`theirs`, where a cell whose outputs are those of `ours` keeps its mark.

    The others, whose outputs came from outside, are as trusted as the file that brought them.
    """
    known = {cell["id"]: cell for cell in ours["cells"]}
    cells = [_carried(known.get(cell["id"]), cell, trusted) for cell in theirs["cells"]]
    return {**theirs, "cells": cells}


def _carried(ours: Cell | None, theirs: Cell, trusted: bool) -> Cell:
    if ours is not None and same(ours.get("outputs"), theirs.get("outputs")):
        mark = ours["metadata"].get("trusted")
        return theirs if mark is None else _marked(theirs, mark)
    return _marked(theirs, trusted)


def _marked(cell: Cell, trusted: bool) -> Cell:
    if cell["cell_type"] != "code":
        return cell
    return {**cell, "metadata": {**cell["metadata"], "trusted": trusted}}
