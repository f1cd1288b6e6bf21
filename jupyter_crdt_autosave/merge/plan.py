"""What to do about a version of the notebook that came from outside. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .base import Base, in_document_terms, sharing, starting_point, without_base
from .check import Loss, losses
from .decide import decide
from .decisions import Cell, Conflict, Content, Decisions
from .values import is_same

Named = Callable[[Sequence[Cell]], Content]
"""Gives what came from outside; cells without an id get that of their counterpart in the given."""


@dataclass(frozen=True)
class Plan:
    """How a version from outside goes into the document.

    ``file`` is that version as it came, ``theirs`` with what an export leaves out by design,
    ``base`` what the document held at the point from which it was taken to start. ``kept`` names
    cells of ours with text that would have been deleted had it started from the newest point;
    ``losses`` what is wrong with the merge, if anything is.
    """

    file: Content
    theirs: Content
    decisions: Decisions
    kept: tuple[Conflict, ...]
    losses: tuple[Loss, ...]
    base: Content

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Every mark that a cell gets."""
        return (*self.decisions.conflicts, *self.kept)


def plan(named: Named, bases: Sequence[Base], ours: Content, whole: bool) -> Plan:
    """Decide about a version from outside.

    Args:
        named: gives it.
        bases: where file and document agreed, the newest first; may be empty.
        ours: the document.
        whole: whether it is to be measured against the newest point in any case, so that it is
            taken over whole if nobody edited the document since.
    """
    if not bases:
        theirs = named(ours["cells"])
        return _unrelated(theirs, ours)
    start = 0 if whole else starting_point(named(bases[0].content["cells"]), bases)
    made = _planned(named, bases[start], ours)
    return made if start == 0 else _marked(made, _planned(named, bases[0], ours))


def measured(base: Content, theirs: Content, ours: Content) -> Plan:
    """Decide about a version that is known to have started from ``base``, all in the same terms.

    With the document itself for ``base``, it becomes that version exactly.
    """
    return _planned(lambda _: theirs, Base(base, base, ""), ours)


def changes(decisions: Decisions, ours: Content) -> bool:
    """Whether the document has to be changed at all."""
    places = [decision.ours for decision in decisions.cells]
    return not (
        places == list(range(len(ours["cells"])))
        and not any(decision.changed for decision in decisions.cells)
        and is_same(decisions.metadata, ours["metadata"])
        and decisions.nbformat == ours["nbformat"]
        and decisions.nbformat_minor == ours["nbformat_minor"]
    )


def is_same_notebook(one: Content, other: Content) -> bool:
    """Whether two notebooks are equal; quick where they share most of their cells."""
    return (
        len(one["cells"]) == len(other["cells"])
        and all(map(is_same, one["cells"], other["cells"]))
        and all(is_same(one[key], other[key]) for key in ("metadata", "nbformat", "nbformat_minor"))
    )


def _planned(named: Named, base: Base, ours: Content) -> Plan:
    file = sharing(named(base.content["cells"]), base.content["cells"])
    theirs = in_document_terms(base, file)
    decisions = decide(base.document, theirs, ours)
    found = losses(base.document, theirs, ours, decisions)
    return Plan(file, theirs, decisions, (), tuple(found), base.document)


def _unrelated(theirs: Content, ours: Content) -> Plan:
    """Ours stands; what only they have comes in; where both differ theirs is marked."""
    base = without_base(theirs, ours).document
    decisions = decide(base, theirs, ours)
    marks = [
        Conflict(decision.cell["id"], "source", theirs["cells"][decision.theirs]["source"])
        for decision in decisions.cells
        if decision.theirs is not None
        and theirs["cells"][decision.theirs]["source"] != decision.cell["source"]
    ]
    return Plan(theirs, theirs, decisions, tuple(marks), (), base)


def _marked(made: Plan, newest: Plan) -> Plan:
    """`made`, where cells are marked of which the newest base would have deleted text."""
    there = {decision.cell["id"]: decision.cell["source"] for decision in newest.decisions.cells}
    marked = {conflict.cell for conflict in made.decisions.conflicts}
    kept = tuple(
        Conflict(decision.cell["id"], "kept", _source(made.theirs, decision.theirs))
        for decision in made.decisions.cells
        if decision.cell["id"] not in marked
        and _has_more(decision.cell["source"], there.get(decision.cell["id"], ""))
    )
    return replace(made, kept=kept)


def _has_more(source: str, other: str) -> bool:
    lines = set(other.split("\n"))
    return any(line.strip() and line not in lines for line in source.split("\n"))


def _source(content: Content, place: int | None) -> str:
    return "" if place is None else str(content["cells"][place]["source"])
