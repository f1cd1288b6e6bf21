"""Autosave now, and the checkpoint's removal."""

from __future__ import annotations

import json

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from ..rooms import Rooms
from .answers import answering


class AutosaveHandler(APIHandler):
    """``POST`` and ``DELETE autosave/<path>``: autosave now; remove the checkpoint."""

    auth_resource = "contents"

    def initialize(self, rooms: Rooms) -> None:
        """Given by the app."""
        self._rooms = rooms

    @web.authenticated
    @authorized
    @answering
    async def post(self, path: str) -> None:
        """Autosave, and answer with where that goes and since when it waits for the kernel."""
        live = self._rooms.at(path).live
        target = await live.autosave()
        answer = {"target": target.value, "deferred": live.status().deferred}
        await self.finish(json.dumps(answer))

    @web.authenticated
    @authorized
    @answering
    async def delete(self, path: str) -> None:
        """Remove the checkpoint, and answer with whether there was one."""
        removed = await self._rooms.at(path).live.remove_checkpoint()
        await self.finish(json.dumps({"removed": removed}))
