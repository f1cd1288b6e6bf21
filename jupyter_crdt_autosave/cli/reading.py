"""A stored document, read beside servers that may be writing to it."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property

from ..disk import Disk
from ..document.untracked import UntrackedNotebook
from ..errors import DocumentUnreadable
from ..file import MISSING, Sight
from ..file.checkpoint import CheckpointFile
from ..merge.comparison import CellChange, compare
from ..merge.decisions import Content
from ..notebook import bare, digest, normalise, untrusted
from ..room.clock import utc_at
from ..room.pages import theirs
from ..storage.compaction import replay
from ..storage.history import read_history
from ..storage.segment import in_use
from ..storage.store import About, Store
from .words import place

EMPTY: Content = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
"""What a file that is not there holds."""


def has_file(about: About) -> bool:
    """Whether a document is of a file of this machine, and not only of what was one."""
    return about.released is None and os.path.isabs(about.identity)


def checkpoint_of(disk: Disk, store: Store, about: About) -> CheckpointFile:
    """A document's checkpoint. Beside a released one's path may be that of another document."""
    target = about.identity if has_file(about) else None
    return CheckpointFile(disk, target, os.path.join(store.folder(about.id), "checkpoint.ipynb"))


class Reading:
    """What a document holds, and how that stands to its file. Nothing is changed."""

    def __init__(self, disk: Disk, store: Store, about: About) -> None:
        """Reads the journal.

        Raises:
            OSError: it cannot be read.
            FormatTooNew: a later version of this package wrote it.
        """
        self.about = about
        self.history = read_history(disk, store.folder(about.id))
        self._disk = disk
        self._store = store

    @cached_property
    def content(self) -> Content:
        """The document, in normal form, as a file would have it.

        Raises:
            DocumentUnreadable: what can be read does not add up to a notebook.
        """
        notebook = UntrackedNotebook(replay(self.history.updates))
        if not len(notebook.ycells):
            raise DocumentUnreadable(
                f"The journal of {place(self.about.identity or self.about.id)} does not add up to "
                "a notebook. Look for a version, or a checkpoint: `jupyter crdt-autosave show`."
            )
        content = bare(normalise(notebook.get(deduplicate=False)))
        return {**content, "cells": [untrusted(cell) for cell in content["cells"]]}

    @cached_property
    def sight(self) -> Sight:
        """The notebook's file; missing where there is none that can be seen from here.

        Raises:
            OSError: it cannot be read.
        """
        if not has_file(self.about):
            return MISSING
        try:
            return Sight(self._disk.read(self.about.identity))
        except (FileNotFoundError, NotADirectoryError):
            return MISSING

    @property
    def file(self) -> str:
        """How the file is.

        ``same`` (as when both last agreed), ``changed``, ``missing``, ``unreadable`` (no notebook,
        or out of reach) or ``elsewhere`` (no file of this machine, or none any more).
        """
        if not has_file(self.about):
            return "elsewhere"
        try:
            if self.sight.missing:
                return "missing"
        except OSError:
            return "unreadable"
        if any(self.sight.holds(baseline.file) for baseline in self.history.baselines):
            return "same"
        return "changed" if self.sight.notebook is not None else "unreadable"

    @property
    def state(self) -> str:
        """How the document is.

        ``damaged``, ``released`` (it has no notebook any more), ``saved`` (its file, or what
        another program made of that, lacks nothing of it), ``missing`` (its file is gone) or
        ``ahead`` (it holds what its file lacks).
        """
        if self.history.damaged or not self.about.identity:
            return "damaged"
        if self.about.released is not None:
            return "released"
        if self.file == "missing":
            return "missing"
        if self.history.empty or (self.history.settled and self.file != "unreadable"):
            return "saved"
        return "saved" if self._is_saved() else "ahead"

    @property
    def changed_at(self) -> str | None:
        """When the document last changed."""
        return utc_at(self.history.last_at)

    @property
    def open(self) -> bool:
        """Whether a server has it open, as far as that can be seen."""
        with suppress(OSError):
            return in_use(self._disk, self._store.folder(self.about.id))
        return False

    def lacks(self) -> tuple[CellChange, ...] | None:
        """What the file lacks, cell by cell; None if that cannot be seen from here.

        Raises:
            DocumentUnreadable: the document is no notebook.
        """
        if self.state == "saved":
            return ()
        if self.file == "elsewhere" and self.about.released is None:
            return None
        notebook = None
        with suppress(OSError):
            notebook = self.sight.notebook
        if notebook is None:
            return compare(EMPTY, self.content)
        return compare(theirs(notebook, self.content["cells"]).content, self.content)

    def checkpoint(self) -> tuple[str, int] | None:
        """Where there is a checkpoint, and its bytes."""
        for path in checkpoint_of(self._disk, self._store, self.about).places:
            with suppress(OSError):
                return path, os.stat(path).st_size
        return None

    def _is_saved(self) -> bool:
        """Whether the document is what it was at a baseline, or what the file is."""
        try:
            substance = digest(self.content).substance
        except DocumentUnreadable:
            return False
        if self.file == "unreadable":
            return False
        known = self.history.baselines
        held = [one for one in known if self.sight.holds(one.file)]
        agreed = {one.substance for one in held or known if held or not one.intended}
        notebook = self.sight.notebook
        if notebook is not None:
            agreed.add(digest(theirs(notebook, self.content["cells"]).content).substance)
        return substance in agreed
