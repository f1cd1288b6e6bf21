"""Which paths the contents API would show."""

from __future__ import annotations

from typing import Any

from jupyter_server.utils import ensure_async
from tornado import web


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
