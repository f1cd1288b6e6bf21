"""The HTTP API."""

from __future__ import annotations

from typing import Any

from jupyter_server.base.handlers import APIHandler

from ..recoverable import Recoverables
from ..rooms import Rooms
from .answers import status_of
from .autosave import AutosaveHandler
from .recoverable import RecoverableHandler, RecoveryHandler
from .status import StatusHandler
from .visible import is_shown, visible

__all__ = ["BASE", "handlers", "is_shown", "status_of", "visible"]

BASE = r"/api/crdt-autosave"


def handlers(
    rooms: Rooms, recoverables: Recoverables
) -> list[tuple[str, type[APIHandler], dict[str, Any]]]:
    """The API's routes."""
    return [
        (rf"{BASE}/status/(.+)", StatusHandler, {"rooms": rooms}),
        (rf"{BASE}/autosave/(.+)", AutosaveHandler, {"rooms": rooms}),
        (rf"{BASE}/recovery", RecoveryHandler, {"recoverables": recoverables}),
        (rf"{BASE}/recoverable/([^/]+)", RecoverableHandler, {"recoverables": recoverables}),
    ]
