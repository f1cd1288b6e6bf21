"""Autosave now, and no checkpoint any more."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from .answers import Call, answering


class AutosaveHandler(Call):
    """``POST`` and ``DELETE autosave/<path>``."""

    @web.authenticated
    @authorized
    @answering
    async def post(self, path: str) -> None:
        """Autosave, and answer with where that goes and since when it waits for the kernel."""
        live = self.rooms.at(path).live
        target = await live.autosave()
        await self.answer({"target": target.value, "deferred": live.status().deferred})

    @web.authenticated
    @authorized
    @answering
    async def delete(self, path: str) -> None:
        """Remove the checkpoint, and answer with whether there was one."""
        removed = await self.rooms.at(path).live.remove_checkpoint()
        await self.answer({"removed": removed})
