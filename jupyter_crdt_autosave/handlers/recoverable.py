"""Notebooks that have no file any more: listed, shown, and written back."""

from __future__ import annotations

from dataclasses import asdict

from jupyter_server.auth.decorator import authorized
from tornado import web

from .answers import Call, answering


class RecoverablesHandler(Call):
    """``GET`` and ``POST recovery``."""

    @web.authenticated
    @authorized
    @answering
    async def get(self) -> None:
        """Answer with the notebooks, the last modified first."""
        await self.answer({"notebooks": [asdict(one) for one in await self.recoverables.all()]})

    @web.authenticated
    @authorized
    @answering
    async def post(self) -> None:
        """Write one back to a path, and answer with that."""
        body = self.body()
        id, path = self.text(body, "id"), self.text(body, "path")
        await self.recoverables.write_back(id, path)
        await self.answer({"id": id, "path": path})


class RecoverableHandler(Call):
    """``GET recoverable/<id>``."""

    @web.authenticated
    @authorized
    @answering
    async def get(self, id: str) -> None:
        """Answer with what one holds, which is JSON already."""
        data = await self.recoverables.content(id)
        self.set_header("Content-Type", "application/json")
        await self.finish(data)
