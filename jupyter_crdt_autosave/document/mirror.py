"""The document's content as plain data, of which only what changed is read again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pycrdt import Subscription

from ..notebook import Digest, cell_digest, combine, edit_digest, untrusted, whole_numbers
from .untracked import UntrackedNotebook

SLICE = 0.008
"""Seconds that reading may hold the event loop at a time."""

BUSY = 3.0
"""Seconds after its last change for which a cell is busy."""


@dataclass(frozen=True)
class _Cell:
    content: dict[str, Any]
    bare: dict[str, Any]
    digest: bytes
    edits: bytes


@dataclass(frozen=True)
class Content:
    """A document's content at one moment. Shared and never changed: copy before you write to it.

    ``bare`` is the notebook without the trusted flags of its cells. Cells that did not change are
    the same objects from one moment to the next.
    """

    notebook: dict[str, Any]
    bare: dict[str, Any]
    digest: Digest


class Mirror:
    """Follows a live document and gives its content as of now. On the event loop only.

    The subscriptions are made on the underlying types, without the wrapper that builds a Python
    object for every event: that would double the cost of a keystroke.
    """

    def __init__(self, notebook: UntrackedNotebook) -> None:
        """Start to follow `notebook`; nothing is read before `settle`."""
        self._notebook = notebook
        self._cells: list[_Cell | None] = [None] * len(notebook.ycells)
        self._changed_at = [-BUSY] * len(self._cells)
        self._unread = bool(self._cells)
        self.touched = False
        """Whether the document's content changed since this mirror began."""
        self.changed = False
        """Whether it changed since the last `settle`."""
        self._meta: dict[str, Any] | None = None
        self._content: Content | None = None
        self._subscriptions: list[Subscription] = [
            notebook.ycells.integrated.observe_deep(self._on_cells),
            notebook.ymeta.integrated.observe_deep(self._on_meta),
        ]

    def detach(self) -> None:
        """Stop following."""
        for subscription in self._subscriptions:
            subscription.drop()
        self._subscriptions.clear()

    async def settle(self) -> Content:
        """Read what changed, in slices, until nothing is left; then the content as of now."""
        while self._content is None:
            if self._read_slice():
                self._content = self._assemble()
            else:
                await asyncio.sleep(0)
        self.changed = False
        return self._content

    def busy(self) -> set[int]:
        """The places of cells that changed just now: somebody may be typing in them."""
        since = time.monotonic() - BUSY
        return {place for place, at in enumerate(self._changed_at) if at > since}

    def _on_cells(self, events: Sequence[Any]) -> None:
        """Note which cells changed. Order matters: paths are those after all moves."""
        self._unread = self.touched = self.changed = True
        self._content = None
        paths = [event.path for event in events]
        for event, path in zip(events, paths, strict=True):
            if not path:
                self._shift(event.delta)
        now = time.monotonic()
        for path in paths:
            if path:
                self._cells[path[0]] = None
                self._changed_at[path[0]] = now

    def _on_meta(self, events: Sequence[Any]) -> None:
        self._meta = self._content = None
        self.touched = self.changed = True

    def _shift(self, delta: list[dict[str, Any]]) -> None:
        at = 0
        for step in delta:
            if "retain" in step:
                at += step["retain"]
            elif "delete" in step:
                del self._cells[at : at + step["delete"]]
                del self._changed_at[at : at + step["delete"]]
            else:
                count = len(step["insert"])
                self._cells[at:at] = [None] * count
                self._changed_at[at:at] = [-BUSY] * count
                at += count

    def _read_slice(self) -> bool:
        """Read changed cells for a while; True if none is left."""
        deadline = time.perf_counter() + SLICE
        if self._meta is None:
            self._meta = self._read_meta()
        for index, cell in enumerate(self._cells) if self._unread else ():
            if cell is None:
                self._cells[index] = self._read_cell(index)
                if time.perf_counter() > deadline:
                    return False
        self._unread = False
        return True

    def _read_meta(self) -> dict[str, Any]:
        meta: dict[str, Any] = whole_numbers(self._notebook.ymeta.to_py() or {})
        return meta

    def _read_cell(self, index: int) -> _Cell:
        cell: dict[str, Any] = whole_numbers(self._notebook.ycells[index].to_py())
        cell.pop("execution_state", None)
        bare = untrusted(cell)
        return _Cell(cell, bare, cell_digest(bare), edit_digest(bare))

    def _assemble(self) -> Content:
        meta = self._meta or {}
        cells = [cell for cell in self._cells if cell is not None]
        major, minor = int(meta.get("nbformat", 4)), int(meta.get("nbformat_minor", 5))
        metadata = meta.get("metadata", {})
        facts = {"metadata": metadata, "nbformat": major, "nbformat_minor": minor}
        digests = [cell.digest for cell in cells], [cell.edits for cell in cells]
        return Content(
            {"cells": [cell.content for cell in cells], **facts},
            {"cells": [cell.bare for cell in cells], **facts},
            combine(metadata, major, minor, *digests),
        )
