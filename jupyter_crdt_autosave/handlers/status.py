"""How a live notebook stands, and what is in it."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from .answers import Call, answering


class StatusHandler(Call):
    """``GET status/<path>``."""

    @web.authenticated
    @authorized
    @answering
    async def get(self, path: str) -> None:
        """Answer with the status; 404 while no room of the notebook is open."""
        live = self.rooms.at(path).live
        # Somebody looks at the notebook: file systems that tell nothing are asked at such times.
        live.noticing.wake()
        await self.answer(live.status().to_json())


class ContentHandler(Call):
    """``GET content/<path>``."""

    @web.authenticated
    @authorized
    @answering
    async def get(self, path: str) -> None:
        """Answer with the notebook as it is on the screen, which the file may lack."""
        await self.answer(await self.rooms.at(path).live.content())
