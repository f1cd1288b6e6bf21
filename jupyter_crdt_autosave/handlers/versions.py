"""Timelines: what notebooks were before."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..errors import BadRequest
from .answers import Call, answering
from .visible import visible


class VersionsHandler(Call):
    """``GET`` and ``POST versions/<path>``."""

    @web.authenticated
    @authorized
    @answering
    async def get(self, path: str) -> None:
        """Answer with the versions of a notebook, newest first, whether it is open or not."""
        await visible(self.contents_manager, path)
        found = await self.timelines.versions(path)
        await self.answer({"versions": [version.to_json() for version in found]})

    @web.authenticated
    @authorized
    @answering
    async def post(self, path: str) -> None:
        """Keep the notebook as it is now under a name, and answer with that version."""
        await visible(self.contents_manager, path)
        name = self.text(self.body(), "name")
        self.set_status(201)
        await self.answer((await self.timelines.name(path, name)).to_json())


class VersionCall(Call):
    """A call about one version, whose notebook the caller must be able to see."""

    async def allowed(self, id: str) -> None:
        """Let through only versions of notebooks that the contents API would show.

        Raises:
            VersionMissing: there is no such version.
            HTTPError: 404, its notebook is hidden.
        """
        await visible(self.contents_manager, await self.timelines.path_of(id))


class VersionHandler(VersionCall):
    """``GET``, ``PATCH`` and ``DELETE version/<id>``."""

    @web.authenticated
    @authorized
    @answering
    async def get(self, id: str) -> None:
        """Answer with a version and its content."""
        await self.allowed(id)
        version, content = await self.timelines.read(id)
        await self.answer({**version.to_json(), "content": content})

    @web.authenticated
    @authorized
    @answering
    async def patch(self, id: str) -> None:
        """Give a version another name (null: none), or undo its removal."""
        body = self.body()
        if body.get("removed") is False:
            await self.timelines.bring_back(id)
        await self.allowed(id)
        if "name" in body:
            name = None if body["name"] is None else self.text(body, "name")
            await self.timelines.rename(id, name)
        elif "removed" not in body:
            raise BadRequest('The request\'s body needs a "name", or "removed": false.')
        await self.answer((await self.timelines.find(id)).to_json())

    @web.authenticated
    @authorized
    @answering
    async def delete(self, id: str) -> None:
        """Remove a version, and answer with what it was: for a day that can be undone."""
        await self.allowed(id)
        await self.answer((await self.timelines.remove(id)).to_json())


class VersionRestoreHandler(VersionCall):
    """``POST version/<id>/restore``."""

    @web.authenticated
    @authorized
    @answering
    async def post(self, id: str) -> None:
        """Make a notebook, or some of its cells, what they were, and answer with the version."""
        cells = self.body().get("cells")
        if cells is not None and not (
            isinstance(cells, list) and all(isinstance(cell, str) for cell in cells)
        ):
            raise BadRequest('"cells" is neither null nor a list of the ids of cells.')
        await self.allowed(id)
        await self.answer((await self.timelines.restore(id, cells)).to_json())
