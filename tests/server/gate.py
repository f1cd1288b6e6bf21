"""Holds a room up where a test wants it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jupyter_crdt_autosave.room.room import NotebookRoom


class Gate:
    """Lets a room's method begin, and finish only when it is opened."""

    def __init__(self, patch: pytest.MonkeyPatch, method: str) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()
        original = getattr(NotebookRoom, method)

        async def wait(room: NotebookRoom, *arguments: Any) -> Any:
            self.reached.set()
            await self.opened.wait()
            return await original(room, *arguments)

        patch.setattr(NotebookRoom, method, wait)
