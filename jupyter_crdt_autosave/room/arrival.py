"""How a document that was just opened and its file meet half way. Under the notebook's lock."""

from __future__ import annotations

from functools import partial

from ..file import Sight
from .beginning import Beginning
from .opening import Opening
from .replayed import replayed
from .target import Standing
from .workings import Workings

_CHANGED = (Opening.INGEST, Opening.KEEP_BOTH)
_MADE_OF_FILE = (Opening.BOOTSTRAP, Opening.SALVAGE)


async def arrive(start: Beginning, seen: Sight, workings: Workings) -> Sight:
    """Take in what has to be, and say where recovered work may be.

    Args:
        start: How the notebook opens.
        seen: The file as it was seen before that was decided.
        workings: The parts of the notebook.

    Returns:
        The file as it was seen last.
    """
    exports, offers, place = workings.exports, workings.offers, start.place
    sight = await _meet(start, seen, workings)
    await exports.sweep(alone=not place.shared)
    await exports.keep_damaged(start.aside)
    offers.expect(
        exports.unsaved and not place.shared,
        start.opening is Opening.KEEP_BOTH,
        place.history.last_at,
        partial(replayed, start.updates),
    )
    if start.opening is Opening.KEEP_BOTH:
        await offers.look()
    return sight


async def _meet(start: Beginning, sight: Sight, workings: Workings) -> Sight:
    exports, side, changed = workings.exports, workings.side, start.opening in _CHANGED
    found = await side.worker.run(side.stands, sight)
    if changed and start.place.shared:
        # Another server may have exported since it was seen.
        sight, found = await exports.look()
        changed = found is Standing.CHANGED
    exports.judge(sight, found)
    if changed:
        exports.unsaved = start.opening is Opening.KEEP_BOTH
        await exports.meet(sight, whole=start.opening is Opening.INGEST)
    else:
        fresh = start.opening is Opening.BOOTSTRAP
        exports.presume(not (fresh or start.place.history.settled))
        await exports.begin(sight, start.opening in _MADE_OF_FILE)
    return sight
