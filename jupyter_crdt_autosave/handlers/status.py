"""How an open notebook stands."""

from __future__ import annotations

import json
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from ..rooms import Rooms
from .answers import answering


class StatusHandler(APIHandler):
    """``GET status/<path>``: how a live notebook stands."""

    auth_resource = "contents"

    def initialize(self, rooms: Rooms) -> None:
        """Given by the app."""
        self._rooms = rooms

    @web.authenticated
    @authorized
    @answering
    async def get(self, path: str) -> None:
        """Answer with the status; 404 while no room of the notebook is open."""
        live = self._rooms.at(path).live
        # Somebody looks at the notebook: file systems that tell nothing are asked at such times.
        live.noticing.wake()
        status: dict[str, Any] = live.status().to_json()
        await self.finish(json.dumps(status))
