"""Which cells' outputs may run scripts: decided for each cell, never merged."""

from __future__ import annotations

from dataclasses import replace

from ..merge.decisions import Cell, CellDecision, Content, Decisions
from ..notebook import same


def mark_all(content: Content, trusted: bool) -> Content:
    """`content` with every code cell trusted, or none, as jupyter_server marks what it reads."""
    return {**content, "cells": [_marked(cell, trusted) for cell in content["cells"]]}


def brings_outputs(ours: Content, decisions: Decisions) -> bool:
    """Whether outputs come from outside, so that it matters whether they are trusted."""
    return any(
        decision.changed
        and decision.cell.get("outputs")
        and not _has_outputs_of(_mine(ours["cells"], decision), decision)
        for decision in decisions.cells
    )


def carry_over(ours: Content, decisions: Decisions, trusted: bool) -> Decisions:
    """`decisions`, where a changed cell whose outputs are those of `ours` keeps its mark.

    The others, whose outputs came from outside, are as trusted as what brought them.
    """
    cells = [
        _carried(_mine(ours["cells"], decision), decision, trusted)
        if decision.changed
        else decision
        for decision in decisions.cells
    ]
    return replace(decisions, cells=tuple(cells))


def _mine(ours: list[Cell], decision: CellDecision) -> Cell | None:
    return None if decision.ours is None else ours[decision.ours]


def _has_outputs_of(mine: Cell | None, decision: CellDecision) -> bool:
    return mine is not None and same(mine.get("outputs"), decision.cell.get("outputs"))


def _carried(mine: Cell | None, decision: CellDecision, trusted: bool) -> CellDecision:
    if mine is not None and _has_outputs_of(mine, decision):
        mark = mine["metadata"].get("trusted")
        return decision if mark is None else _with_mark(decision, mark)
    return _with_mark(decision, trusted)


def _with_mark(decision: CellDecision, trusted: bool) -> CellDecision:
    return replace(decision, cell=_marked(decision.cell, trusted))


def _marked(cell: Cell, trusted: bool) -> Cell:
    if cell["cell_type"] != "code":
        return cell
    return {**cell, "metadata": {**cell["metadata"], "trusted": trusted}}
