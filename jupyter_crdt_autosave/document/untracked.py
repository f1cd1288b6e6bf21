"""A shared notebook that does not remember what was deleted."""

from __future__ import annotations

from typing import Any

from jupyter_ydoc import YNotebook
from pycrdt import Awareness, Doc, UndoManager
from pycrdt import Map as YMap


class _NothingTracked(UndoManager):
    """An undo manager whose scope stays empty.

    An undo manager keeps every deleted item of its scope alive, also once it is cleared: a cell
    that is run a hundred times would keep a hundred outputs, in memory and in every client.
    """

    def expand_scope(self, scope: object) -> None:
        """Take nothing into the scope."""


class UntrackedNotebook(YNotebook):
    """The notebook of a room: what is deleted in it can be collected."""

    def __init__(self, ydoc: Doc[Any] | None = None, awareness: Awareness | None = None) -> None:
        """Give `ydoc` the shape of a notebook; adds nothing to it."""
        self._nothing = _NothingTracked(capture_timeout_millis=0)
        super().__init__(ydoc, awareness)

    @property
    def undo_manager(self) -> UndoManager:
        """An undo manager without anything to undo; clients bring their own."""
        return self._nothing

    @property
    def ymeta(self) -> YMap[Any]:
        """The map that holds ``nbformat``, ``nbformat_minor`` and ``metadata``."""
        meta: YMap[Any] = self._ymeta
        return meta
