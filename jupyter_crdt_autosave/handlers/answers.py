"""The one place where errors become answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from jupyter_server.base.handlers import APIHandler

from ..errors import (
    AutosaveError,
    CheckpointFailed,
    ExportFailed,
    FileMissing,
    FileUnavailable,
    NotebookError,
    NotOpen,
    NotRecoverable,
    PathRefused,
    PathTaken,
    StorageError,
)

H = TypeVar("H", bound=APIHandler)
P = ParamSpec("P")

_STATUS: dict[type[AutosaveError], int] = {
    NotOpen: 404,
    FileMissing: 404,
    NotRecoverable: 404,
    PathRefused: 400,
    PathTaken: 409,
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
