"""What a live notebook shares with all others of its server."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..disk import Disk
from ..file.watch import Watch
from ..model import Settings
from ..storage.store import Store

Report = Callable[[str, dict[str, Any]], None]
"""Called with a topic and what happened, for whoever listens to the server's events."""


@dataclass(frozen=True)
class Surroundings:
    """Where notebooks are kept, how that is set, and whom to tell.

    ``watch`` tells of changes of files; ``compact`` is called with a document's folder that is
    worth compacting.
    """

    store: Store
    disk: Disk
    settings: Settings
    log: logging.Logger
    report: Report
    watch: Watch
    compact: Callable[[str], None]
