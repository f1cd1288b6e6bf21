"""A notebook's checkpoint: a notebook file that holds what the notebook's own file lacks."""

from __future__ import annotations

import os
from contextlib import suppress

from ..disk import Disk, make_folder, replace_file
from ..errors import CheckpointFailed
from ..model import Fingerprint
from .base import Keep
from .scratch import FOLDER, Scratch
from .sight import Sight, fingerprint

Known = tuple[Fingerprint, ...]
"""Bytes that may be replaced or removed: what we wrote. Any others are kept first."""


def place_beside(target: str) -> str:
    """Where the checkpoint of the notebook file at `target`, a real path, belongs."""
    folder, name = os.path.split(target)
    whole = name if name.endswith(".ipynb") else f"{name}.ipynb"
    return os.path.join(folder, FOLDER, whole)


class CheckpointFile:
    """Writes, reads and removes the checkpoint; whole or not at all.

    It lies in ``.autosave/`` beside the notebook's file. Where that cannot be, because the folder
    takes no files or the notebook is no file of this machine, it lies in the store. Everything
    here blocks and belongs on the notebook's worker thread.
    """

    def __init__(self, disk: Disk, target: str | None, stored: str) -> None:
        """Nothing is touched yet.

        Args:
            disk: where to write.
            target: the real path of the notebook's file; None if its manager keeps it elsewhere.
            stored: a path in the store for a checkpoint that cannot lie beside the file.
        """
        self.trouble: str | None = None
        """Why the checkpoint does not lie beside the file, though that is a file of ours."""
        self.aside = False
        """Whether what lies beside the file is to be left alone: ours lies in the store then."""
        self._disk = disk
        self._target = target
        self._stored = stored

    @property
    def places(self) -> tuple[str, ...]:
        """Where the checkpoint may be, the likeliest first."""
        return (*((place_beside(self._beside),) if self._beside else ()), self._stored)

    def unknown(self, known: Known) -> Sight | None:
        """The file that lies where the checkpoint belongs, if it is none of `known`."""
        if self._target is None:
            return None
        place = place_beside(self._target)
        try:
            data, modified = self._disk.read(place), os.stat(place).st_mtime
        except OSError:
            return None
        sight = Sight(data, modified=modified)
        return None if any(sight.holds(mark) for mark in known) else sight

    def clear_unknown(self, data: bytes, keep: Keep) -> None:
        """Remove what `unknown` found, unless it is another file by now.

        Raises:
            CheckpointFailed: it is still there.
        """
        assert self._target is not None
        place = place_beside(self._target)
        if self._bytes(place) != data:
            return
        try:
            self._remove(place, (fingerprint(data),), keep)
        except OSError as error:
            raise CheckpointFailed(
                f"The checkpoint cannot be removed: {error.strerror or error}."
            ) from error

    def read(self, known: Known = ()) -> bytes | None:
        """The checkpoint's bytes; None if there is none that can be read.

        If there are two, because one could not be replaced, the newest of `known` counts.
        """
        found = [data for place in self.places if (data := self._bytes(place)) is not None]
        for mark in reversed(known):
            for data in found:
                if mark.same_bytes(fingerprint(data)):
                    return data
        return found[0] if found else None

    def write(self, data: bytes, known: Known, keep: Keep) -> None:
        """Replace the checkpoint.

        Raises:
            CheckpointFailed: it is as it was, and the message says why.
        """
        if self._bytes_are(data):
            return
        self.trouble = self._write_beside(data, known, keep) if self._beside else None
        if self._beside and self.trouble is None:
            self._forget(self._stored, known, keep)
            return
        try:
            self._settle(self._stored, known, keep)
            make_folder(self._disk, os.path.dirname(self._stored))
            replace_file(self._disk, self._stored, data)
        except OSError as error:
            raise CheckpointFailed(
                f"No checkpoint was written: {error.strerror or error}."
                + (f" Beside the notebook: {self.trouble}." if self.trouble else "")
            ) from error
        if self._beside:
            self._forget(place_beside(self._beside), known, keep)

    def remove(self, known: Known, keep: Keep) -> None:
        """Remove the checkpoint, if there is one.

        Raises:
            CheckpointFailed: it is still there.
        """
        self.trouble = None
        for place in self.places:
            try:
                self._remove(place, known, keep)
            except OSError as error:
                raise CheckpointFailed(
                    f"The checkpoint cannot be removed: {error.strerror or error}."
                ) from error

    def follow(self, target: str | None, known: Known, keep: Keep) -> None:
        """The notebook was moved: bring the checkpoint to where it belongs now.

        One that is there already came with its folder, or was another notebook's.

        Raises:
            CheckpointFailed: it could not be brought along.
        """
        old, self._target = self._target, target
        data = None if old is None or old == target else self._bytes(place_beside(old))
        if old is None or data is None:
            return
        try:
            self._carry(old, known, keep)
        except OSError:
            # Another file system, or a folder that takes no files.
            self.write(data, known, keep)
            self._forget(place_beside(old), (*known, fingerprint(data)), keep)

    @property
    def _beside(self) -> str | None:
        """The file beside which the checkpoint belongs, if there is a place."""
        return None if self.aside else self._target

    def _carry(self, old: str, known: Known, keep: Keep) -> None:
        """Move the checkpoint in one step.

        Raises:
            OSError: it is where it was.
        """
        if self._target is None:
            raise FileNotFoundError(2, "there is no folder for it")
        place, scratch = place_beside(self._target), Scratch(self._disk, self._target)
        self._settle(place, known, keep)
        scratch.make_folder()
        self._disk.rename(place_beside(old), place)
        self._disk.sync_folder(scratch.folder)
        self._disk.sync_folder(os.path.dirname(scratch.folder))
        Scratch(self._disk, old).tidy()

    def _write_beside(self, data: bytes, known: Known, keep: Keep) -> str | None:
        """Write beside the notebook; why that cannot be done, if it cannot."""
        assert self._target is not None
        place = place_beside(self._target)
        scratch = Scratch(self._disk, self._target)
        try:
            self._settle(place, known, keep)
            new = not os.path.isdir(scratch.folder)
            fresh = scratch.prepare(data, _like(self._target))
            try:
                self._disk.rename(fresh, place)
            except BaseException:
                scratch.remove(fresh)
                raise
            self._disk.sync_folder(scratch.folder)
            if new:
                self._disk.sync_folder(os.path.dirname(scratch.folder))
        except OSError as error:
            scratch.tidy()
            return error.strerror or str(error)
        return None

    def _remove(self, place: str, known: Known, keep: Keep) -> None:
        if not self._settle(place, known, keep):
            return
        with suppress(FileNotFoundError):
            self._disk.unlink(place)
        folder = os.path.dirname(place)
        self._disk.sync_folder(folder)
        if place != self._stored:
            # The folder of a checkpoint is that of any file beside it.
            Scratch(self._disk, os.path.join(os.path.dirname(folder), "any")).tidy()

    def _forget(self, place: str, known: Known, keep: Keep) -> None:
        """Remove a copy that is out of date; if it cannot be removed, the newer one counts."""
        with suppress(OSError):
            self._remove(place, known, keep)

    def _settle(self, place: str, known: Known, keep: Keep) -> bool:
        """Make sure that what lies in a place may go; False if there is nothing.

        Raises:
            OSError: it cannot be read, or is unknown and cannot be kept.
        """
        try:
            data = self._disk.read(place)
        except (FileNotFoundError, NotADirectoryError):
            return False
        mark = fingerprint(data)
        if not any(mark.same_bytes(one) for one in known) and not keep(data):
            raise OSError(0, "a checkpoint of unknown origin is in the way and cannot be kept")
        return True

    def _bytes(self, place: str) -> bytes | None:
        with suppress(OSError):
            return self._disk.read(place)
        return None

    def _bytes_are(self, data: bytes) -> bool:
        """Whether the checkpoint has these bytes already, and lies where it belongs."""
        return self._bytes(self.places[0]) == data and self._bytes(self._stored) in (None, data)


def _like(target: str) -> os.stat_result | None:
    """The notebook's file, whose mode and owner its checkpoint gets; None if it is missing."""
    with suppress(OSError):
        return os.stat(target)
    return None
