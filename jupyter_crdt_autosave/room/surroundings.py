"""What a live notebook shares with all others of its server."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ..disk import Disk
from ..file.watch import Watch
from ..kernel import Presence
from ..model import Settings
from ..storage.store import Store

Report = Callable[[str, dict[str, Any]], None]
"""Called with a topic and what happened, for whoever listens to the server's events."""


class Kernels(Protocol):
    """Says of each notebook whether a cell of one of its kernels is running."""

    def state(self, path: str) -> Presence:
        """How the notebook at `path` stands with its kernels."""

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Call `observer` whenever the state of some notebook may have changed.

        Returns:
            What ends that.
        """

    def moved(self, old: str, new: str) -> None:
        """A file or folder was moved, which its sessions may not be told of."""


@dataclass(frozen=True)
class Surroundings:
    """Where notebooks are kept, how that is set, and whom to tell.

    ``watch`` tells of changes of files; ``compact`` is called with a document's folder that is
    worth compacting; ``kernels`` gives the server's kernels, whose managers are made after us.
    ``clock`` gives seconds and only goes forward.
    """

    store: Store
    disk: Disk
    settings: Settings
    log: logging.Logger
    report: Report
    watch: Watch
    compact: Callable[[str], None]
    kernels: Callable[[], Kernels]
    clock: Callable[[], float] = time.monotonic
