"""What must hold of every merge, told from its input and its result alone.

Shares no code with the merge, nor with its own check: it counts marks (see ``merge_texts``), which
are unique, where those compare lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_crdt_autosave.merge.decisions import CellDecision, Decisions
from jupyter_crdt_autosave.notebook import normalise, same

from .merge_edits import Cell, Content, Triple
from .merge_texts import CLUSTERS, MARK

_RUN = ("outputs", "execution_count")
_EDGE = "\n\0\n"
"""Between two cells: no edit goes beyond."""

_JOINER = "\u200d"


def faults(triple: Triple, decisions: Decisions) -> list[str]:
    """What is wrong with a merge, for a reader; nothing, if it is sound."""
    return [f"{rule.__name__}: {fault}" for rule in _RULES for fault in rule(triple, decisions)]


def _text(content: Content) -> str:
    return _EDGE.join(cell["source"] for cell in content["cells"])


def _apart(decisions: Decisions) -> str:
    return _EDGE.join(conflict.theirs for conflict in decisions.conflicts)


def _marks(content: Content) -> Counter[str]:
    return Counter(MARK.findall(_text(content)))


def written_text_is_there_once(triple: Triple, decisions: Decisions) -> Iterator[str]:
    """Each mark of one side: as often as it is there; of theirs, perhaps in a conflict instead."""
    found, apart = _marks(decisions.content), set(MARK.findall(_apart(decisions)))
    for side, sign in ((triple.ours, "O"), (triple.theirs, "T")):
        for mark, count in _marks(side).items():
            instead = sign == "T" and found[mark] < count and mark in apart
            if mark.endswith(sign) and found[mark] != count and not instead:
                yield f"{mark} {found[mark]} times, not {count}"


def shared_text_is_there(triple: Triple, decisions: Decisions) -> Iterator[str]:
    """What both kept is there, and nothing more often than it was and was written again.

    Of a mark that was there twice, each side may have kept another one; and of two cells that are
    alike and have no ids nobody can tell which one theirs is: then one of them has to be there.
    """
    before, found = _marks(triple.base), _marks(decisions.content)
    theirs, ours = _marks(triple.theirs), _marks(triple.ours)
    apart = set(MARK.findall(_apart(decisions)))
    for mark in theirs & ours:
        fewest = min(theirs[mark], ours[mark], theirs[mark] + ours[mark] - before[mark])
        if before[mark] > 1 and not triple.by_id:
            fewest = min(fewest, 1)
        if found[mark] < fewest and mark not in apart:
            yield f"{mark}, which both kept, is there {found[mark]} times, not {fewest}"
    for mark, count in found.items():
        if count > before[mark] + theirs[mark] + ours[mark]:
            yield f"{mark} {count} times"


def deleted_text_is_gone(triple: Triple, decisions: Decisions) -> Iterator[str]:
    """A mark that neither side has is not there either."""
    there = _marks(triple.theirs).keys() | _marks(triple.ours).keys()
    for mark in _marks(decisions.content).keys() - there:
        yield f"{mark}, which both deleted"


def runs_are_whole(triple: Triple, decisions: Decisions) -> Iterator[str]:
    """What one edit wrote as a whole, and its side left whole, is whole.

    Blanks, quotes and blank lines aside; and but for lines that begin as one that the base or the
    other side has: nobody can tell which of the two is the new one.
    """
    result, apart = _dense(_text(decisions.content)), _dense(_apart(decisions))
    base, ours, theirs = (_dense(_text(s)) for s in (triple.base, triple.ours, triple.theirs))
    views = (ours, theirs, triple.runs[0], ""), (theirs, ours, triple.runs[1], apart)
    for text, other, runs, instead in views:
        known = {*base.split("\n"), *other.split("\n")} - {"", _EDGE.strip()}
        for run in map(_dense, runs):
            old = any(line in run for line in known)
            if not old and run in text and run not in result and run not in instead:
                yield repr(run)


def _dense(text: str) -> str:
    return re.sub(r"\n+", "\n", re.sub(r"[ \t\r'\"]", "", text))


def no_word_is_made_up(triple: Triple, decisions: Decisions) -> Iterator[str]:
    """Every word, and every emoji, is one that somebody wrote."""
    known = {
        word
        for content in (triple.base, triple.theirs, triple.ours)
        for word in re.findall(r"[A-Za-z0-9_]+", _text(content))
    }
    yield from set(re.findall(r"[A-Za-z0-9_]+", _text(decisions.content))) - known
    rest = _text(decisions.content)
    for cluster in CLUSTERS:
        rest = rest.replace(cluster, "")
    if _JOINER in rest or "\U0001f3fd" in rest:
        yield "an emoji was cut"


def order_holds_in_a_cell(triple: Triple, decisions: Decisions) -> Iterator[str]:
    """Where no side reordered a cell, the order of each holds, and nothing is there twice."""
    for decision in decisions.cells:
        sides = list(_sources(triple, decision))
        if len(sides) == 2 and _are_calm(_base_of(triple, decision), sides):
            result = MARK.findall(decision.cell["source"])
            if len(set(result)) < len(result):
                yield f"doubled in {result}"
            yield from (
                f"{result} out of the order {source}"
                for source in map(MARK.findall, sides)
                if _only(result, source) != _only(source, result)
            )


def _sources(triple: Triple, decision: CellDecision) -> Iterator[str]:
    for side, place in ((triple.ours, decision.ours), (triple.theirs, decision.theirs)):
        if place is not None:
            yield side["cells"][place]["source"]


def _base_of(triple: Triple, decision: CellDecision) -> Cell:
    """The cell of the base that has the id of ours; an empty one where there is none."""
    name = None if decision.ours is None else triple.ours["cells"][decision.ours]["id"]
    found = [cell for cell in triple.base["cells"] if cell["id"] == name]
    return found[0] if found else {"source": ""}


def _are_calm(base: Cell, sides: list[str]) -> bool:
    """Whether both are that cell, its lines whole and in their order, and no mark twice."""
    lines, marks = _bare_lines(base["source"]), MARK.findall(base["source"])
    if len(set(lines)) < len(lines) or len(set(marks)) < len(marks):
        return False
    line_of = {item: n for n, line in enumerate(lines) for item in (line, *MARK.findall(line))}
    for source in sides:
        found = MARK.findall(source)
        if any(mark[-1] in "BC" and mark not in marks for mark in found):
            return False
        if len(set(found)) < len(found) or not _is_part(_only(found, marks), marks):
            return False
        old = [
            {line_of[item] for item in (line, *MARK.findall(line)) if item in line_of}
            for line in _bare_lines(source)
        ]
        order = [number for numbers in old for number in numbers]
        if any(len(numbers) > 1 for numbers in old) or order != sorted(set(order)):
            return False
    return bool(marks)


def _bare_lines(source: str) -> list[str]:
    return [line for line in re.sub(r"[ \t\r'\"]", "", source).split("\n") if line]


def _is_part(some: list[str], whole: list[str]) -> bool:
    """Whether items are among others in the same order."""
    rest = iter(whole)
    return all(item in rest for item in some)


def _only(marks: list[str], known: list[str]) -> list[str]:
    return [mark for mark in marks if mark in known]


def cells_stay_in_order(triple: Triple, decisions: Decisions) -> Iterator[str]:
    """Where neither side moved a cell, the order of both holds."""
    if not triple.by_id:
        return
    sides = triple.base, triple.ours, triple.theirs
    ids = [[cell["id"] for cell in side["cells"]] for side in sides]
    if any(_is_of_two(decision, ids[1], ids[2]) for decision in decisions.cells):
        return
    if any(_only(side, ids[0]) != _only(ids[0], side) for side in ids[1:]):
        return
    if _only(ids[1], ids[2]) != _only(ids[2], ids[1]):
        return
    for places in (
        [decision.ours for decision in decisions.cells if decision.ours is not None],
        [decision.theirs for decision in decisions.cells if decision.theirs is not None],
    ):
        if places != sorted(places):
            yield f"{places}"


def _is_of_two(decision: CellDecision, ours: list[str], theirs: list[str]) -> bool:
    """Whether two cells with different ids were taken for one: one may have moved."""
    if decision.ours is None or decision.theirs is None:
        return False
    return ours[decision.ours] != theirs[decision.theirs]


def every_cell_is_of_its_sides(triple: Triple, decisions: Decisions) -> Iterator[str]:
    """No cell of a side is used twice, outputs go with their count, and ``changed`` is true."""
    for side in ("ours", "theirs"):
        places = [getattr(decision, side) for decision in decisions.cells]
        known = [place for place in places if place is not None]
        if len(set(known)) < len(known):
            yield f"cells of {side} twice: {known}"
    for decision in decisions.cells:
        ours = None if decision.ours is None else _bare(triple.ours["cells"][decision.ours])
        if decision.changed != (ours is None or not same(ours, decision.cell)):
            yield f"{decision.cell['id']} is said to be changed: {decision.changed}"
        if decision.cell["cell_type"] == "code":
            yield from _odd_run(triple, decision)


def _odd_run(triple: Triple, decision: CellDecision) -> Iterator[str]:
    run = [decision.cell.get(key) for key in _RUN]
    sides = ((triple.ours, decision.ours), (triple.theirs, decision.theirs))
    cells = [side["cells"][place] for side, place in sides if place is not None]
    known = [[cell.get(key) for key in _RUN] for cell in cells]
    if run not in known and run != [[], None]:
        yield f"outputs of nobody in {decision.cell['id']}"


def metadata_is_of_the_side_that_changed_it(triple: Triple, decisions: Decisions) -> Iterator[str]:
    """Key by key; ours where both did. The same for attachments of cells."""
    sides = triple.base["metadata"], triple.theirs["metadata"], triple.ours["metadata"]
    yield from _odd_values(*sides, decisions.metadata)
    if triple.by_id:
        yield from _odd_cells(triple, decisions)


def _odd_cells(triple: Triple, decisions: Decisions) -> Iterator[str]:
    base = {cell["id"]: _bare(cell) for cell in triple.base["cells"]}
    for decision in decisions.cells:
        if decision.ours is None or decision.theirs is None:
            continue
        ours = _bare(triple.ours["cells"][decision.ours])
        theirs = _bare(triple.theirs["cells"][decision.theirs])
        was = base.get(decision.cell["id"], {})
        types = {cell.get("cell_type") for cell in (was, ours, theirs)}
        kept = [set(MARK.findall(cell.get("source", ""))) for cell in (was, ours, theirs)]
        same_cell = ours["id"] == theirs["id"] == was.get("id") and set.intersection(*kept)
        if same_cell and len(types) == 1:
            cells = was, theirs, ours, decision.cell
            yield from _odd_values(*(cell["metadata"] for cell in cells))
            if all("attachments" in cell for cell in cells):
                yield from _odd_values(*(cell["attachments"] for cell in cells))


def _odd_values(base: Any, theirs: Any, ours: Any, result: Any) -> Iterator[str]:
    for key in {**base, **theirs, **ours, **result}:
        was, other, mine, got = (side.get(key) for side in (base, theirs, ours, result))
        wanted = other if same(mine, was) else mine
        nested = not same(other, was) and isinstance(other, dict) and isinstance(mine, dict)
        if nested and not same(mine, was) and isinstance(got, dict):
            yield from _odd_values(was if isinstance(was, dict) else {}, other, mine, got)
        elif not same(got, wanted):
            yield f"{key} is {got}, not {wanted}"


def _bare(cell: Cell) -> Cell:
    metadata = {key: value for key, value in cell["metadata"].items() if key != "trusted"}
    return {**cell, "metadata": metadata}


def the_result_is_normal(triple: Triple, decisions: Decisions) -> Iterator[str]:
    """Normal content, so no id is there twice; conflicts name cells that are there."""
    del triple
    if not same(normalise(decisions.content), decisions.content):
        yield "not in normal form"
    ids = [cell["id"] for cell in decisions.content["cells"]]
    if len(set(ids)) < len(ids):
        yield f"ids twice: {ids}"
    yield from (f"conflict of {c.cell}" for c in decisions.conflicts if c.cell not in ids)


_RULES: tuple[Callable[[Triple, Decisions], Iterator[str]], ...] = (
    written_text_is_there_once,
    shared_text_is_there,
    deleted_text_is_gone,
    runs_are_whole,
    no_word_is_made_up,
    order_holds_in_a_cell,
    cells_stay_in_order,
    every_cell_is_of_its_sides,
    metadata_is_of_the_side_that_changed_it,
    the_result_is_normal,
)
