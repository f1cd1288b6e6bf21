"""A closed or open notebook, opened in this process as a second server opens it."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from pycrdt import TransactionEvent

from ..document.untracked import UntrackedNotebook
from ..errors import DocumentMissing, JournalFailed
from ..file import file_of
from ..file.watch import Watch
from ..kernel import Presence
from ..room.live import LiveNotebook
from ..room.surroundings import Surroundings
from ..storage.store import About
from ..worker import Worker
from .reading import has_file
from .session import Session
from .words import place

_LEAVE = 10.0
"""Seconds for everything that has to be written at the end."""


class _NoKernels:
    """The kernels of this process."""

    def state(self, path: str) -> Presence:
        """None runs."""
        return Presence.NONE

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Nothing will happen."""
        return lambda: None

    def moved(self, old: str, new: str) -> None:
        """Nobody follows."""


@asynccontextmanager
async def opened(session: Session, about: About) -> AsyncIterator[LiveNotebook]:
    """Have the notebook of a document open for as long as the block runs.

    Hooks of the configured server run at its export as they do there.

    Raises:
        DocumentMissing: it has no notebook that could be opened from here.
        AutosaveError: it cannot be opened.
    """
    if not has_file(about):
        raise DocumentMissing(
            f"{place(about.identity or about.id)} is no file of this machine, or none any more. "
            "`jupyter crdt-autosave export` writes what is kept to any file."
        )
    root, path = _rooted(about)
    manager = AsyncLargeFileManager(config=session.config, root_dir=root)
    worker, watch = Worker("notebook"), Watch(logging.getLogger(__name__))
    around = Surroundings(
        store=session.store,
        disk=session.disk,
        settings=session.settings,
        log=logging.getLogger(__name__),
        report=lambda topic, data: None,
        watch=watch,
        compact=lambda folder: None,
        kernels=_NoKernels,
    )
    file = file_of(manager, path, session.disk, worker)
    live = LiveNotebook(UntrackedNotebook(), file, worker, around)

    def keep(event: TransactionEvent) -> None:
        live.keep(event.update)

    try:
        await live.open()
        live.notebook.ydoc.observe(keep)
        await live.arrive()
        yield live
    finally:
        durable = await live.close(_LEAVE)
        watch.stop()
    if not durable:
        raise JournalFailed(
            f"What was done to {place(about.identity)} is not on the disk yet. See that there is "
            f"space under {session.store.root}; then try again."
        )


def _rooted(about: About) -> tuple[str, str]:
    """The folder of the server that knew the notebook, and the path that it had there.

    As a rule: other servers see the path by which it was opened last.
    """
    inside = os.sep + about.path.strip("/")
    if about.path and about.identity.endswith(inside):
        return about.identity.removesuffix(inside) or os.sep, about.path
    root, name = os.path.split(about.identity)
    return root, name
