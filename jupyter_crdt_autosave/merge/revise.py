"""A decision that was made while somebody went on typing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .cell import merge_cell
from .check import Loss, losses
from .decisions import Cell, CellDecision, Conflict, Content, Decisions
from .plan import Plan
from .values import is_same


def revise(made: Plan, before: Content, ours: Content) -> Plan | None:
    """The plan for `ours`, which was made for the document as it was `before`.

    Looks at the cells only that were typed in since, which are other objects. None where more than
    that happened: then it has to be decided anew.
    """
    typed = _typed_in(made.decisions, before, ours)
    if typed is None:
        return None
    cells, lost = list(made.decisions.cells), list(made.losses)
    found: list[Conflict] = []
    for place, cell in typed.items():
        decision, conflicts = _again(made, cells[place], cell)
        lost += _lost(made, decision, conflicts, cell)
        cells[place] = decision
        found += conflicts
    names = {cells[place].cell["id"] for place in typed}
    kept = [conflict for conflict in made.decisions.conflicts if conflict.cell not in names]
    decisions = replace(made.decisions, cells=tuple(cells), conflicts=(*kept, *found))
    return replace(made, decisions=decisions, losses=tuple(lost))


def _typed_in(decisions: Decisions, before: Content, ours: Content) -> dict[int, Cell] | None:
    """The cells that were typed in, by their places in the decisions; None if more happened."""
    old, new = before["cells"], ours["cells"]
    facts = ("metadata", "nbformat", "nbformat_minor")
    if len(old) != len(new) or not all(is_same(before[key], ours[key]) for key in facts):
        return None
    changed = [place for place, cell in enumerate(new) if cell is not old[place]]
    if any(new[place]["id"] != old[place]["id"] for place in changed):
        return None
    decided = {decision.ours: place for place, decision in enumerate(decisions.cells)}
    if not all(place in decided for place in changed):
        # It was to be deleted, which nobody may do any more.
        return None
    return {decided[place]: new[place] for place in changed}


def _again(
    made: Plan, decision: CellDecision, ours: Cell
) -> tuple[CellDecision, tuple[Conflict, ...]]:
    if decision.theirs is None:
        return replace(decision, cell={**ours, "id": decision.cell["id"]}), ()
    base = None if decision.base is None else made.base["cells"][decision.base]
    cell, conflicts = merge_cell(base, made.theirs["cells"][decision.theirs], ours)
    named = {**cell, "id": decision.cell["id"]}
    marks = tuple(replace(conflict, cell=named["id"]) for conflict in conflicts)
    return replace(decision, cell=named, changed=not is_same(named, ours)), marks


def _lost(
    made: Plan, decision: CellDecision, conflicts: Sequence[Conflict], ours: Cell
) -> list[Loss]:
    """What is wrong with one cell that was decided again."""
    base = [] if decision.base is None else [made.base["cells"][decision.base]]
    theirs = [] if decision.theirs is None else [made.theirs["cells"][decision.theirs]]
    alone = replace(decision, base=0 if base else None, theirs=0 if theirs else None, ours=0)
    decisions = Decisions((alone,), {}, 4, 5, tuple(conflicts))
    return losses({"cells": base}, {"cells": theirs}, {"cells": [ours]}, decisions)
