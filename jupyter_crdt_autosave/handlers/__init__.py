"""The HTTP API: one file for each thing that can be asked for."""

from __future__ import annotations

from typing import Any

from jupyter_server.base.handlers import APIHandler

from ..rooms import Rooms
from .answers import status_of
from .autosave import AutosaveHandler
from .recovery import RecoveryHandler, ReloadHandler
from .status import ContentHandler, StatusHandler
from .visible import visible

__all__ = ["BASE", "handlers", "status_of", "visible"]

BASE = r"/api/crdt-autosave"


def handlers(rooms: Rooms) -> list[tuple[str, type[APIHandler], dict[str, Any]]]:
    """The API's routes."""
    given = {"rooms": rooms}
    return [
        (rf"{BASE}/status/(.+)", StatusHandler, given),
        (rf"{BASE}/content/(.+)", ContentHandler, given),
        (rf"{BASE}/autosave/(.+)", AutosaveHandler, given),
        (rf"{BASE}/recovery/(.+)", RecoveryHandler, given),
        (rf"{BASE}/reload/(.+)", ReloadHandler, given),
    ]
