"""The HTTP API, and the one place where errors become answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import ensure_async
from tornado import web

from .errors import (
    AutosaveError,
    CheckpointFailed,
    ExportFailed,
    FileMissing,
    FileUnavailable,
    NotebookError,
    NotOpen,
    StorageError,
)
from .rooms import Rooms

BASE = r"/api/crdt-autosave"

H = TypeVar("H", bound=APIHandler)

_STATUS: dict[type[AutosaveError], int] = {
    NotOpen: 404,
    FileMissing: 404,
    NotebookError: 400,
    FileUnavailable: 400,
    ExportFailed: 507,
    CheckpointFailed: 507,
    StorageError: 507,
}


def status_of(error: AutosaveError) -> int:
    """The HTTP status of an error: that of the nearest class in the table, else 500."""
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def answering(
    method: Callable[[H, str], Awaitable[None]],
) -> Callable[[H, str], Awaitable[None]]:
    """Let a handler's method raise our errors; the caller gets a message and a reason."""

    @wraps(method)
    async def answer(self: H, path: str) -> None:
        try:
            await method(self, path)
        except AutosaveError as error:
            self.set_status(status_of(error))
            await self.finish(json.dumps({"message": str(error), "reason": error.reason}))

    return answer


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


async def visible(contents: Any, path: str) -> None:
    """Let through only what the contents API would show.

    Raises:
        HTTPError: 404, the path is hidden or outside of the root folder.
    """
    try:
        hidden = await ensure_async(contents.is_hidden(path))
    except NotImplementedError:
        return
    if hidden and not contents.allow_hidden:
        raise web.HTTPError(404, f"There is no notebook at {path}.")


def handlers(rooms: Rooms) -> list[tuple[str, type[APIHandler], dict[str, Any]]]:
    """The API's routes."""
    return [
        (rf"{BASE}/status/(.+)", StatusHandler, {"rooms": rooms}),
        (rf"{BASE}/autosave/(.+)", AutosaveHandler, {"rooms": rooms}),
    ]
