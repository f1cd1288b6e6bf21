"""What every call of the HTTP API has in common, and the one map from errors to answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from jupyter_server.base.handlers import APIHandler

from ..errors import (
    AutosaveError,
    BadRequest,
    CheckpointFailed,
    ConflictMissing,
    ExportFailed,
    FileMissing,
    FileUnavailable,
    NotebookError,
    NotOffered,
    NotOpen,
    NotRecoverable,
    PathRefused,
    PathTaken,
    StorageError,
    VersionMissing,
)
from ..recoverable import Recoverables
from ..rooms import Rooms
from ..timelines import Timelines

LONGEST = 1000
"""Characters that a text in a request may have."""

H = TypeVar("H", bound=APIHandler)
T = TypeVar("T")
P = ParamSpec("P")

_STATUS: dict[type[AutosaveError], int] = {
    BadRequest: 400,
    NotOpen: 404,
    FileMissing: 404,
    NotRecoverable: 404,
    PathRefused: 400,
    PathTaken: 409,
    VersionMissing: 404,
    ConflictMissing: 409,
    NotOffered: 409,
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
    method: Callable[Concatenate[H, P], Awaitable[None]],
) -> Callable[Concatenate[H, P], Awaitable[None]]:
    """Let a handler's method raise our errors; the caller gets a message and a reason."""

    @wraps(method)
    async def answer(self: H, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await method(self, *args, **kwargs)
        except AutosaveError as error:
            self.set_status(status_of(error))
            await self.finish(json.dumps({"message": str(error), "reason": error.reason}))

    return answer


class Call(APIHandler):
    """One path of the API. It is authorised like the contents that it is about."""

    auth_resource = "contents"

    def initialize(self, rooms: Rooms, timelines: Timelines, recoverables: Recoverables) -> None:
        """Given by the app."""
        self.recoverables = recoverables
        self.rooms = rooms
        self.timelines = timelines

    def body(self) -> dict[str, Any]:
        """The JSON object that came with the request; an empty one if nothing did.

        Raises:
            BadRequest: that is no JSON object.
        """
        try:
            found = json.loads(self.request.body or b"{}")
        except ValueError as error:
            raise BadRequest("The request's body is not JSON.") from error
        if not isinstance(found, dict):
            raise BadRequest("The request's body is not a JSON object.")
        return found

    def text(self, body: dict[str, Any], key: str) -> str:
        """A text that has to be in the body.

        Raises:
            BadRequest: it is not.
        """
        found = body.get(key)
        if not isinstance(found, str) or not 0 < len(found.strip()) <= LONGEST:
            raise BadRequest(
                f'The request\'s body needs "{key}", a text of up to {LONGEST} characters.'
            )
        return found

    def choice(self, body: dict[str, Any], choices: Mapping[str, T]) -> T:
        """What the body's "action" stands for.

        Raises:
            BadRequest: that is none of these.
        """
        action = self.text(body, "action")
        if action not in choices:
            raise BadRequest(f'"action" is none of {", ".join(choices)}.')
        return choices[action]

    async def answer(self, found: Any) -> None:
        """Answer with JSON, which may be a large notebook."""
        self.set_header("Content-Type", "application/json")
        await self.finish(await asyncio.to_thread(_encoded, found))


def _encoded(found: Any, depth: int = 3) -> str:
    """JSON, made piece by piece: a whole notebook at once would hold the interpreter for long."""
    if depth and isinstance(found, dict):
        parts = (f"{json.dumps(key)}: {_encoded(found[key], depth - 1)}" for key in found)
        return "{" + ", ".join(parts) + "}"
    if depth and isinstance(found, list):
        return "[" + ", ".join(_encoded(item, depth - 1) for item in found) + "]"
    return json.dumps(found)
