"""Which paths the contents API would show."""

from __future__ import annotations

from typing import Any

from jupyter_server.utils import ensure_async
from tornado import web


async def is_shown(contents: Any, path: str) -> bool:
    """Whether the contents API would show what is at `path`, if anything is."""
    try:
        hidden = await ensure_async(contents.is_hidden(path))
    except NotImplementedError:
        return True
    except (web.HTTPError, OSError, ValueError):
        # Outside of the root folder, or nothing that could be a path.
        return False
    return bool(contents.allow_hidden or not hidden)


async def visible(contents: Any, path: str) -> None:
    """Let through only what the contents API would show.

    Raises:
        HTTPError: 404, the path is hidden or outside of the root folder.
    """
    if not await is_shown(contents, path):
        raise web.HTTPError(404, f"There is no notebook at {path}.")
