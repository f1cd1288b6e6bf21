"""The HTTP API."""

from __future__ import annotations

from typing import Any

from jupyter_server.base.handlers import APIHandler

from ..rooms import Rooms
from .answers import status_of
from .autosave import AutosaveHandler
from .status import StatusHandler
from .visible import visible

__all__ = ["BASE", "handlers", "status_of", "visible"]

BASE = r"/api/crdt-autosave"


def handlers(rooms: Rooms) -> list[tuple[str, type[APIHandler], dict[str, Any]]]:
    """The API's routes."""
    return [
        (rf"{BASE}/status/(.+)", StatusHandler, {"rooms": rooms}),
        (rf"{BASE}/autosave/(.+)", AutosaveHandler, {"rooms": rooms}),
    ]
