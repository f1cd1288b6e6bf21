"""The one place where errors become answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeVar

from jupyter_server.base.handlers import APIHandler

from ..errors import (
    AutosaveError,
    CheckpointFailed,
    ExportFailed,
    FileMissing,
    FileUnavailable,
    NotebookError,
    NotOpen,
    StorageError,
)

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
