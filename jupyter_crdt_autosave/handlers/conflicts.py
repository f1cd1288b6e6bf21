"""The cells of which a file had other words."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..room.live import LiveNotebook
from .answers import Call, answering


class ConflictsHandler(Call):
    """``GET`` and ``POST conflicts/<path>``."""

    @web.authenticated
    @authorized
    @answering
    async def get(self, path: str) -> None:
        """Answer with the conflicts that nobody has settled."""
        await self._tell(self.rooms.at(path).live)

    @web.authenticated
    @authorized
    @answering
    async def post(self, path: str) -> None:
        """Take the file's words or dismiss them, and answer with the conflicts that are left."""
        live, body = self.rooms.at(path).live, self.body()
        conflicts = live.conflicts
        act = self.choice(body, {"take": conflicts.take, "dismiss": conflicts.dismiss})
        await act(self.text(body, "id"))
        await self._tell(live)

    async def _tell(self, live: LiveNotebook) -> None:
        marks = await live.conflicts.marks()
        await self.answer({"conflicts": [mark.to_json() for mark in marks]})
