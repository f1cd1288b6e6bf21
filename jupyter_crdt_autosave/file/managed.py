"""A notebook kept by a contents manager that is not one of jupyter_server's own local ones."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_server.utils import ensure_async
from tornado.web import HTTPError

from ..errors import ExportFailed, FileUnavailable, PathTaken
from ..model import Fingerprint
from ..notebook import read
from ..worker import Worker
from .base import Export, Exported, Keep
from .format import reads, writes
from .hooks import message_of
from .sight import MISSING, Sight, fingerprint

PATIENCE = 30.0
"""Seconds after which a manager that does not answer counts as one that failed."""


class ManagedFile:
    """Goes through the manager for everything: its own ``save`` pairs, converts and uploads."""

    def __init__(self, manager: Any, path: str, worker: Worker) -> None:
        """`manager` is any ``ContentsManager``, sync or async."""
        self.path = path
        self._manager = manager
        self._worker = worker
        self._trusted = False

    @property
    def identity(self) -> str:
        """The manager's class and the path."""
        kind = type(self._manager)
        return f"{kind.__module__}.{kind.__qualname__}:{self.path.strip('/')}"

    @property
    def watched(self) -> str | None:
        """Nothing: where this manager keeps its notebooks is its own affair."""
        return None

    async def signature(self) -> object:
        """The time of the last change; None if the file is missing."""
        try:
            model = await self._answer(self._manager.get(self._path, content=False))
        except HTTPError as error:
            if error.status_code == 404:
                return None
            raise self._unavailable(error) from error
        return model["last_modified"]

    async def look(self) -> Sight:
        """Read the notebook; its bytes are what nbformat writes of it."""
        try:
            model = await self._answer(
                self._manager.get(self._path, content=True, type="notebook", format="json")
            )
        except HTTPError as error:
            if error.status_code == 404:
                return MISSING
            raise self._unavailable(error) from error
        content = model["content"]
        if not self.path.endswith(".ipynb"):
            content = await self._worker.run(_without_ids, content)
        data = await self._worker.run(writes, content)
        self._trusted = _all_trusted(model["content"])
        modified = model["last_modified"].timestamp()
        return await self._worker.run(Sight, data, None, await self._hash(), modified)

    async def export(self, export: Export) -> Exported:
        """Let the manager save, and read back what it holds then."""
        seen = await self.look()
        if export.only_new and not seen.missing:
            raise PathTaken(f"{self.path} exists already. Choose another path.")
        foreign = not seen.missing and not _known(seen, export)
        if foreign and not await self._worker.run(export.keep, seen.data):
            raise ExportFailed(f"{self.path} was changed elsewhere and could not be kept.")
        data = await self._worker.run(export.render, export.content)
        await export.announce(fingerprint(data), True)
        content = await self._worker.run(_for_manager, data, export.content)
        model: dict[str, Any] = {"type": "notebook", "format": "json", "content": content}
        if not export.wanted():
            raise ExportFailed(f"{self.path} was deleted while it was being saved.")
        try:
            await asyncio.wait_for(ensure_async(self._manager.save(model, self._path)), PATIENCE)
        except HTTPError as error:
            raise ExportFailed(f"{self.path} was not saved: {message_of(error)}") from error
        except (TimeoutError, asyncio.TimeoutError) as error:
            raise ExportFailed(
                f"{self.path} was not saved: what keeps it has not answered for {PATIENCE:g} "
                "seconds. Your edits are kept; it will be tried again."
            ) from error
        try:
            signature, sight = await self.signature(), await self.look()
        except FileUnavailable as error:
            raise ExportFailed(f"{self.path} was saved, but not read back: {error}") from error
        if not await self._worker.run(_holds, sight, model["content"]):
            raise ExportFailed(f"{self.path} does not hold what was saved to it.")
        return Exported(sight, signature)

    async def trusted(self, sight: Sight) -> bool:
        """Whether the manager marked the cells as trusted when it was last asked."""
        return self._trusted

    async def sweep(self, known: tuple[Fingerprint, ...], keep: Keep) -> bool:
        """Nothing of ours is ever left with another manager."""
        return False

    async def clear_leftover(self, data: bytes) -> None:
        """There never is one."""

    async def leftovers(self) -> list[Sight]:
        """Nothing is known of another manager's interrupted saves."""
        return []

    @property
    def _path(self) -> str:
        return self.path.strip("/")

    async def _hash(self) -> str | None:
        try:
            model = await self._answer(
                self._manager.get(self._path, content=False, require_hash=True)
            )
        except TypeError:
            # Managers older than jupyter_server 2.11 know no hash.
            return None
        digest = model.get("hash")
        return digest if isinstance(digest, str) else None

    async def _answer(self, question: Any) -> Any:
        """What the manager answers.

        Raises:
            FileUnavailable: it does not answer.
        """
        try:
            return await asyncio.wait_for(ensure_async(question), PATIENCE)
        except (TimeoutError, asyncio.TimeoutError) as error:
            raise FileUnavailable(
                f"{self.path} cannot be read: what keeps it has not answered for {PATIENCE:g} "
                "seconds."
            ) from error

    def _unavailable(self, error: HTTPError) -> FileUnavailable:
        return FileUnavailable(f"{self.path} cannot be read: {message_of(error)}")


def _without_ids(content: Any) -> dict[str, Any]:
    """What a text file holds of a notebook: the ids of its cells are made up at each reading."""
    cells = [{key: cell[key] for key in cell if key != "id"} for cell in content["cells"]]
    return {**content, "cells": cells, "nbformat_minor": min(4, content["nbformat_minor"])}


def _all_trusted(content: Any) -> bool:
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    return all(cell["metadata"].get("trusted", False) for cell in code)


def _known(sight: Sight, export: Export) -> bool:
    mark = sight.fingerprint
    return mark is not None and any(mark.same_bytes(known) for known in export.known)


def _for_manager(data: bytes, content: dict[str, Any]) -> dict[str, Any]:
    """The notebook that `data` holds, trusted where `content` is, as managers take it."""
    notebook: dict[str, Any] = reads(data)
    for cell, ours in zip(notebook["cells"], content["cells"], strict=False):
        if "trusted" in ours.get("metadata", {}):
            cell["metadata"]["trusted"] = ours["metadata"]["trusted"]
    return notebook


def _holds(sight: Sight, content: dict[str, Any]) -> bool:
    """Whether what was read back has the text of every cell that the manager was left to save.

    A manager may keep less than a notebook (a script has no outputs) and may set white space
    straight, but no words may be missing.
    """
    if sight.notebook is None:
        return False
    return _words(sight.notebook.content) == _words(read(writes(content)).content)


def _words(content: dict[str, Any]) -> str:
    return "".join("".join(cell["source"].split()) for cell in content["cells"])
