"""What a merge decided: frozen, and without effect until it is applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Cell = dict[str, Any]
Content = dict[str, Any]
"""A notebook in normal form (see ``notebook.normalise``); never changed here."""


@dataclass(frozen=True)
class Conflict:
    """Words of one cell that both sides changed: the document's stand.

    ``cell`` is the id of the cell in the merged notebook; ``theirs`` is the source of the cell as
    the other side has it. ``kind`` is ``source``, ``outputs`` (both ran the cell, and the source is
    theirs) or ``kept`` (not certainly a conflict: theirs may just not have known that text yet).
    """

    cell: str
    kind: str
    theirs: str


@dataclass(frozen=True)
class CellDecision:
    """One cell of the merged notebook.

    ``ours``, ``theirs`` and ``base`` are its places in the document, in the file, and in what both
    started from (None: it was not there); ``changed`` says whether it differs from the document's
    cell, its trusted flag aside.
    """

    cell: Cell
    ours: int | None
    theirs: int | None
    changed: bool
    base: int | None = None


@dataclass(frozen=True)
class Decisions:
    """A whole merged notebook, cell by cell."""

    cells: tuple[CellDecision, ...]
    metadata: dict[str, Any]
    nbformat: int
    nbformat_minor: int
    conflicts: tuple[Conflict, ...] = ()

    @property
    def content(self) -> Content:
        """The merged notebook in normal form."""
        return {
            "cells": [decision.cell for decision in self.cells],
            "metadata": self.metadata,
            "nbformat": self.nbformat,
            "nbformat_minor": self.nbformat_minor,
        }
