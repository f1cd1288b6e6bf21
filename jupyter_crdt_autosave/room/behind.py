"""Checkpoints for documents that a crash left ahead of their files, opened or not.

A process of its own: replaying a document holds the interpreter for long at a time.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from ..disk import Disk, OSDisk
from ..errors import AutosaveError
from ..file import fingerprint
from ..file.checkpoint import CheckpointFile
from ..model import Checkpoint
from ..notebook import Sheet, digest
from ..storage.history import History
from ..storage.journal import Journal
from ..storage.segment import abandoned, order_of
from ..storage.store import About, Store
from .clock import utc_now
from .replayed import replayed

_FLUSH = 10.0
"""Seconds that a journal may take to get durable what is noted in it."""


def catch_up(root: str) -> list[str]:
    """Set down what the files of closed notebooks lack. Blocks.

    Only beside files that are as they were when they last agreed with their document: what else
    there is to be done is found out when the notebook is opened.

    Args:
        root: the store's folder.

    Returns:
        The real paths of these files.
    """
    disk = OSDisk()
    store, done = Store(disk, root), []
    for about in list(store.all()):
        if about.released is None and os.path.isfile(about.identity):
            with suppress(OSError, AutosaveError), store.lock(about.id, patience=0):
                if _catch_up(disk, store.folder(about.id), about):
                    done.append(about.identity)
    return done


def _catch_up(disk: Disk, folder: str, about: About) -> bool:
    with abandoned(disk, folder) as names:
        there = {name for name in disk.list(folder) if order_of(name) is not None}
        if not there <= names:
            return False
    journal = Journal(disk, folder, lambda: None)
    history = journal.load()
    if history.settled or history.empty or history.damaged or history.lineage is None:
        return False
    mark = fingerprint(disk.read(about.identity))
    if not history.baselines or not mark.same_bytes(history.baselines[-1].file):
        return False
    return _set_down(disk, journal, history, about)


def _set_down(disk: Disk, journal: Journal, history: History, about: About) -> bool:
    """Write the checkpoint, unless the file has it all, or the checkpoint does."""
    content = replayed(history.updates)
    substance = digest(content).substance
    if substance == history.baselines[-1].substance:
        return False
    data = Sheet().render(content).data
    stored = os.path.join(journal.folder, "checkpoint.ipynb")
    file = CheckpointFile(disk, about.identity, stored)
    known = tuple(one.file for one in history.checkpoints if one.file is not None)
    if file.read(known) == data:
        return False
    note = Checkpoint(fingerprint(data), utc_now(), substance, history.position)
    journal.start(history.lineage or 0, about.path)
    try:
        journal.note_checkpoint(note)
        # Somebody else's checkpoint stays where it is.
        file.write(data, known, lambda _: False)
    finally:
        journal.close(False, _FLUSH)
    return True


if __name__ == "__main__":
    catch_up(sys.argv[1])
