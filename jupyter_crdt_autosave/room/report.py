"""How one live notebook stands."""

from __future__ import annotations

from ..kernel import Presence
from ..model import Status
from ..schedule import due_at
from .autosave import Autosave
from .clock import utc_ago, utc_now
from .workings import Workings
from .writing import Writing


def report(
    lineage: str, kernel: Presence, workings: Workings, writing: Writing, autosave: Autosave
) -> Status:
    """Gather what the parts of a notebook know."""
    side, state = workings.side, autosave.state
    return Status(
        path=side.file.path,
        lineage=lineage,
        unsaved=workings.exports.unsaved or workings.mirror.changed,
        kernel=kernel.value,
        deferred=moment(autosave, state.deferred_since),
        due_at=moment(autosave, due_at(state)),
        last_autosave=writing.last_autosave,
        last_save=writing.last_save,
        journal=workings.journal.health(),
        offer=workings.offers.standing.id if workings.offers.standing else None,
        export_error=writing.voice.export_error or side.halt or writing.voice.checkpoint_error,
    )


def moment(autosave: Autosave, at: float | None) -> str | None:
    """A time of the notebook's clock as answers give it; one that is long past is now."""
    if at is None:
        return None
    return utc_now() if at == float("-inf") else utc_ago(autosave.clock() - at)
