"""The cells of one open notebook of which a file had other words, and what becomes of these."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import ConflictMissing
from ..model import Version
from ..storage.archive import Archive
from ..worker import Worker
from .exports import Exports
from .timeline import Timeline


@dataclass(frozen=True)
class Mark:
    """One cell with a conflict: its source as it is now (None: it is gone), and as the file had it.

    ``kind`` is that of `merge.decisions.Conflict`; ``created`` when it arose, ISO 8601 UTC.
    """

    id: str
    cell: str
    kind: str
    created: str
    ours: str | None
    theirs: str

    def to_json(self) -> dict[str, Any]:
        """What ``GET conflicts`` tells of it."""
        return {
            "id": self.id,
            "cell": self.cell,
            "kind": self.kind,
            "created": self.created,
            "ours": self.ours,
            "theirs": self.theirs,
        }


class Conflicts:
    """Lists the marks that nobody has settled yet, and settles them."""

    def __init__(
        self,
        lock: asyncio.Lock,
        archive: Archive,
        document: Callable[[], str],
        timeline: Timeline,
        exports: Exports,
        worker: Worker,
    ) -> None:
        """`lock` is the notebook's, `document` gives its id in the store."""
        self._lock = lock
        self._archive = archive
        self._document = document
        self._timeline = timeline
        self._exports = exports
        self._worker = worker

    async def marks(self) -> list[Mark]:
        """The open conflicts, newest first.

        Raises:
            ArchiveUnavailable: they cannot be read now.
        """
        async with self._lock:
            snapshot = await self._exports.snapshot()
        sources = {cell["id"]: cell["source"] for cell in snapshot.content.bare["cells"]}
        return await self._worker.run(self._marks, sources)

    async def take(self, id: str) -> None:
        """Let the cell be as the file had it; what it was is a version.

        Raises:
            ConflictMissing: there is no such conflict any more.
            ArchiveUnavailable: it cannot be read, or what it replaces not be kept.
        """
        mark = await self._find(id)
        await self._timeline.restore(_version_of(id), [mark.cell])
        await self._worker.run(self._settle, mark)

    async def dismiss(self, id: str) -> None:
        """Let the cell be as it is.

        Raises:
            ConflictMissing: there is no such conflict any more.
            ArchiveUnavailable: that cannot be noted now.
        """
        await self._worker.run(self._settle, await self._find(id))

    async def _find(self, id: str) -> Mark:
        for mark in await self.marks():
            if mark.id == id:
                return mark
        raise ConflictMissing("That conflict is settled already. Look again.")

    def _marks(self, sources: dict[str, str]) -> list[Mark]:
        return [
            mark
            for version in self._archive.versions(self._document())
            if version.kind == "conflict" and _open(version)
            for mark in self._marks_of(version, sources)
        ]

    def _marks_of(self, version: Version, sources: dict[str, str]) -> list[Mark]:
        _, content = self._archive.read_version(version.id)
        theirs = {cell["id"]: cell["source"] for cell in content["cells"]}
        return [
            Mark(
                f"{version.id}.{each['cell']}",
                each["cell"],
                each["kind"],
                version.created,
                sources.get(each["cell"]),
                theirs[each["cell"]],
            )
            for each in _open(version)
            if each["cell"] in theirs
        ]

    def _settle(self, mark: Mark) -> None:
        version = self._archive.find_version(_version_of(mark.id))
        left = [each for each in _open(version) if each["cell"] != mark.cell]
        self._archive.amend_version(version.id, {**version.details, "cells": left})


def _open(version: Version) -> list[dict[str, Any]]:
    """The cells of a version of kind ``conflict`` that nobody has settled."""
    found: list[dict[str, Any]] = version.details.get("cells", [])
    return found


def _version_of(id: str) -> str:
    return id.partition(".")[0]
