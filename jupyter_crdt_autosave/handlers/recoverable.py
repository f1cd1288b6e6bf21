"""Notebooks that have no file any more: listed, shown, and written back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from ..recoverable import Recoverables
from .answers import answering


class RecoveryHandler(APIHandler):
    """``GET`` and ``POST recovery``: what can be written back; write one back."""

    auth_resource = "contents"

    def initialize(self, recoverables: Recoverables) -> None:
        """Given by the app."""
        self._recoverables = recoverables

    @web.authenticated
    @authorized
    @answering
    async def get(self) -> None:
        """Answer with the notebooks, the last modified first."""
        found = [asdict(one) for one in await self._recoverables.all()]
        await self.finish(json.dumps({"notebooks": found}))

    @web.authenticated
    @authorized
    @answering
    async def post(self) -> None:
        """Write one back to a path, and answer with that."""
        body: Any = self.get_json_body()
        id, path = (body.get("id"), body.get("path")) if isinstance(body, dict) else (None, None)
        if not isinstance(id, str) or not isinstance(path, str):
            raise web.HTTPError(400, "The id of a notebook and a path are needed.")
        await self._recoverables.write_back(id, path)
        await self.finish(json.dumps({"id": id, "path": path}))


class RecoverableHandler(APIHandler):
    """``GET recoverable/<id>``: what one holds."""

    auth_resource = "contents"

    def initialize(self, recoverables: Recoverables) -> None:
        """Given by the app."""
        self._recoverables = recoverables

    @web.authenticated
    @authorized
    @answering
    async def get(self, id: str) -> None:
        """Answer with the notebook."""
        await self.finish(await self._recoverables.content(id))
