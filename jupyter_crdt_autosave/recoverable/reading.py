"""What documents hold, asked of a process of its own."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

from ..errors import StoreUnavailable
from ..model import Position
from ..process import run_module


@dataclass(frozen=True)
class Reading:
    """What a document holds, the digests of that, and the journal position it goes with."""

    notebook: dict[str, Any]
    content: str
    substance: str
    position: Position


class Reader:
    """Lets documents be read where that holds up nobody: a replay takes the whole interpreter."""

    def __init__(self, root: str, log: logging.Logger) -> None:
        """`root` is the store's folder."""
        self._root = root
        self._log = log

    async def survey(self, documents: list[str]) -> None:
        """Let it be noted what documents are like; of those that cannot be read nothing is.

        Raises:
            StoreUnavailable: none of them could be.
        """
        await self._run("survey", *documents)

    async def file(self, document: str) -> bytes:
        """What a document holds, as a notebook file.

        Raises:
            StoreUnavailable: it cannot be read now.
        """
        return await self._run("file", document)

    async def lines(self, document: str) -> bytes:
        """What `parsed` makes a reading of.

        Raises:
            StoreUnavailable: it cannot be read now.
        """
        return await self._run("lines", document)

    async def _run(self, purpose: str, *documents: str) -> bytes:
        code, output, complaint = await run_module("room.reading", purpose, self._root, *documents)
        if code:
            self._log.warning("Reading %s failed: %s", ", ".join(documents), complaint)
            raise StoreUnavailable("What was kept of this notebook cannot be read now.")
        return output


def parsed(lines: bytes) -> Reading:
    """A reading from its lines. Blocks, but for one cell at a time only."""
    around, *cells = map(json.loads, lines.split(b"\n"))
    notebook = {"cells": cells, **around["notebook"]}
    return Reading(notebook, around["content"], around["substance"], around["position"])
