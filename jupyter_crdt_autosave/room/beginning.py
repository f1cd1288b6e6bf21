"""The first steps of a notebook that is being opened, under the lock between servers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..disk import Disk
from ..document.bootstrap import bootstrap
from ..errors import FileMissing
from ..file import SETTLING, NotebookFile, Sight
from ..file.checkpoint import CheckpointFile
from ..model import Baseline, Kept
from ..notebook import digest
from ..storage.history import History
from ..worker import Worker
from .clock import utc_now
from .opening import Found, Opening, Stored, opening
from .salvage import salvage
from .shelf import Place, Shelf
from .trust import mark_all


@dataclass(frozen=True)
class Beginning:
    """A notebook whose journal has begun: what the document is made of, and how it opens.

    ``aside`` are bytes of its file that went into the document in part only.
    """

    place: Place
    updates: Sequence[bytes]
    lineage: int
    opening: Opening
    baselines: tuple[Baseline, ...]
    aside: tuple[bytes, ...] = ()


async def first_look(file: NotebookFile, shelf: Shelf, worker: Worker) -> tuple[object, Sight]:
    """The file and its signature; one that is just being written, and is all there is, is awaited.

    Raises:
        FileUnavailable: it cannot be read now.
    """
    deadline = time.monotonic() + SETTLING
    while True:
        signature, sight = await file.signature(), await file.look()
        # What is stored need not wait, and its file not be parsed.
        known = await worker.run(shelf.knows, file.identity)
        if known or time.monotonic() >= deadline or await worker.run(_is_final, sight):
            return signature, sight
        await asyncio.sleep(0.1)


def _is_final(sight: Sight) -> bool:
    """Whether waiting makes no other file of it: parsing may take a while."""
    return sight.error is None or sight.too_new


async def circumstances(
    file: NotebookFile, shelf: Shelf, disk: Disk, worker: Worker, sight: Sight
) -> dict[str, Any]:
    """What `begin` needs to know and cannot find out on the worker's thread."""
    known = await worker.run(shelf.knows, file.identity)
    if known or sight.missing:
        return {"trusted": False, "leftovers": []}
    if await worker.run(lambda: sight.notebook is not None):
        return {"trusted": await file.trusted(sight), "leftovers": []}
    # No document knows of a checkpoint that lies there.
    checkpoint = CheckpointFile(disk, file.watched, "")
    found = await worker.run(checkpoint.unknown, ())
    return {
        "trusted": False,
        "leftovers": [*([found] if found else []), *await file.leftovers()],
    }


def begin(
    place: Place, sight: Sight, path: str, trusted: bool, leftovers: Sequence[Sight]
) -> Beginning:
    """Decide how the notebook opens, and start its journal. Blocks.

    Raises:
        FileMissing: there is neither a document nor a file.
        NotebookTooNew: there is no document, and the file must not be touched.
    """
    history = place.history
    case = opening(_stored(history), _found(history, sight))
    if case is Opening.NOT_FOUND:
        raise FileMissing(f"There is no notebook at {path}.")
    if case is Opening.REFUSE and sight.error is not None:
        raise sight.error
    if case is Opening.BOOTSTRAP and sight.notebook is not None:
        return _bootstrap(place, sight, path, mark_all(sight.notebook.content, trusted))
    if case is Opening.SALVAGE:
        return _salvage(place, sight, path, leftovers)
    place.journal.start(history.lineage or 0, path)
    return Beginning(place, history.updates, history.lineage or 0, case, _known(place, sight))


def _stored(history: History) -> Stored:
    if history.empty:
        return Stored.NONE
    return Stored.UNCHANGED if history.settled else Stored.EDITED


def _found(history: History, sight: Sight) -> Found:
    if sight.missing:
        return Found.MISSING
    if any(sight.holds(baseline.file) for baseline in history.baselines):
        return Found.SAME
    if sight.too_new:
        return Found.TOO_NEW
    if sight.notebook is not None:
        return Found.CHANGED
    torn = any(baseline.intended and baseline.in_place for baseline in history.baselines)
    return Found.TORN if torn else Found.UNREADABLE


def _known(place: Place, sight: Sight) -> tuple[Baseline, ...]:
    """The baselines; one that was announced and turns out to have happened comes last."""
    baselines = place.history.baselines
    for baseline in reversed(baselines):
        if sight.holds(baseline.file):
            return (*(b for b in baselines if b is not baseline), baseline)
    return tuple(baselines)


def _bootstrap(place: Place, sight: Sight, path: str, content: dict[str, Any]) -> Beginning:
    lineage, update = bootstrap(content)
    place.journal.start(lineage, path)
    place.journal.update(update)
    mark, facts = sight.fingerprint, digest(content)
    assert mark is not None
    baseline = place.journal.confirm(
        Baseline(mark, facts.content, facts.substance, utc_now(), position=place.journal.position())
    )
    return Beginning(place, [update], lineage, Opening.BOOTSTRAP, (baseline,))


def _salvage(place: Place, sight: Sight, path: str, leftovers: Sequence[Sight]) -> Beginning:
    found = salvage(sight.data, [one.data for one in leftovers])
    lineage, update = bootstrap(mark_all(found.content, trusted=False))
    place.journal.start(lineage, path)
    place.journal.update(update)
    for data in found.aside:
        place.journal.keep(Kept("unreadable", utc_now(), data))
    return Beginning(place, [update], lineage, Opening.SALVAGE, (), found.aside)
