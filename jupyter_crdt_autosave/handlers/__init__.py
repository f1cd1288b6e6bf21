"""The HTTP API: one file for each thing that can be asked for."""

from __future__ import annotations

from typing import Any

from jupyter_server.base.handlers import APIHandler

from ..recoverable import Recoverables
from ..rooms import Rooms
from ..timelines import Timelines
from .answers import status_of
from .autosave import AutosaveHandler
from .conflicts import ConflictsHandler
from .recoverable import RecoverableHandler, RecoverablesHandler
from .recovery import RecoveryHandler, ReloadHandler
from .status import ContentHandler, StatusHandler
from .versions import VersionHandler, VersionRestoreHandler, VersionsHandler
from .visible import is_shown, visible

__all__ = ["BASE", "handlers", "is_shown", "status_of", "visible"]

BASE = r"/api/crdt-autosave"


def handlers(
    rooms: Rooms, timelines: Timelines, recoverables: Recoverables
) -> list[tuple[str, type[APIHandler], dict[str, Any]]]:
    """The API's routes."""
    given = {"rooms": rooms, "timelines": timelines, "recoverables": recoverables}
    return [
        (rf"{BASE}/status/(.+)", StatusHandler, given),
        (rf"{BASE}/content/(.+)", ContentHandler, given),
        (rf"{BASE}/autosave/(.+)", AutosaveHandler, given),
        (rf"{BASE}/recovery", RecoverablesHandler, given),
        (rf"{BASE}/recoverable/(\w+)", RecoverableHandler, given),
        (rf"{BASE}/recovery/(.+)", RecoveryHandler, given),
        (rf"{BASE}/reload/(.+)", ReloadHandler, given),
        (rf"{BASE}/versions/(.+)", VersionsHandler, given),
        (rf"{BASE}/version/(\w+)", VersionHandler, given),
        (rf"{BASE}/version/(\w+)/restore", VersionRestoreHandler, given),
        (rf"{BASE}/conflicts/(.+)", ConflictsHandler, given),
    ]
