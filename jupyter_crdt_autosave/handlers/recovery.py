"""Work that a notebook has and its file lacks: shown, restored, discarded; and the file taken."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..room.live import LiveNotebook
from ..room.offer import told
from .answers import Call, answering


class RecoveryHandler(Call):
    """``GET`` and ``POST recovery/<path>``."""

    @web.authenticated
    @authorized
    @answering
    async def get(self, path: str) -> None:
        """Answer with what is offered; from now on it waits for an answer."""
        await self._tell(self.rooms.at(path).live)

    @web.authenticated
    @authorized
    @answering
    async def post(self, path: str) -> None:
        """Restore or discard what is offered, and answer with what is offered then."""
        live, body = self.rooms.at(path).live, self.body()
        recovery = live.recovery
        act = self.choice(body, {"restore": recovery.restore, "discard": recovery.discard})
        await act(self.text(body, "id"))
        await self._tell(live)

    async def _tell(self, live: LiveNotebook) -> None:
        await self.answer(told(live.path, await live.recovery.offered()))


class ReloadHandler(Call):
    """``POST reload/<path>``."""

    @web.authenticated
    @authorized
    @answering
    async def post(self, path: str) -> None:
        """Make the document what the file is, and answer with the status."""
        live = self.rooms.at(path).live
        await live.recovery.reload()
        await self.answer(live.status().to_json())
