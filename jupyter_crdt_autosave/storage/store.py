"""Which document belongs to which notebook: folders, and small files that point to them.

::

    <store>/store.json                   format of the store
    <store>/documents/<id>/about.json    which notebook this is, and where its file was last seen
    <store>/documents/<id>/*.journal     its journal
    <store>/paths/<digest>.json          from a notebook's identity to a document's id
    <store>/dropped/<id>                 a document that is being removed

A document's ``about.json`` decides; a pointer that it does not confirm is stale. Either of the two
can be lost without losing the notebook.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace

from ..disk import Disk, make_folder, replace_file
from ..errors import FormatTooNew, StorageError, StoreUnavailable
from ..model import Fingerprint
from .about import About, decode_about, encode_about
from .head import format_of
from .history import read_history
from .lock import exclusive
from .moment import written
from .pointers import Pointers
from .survey import Survey

__all__ = ["FORMAT", "LOCK", "About", "Store"]

FORMAT = 1

LOCK = "lock"
"""Name of the lock files: of the catalogue, and of each document."""

_BAD_SPOT = {errno.EIO, errno.EACCES, errno.EPERM, errno.EISDIR}


class Store:
    """The documents of one user. Every method blocks and belongs on a thread."""

    def __init__(self, disk: Disk, root: str, clock: Callable[[], float] = time.time) -> None:
        """`root` is made when it is first needed; `clock` gives seconds since the epoch."""
        self._disk = disk
        self._clock = clock
        self.root = os.path.abspath(root)
        self._pointers = Pointers(disk, os.path.join(self.root, "paths"))

    def open(self) -> None:
        """Make the store, or check that it is one of ours.

        Raises:
            StoreUnavailable: the folder cannot be made or read.
            FormatTooNew: a later version of this package made it.
        """
        try:
            make_folder(self._disk, self.root)
            form = format_of(self._disk, self.root, FORMAT)
            for name in ("documents", "paths") if form <= FORMAT else ():
                make_folder(self._disk, os.path.join(self.root, name))
        except OSError as error:
            raise StoreUnavailable(
                f"Edits cannot be kept in {self.root}: {error.strerror or error}. "
                "Free it, or set CRDTAutosave.store_path to a folder that can be written."
            ) from error
        if form > FORMAT:
            raise FormatTooNew(
                f"The store in {self.root} has format {form}; this version knows up to {FORMAT}. "
                "Upgrade jupyter_crdt_autosave; the store was left untouched."
            )

    def folder(self, document: str) -> str:
        """The folder of a document's journal."""
        return os.path.join(self.root, "documents", document)

    def lock(self, document: str, patience: float = 10.0) -> AbstractContextManager[None]:
        """The lock that orders what several servers do to one document and its file.

        Entering raises ``StoreUnavailable`` after `patience` seconds.
        """
        return exclusive(os.path.join(self.folder(document), LOCK), patience)

    def find(self, identity: str) -> About | None:
        """The document of a notebook, if there is one.

        Raises:
            StoreUnavailable: the store cannot be read now.
        """
        try:
            return self._find(identity)
        except OSError as error:
            raise StoreUnavailable(
                f"The store in {self.root} cannot be read: {error.strerror or error}."
            ) from error

    def create(self, identity: str, path: str) -> About:
        """A new document for a notebook; the one that another server made just now, if any.

        Raises:
            OSError: the store cannot be written.
        """
        about = About(secrets.token_hex(16), identity, path)
        with self._locked():
            present = self._find(identity)
            if present is not None:
                return present
            self._place(about)
        return about

    def place(self, about: About) -> None:
        """Give a document its folder and its notebook's path; one that stood there is released.

        Raises:
            OSError: the store cannot be written.
        """
        with self._locked():
            self._make_room(about)
            self._place(about)

    def about(self, document: str) -> About | None:
        """What is known of a document; None if it is not there or cannot be made sense of.

        Raises:
            OSError: it is there, but cannot be read.
        """
        try:
            return decode_about(document, self._disk.read(self._about_path(document)))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None

    def write(self, about: About) -> None:
        """Replace what is known of a document and its file.

        Where its notebook is stays as it is: another server may know better.

        Raises:
            OSError: the store cannot be written.
        """
        with self._locked():
            self._write(about.standing_as(self._now(about)))

    def move(self, about: About, identity: str, path: str) -> About:
        """Let a document follow its notebook; one that stood at the new place is released.

        Raises:
            OSError: the store cannot be written.
        """
        with self._locked():
            return self._move(self._now(about), identity, path)

    def claim(
        self, about: About, identity: str, path: str, file: Fingerprint, instead_of: str | None
    ) -> bool:
        """Give a document a path whose file was just made of it.

        `file` is what was written there, `instead_of` the document that had the path before, which
        is released.

        Returns:
            False if another document was made of that file meanwhile: all is as it was.

        Raises:
            OSError: the store cannot be written.
        """
        with self._locked():
            standing = self._find(identity)
            if standing is not None and standing.id not in (about.id, instead_of):
                return False
            now = replace(self._now(about), inode=file.inode, hash=file.hash)
            self._move(now, identity, path)
        return True

    def note(self, document: str, survey: Survey) -> None:
        """Note what was found in a document.

        Raises:
            OSError: the store cannot be written.
        """
        with self._locked():
            now = self.about(document)
            if now is not None:
                self._write(replace(now, survey=survey))

    def release(self, about: About, reason: str) -> About:
        """Part a document from its notebook's path; what it holds stays.

        A document that was moved elsewhere by another server is left alone.

        Raises:
            OSError: the store cannot be written.
        """
        with self._locked():
            return self._release(about, reason)

    def drop(self, about: About) -> None:
        """Remove a document whose content is in its file; its lock is held.

        Raises:
            OSError: the store cannot be written. The document is there whole, or not at all.
        """
        dropped = os.path.join(self.root, "dropped")
        with self._locked():
            make_folder(self._disk, dropped)
            self._pointers.remove(about.identity, about.id)
            # A folder that were emptied in its place could be found again half empty.
            self._disk.rename(self.folder(about.id), os.path.join(dropped, about.id))
            self._disk.sync_folder(os.path.join(self.root, "documents"))
        self.clear()

    def clear(self) -> None:
        """Free the space of documents that were dropped."""
        shutil.rmtree(os.path.join(self.root, "dropped"), ignore_errors=True)

    def all(self) -> Iterator[About]:
        """Every document, but those of which nothing can be read now.

        Raises:
            OSError: the store cannot be read.
        """
        for name in self._disk.list(os.path.join(self.root, "documents")):
            try:
                about = self.about(name)
            except OSError as error:
                # One of them is no reason to find none of the others.
                if error.errno not in _BAD_SPOT:
                    raise
                continue
            if about is not None:
                yield about

    def below(self, identity: str) -> list[About]:
        """The documents of a notebook, or of every notebook in a folder.

        Raises:
            OSError: the store cannot be read.
        """
        inside = identity.rstrip("/") + "/"
        return [
            about
            for about in self.all()
            if about.released is None
            and (about.identity == identity or about.identity.startswith(inside))
        ]

    def released(self) -> list[About]:
        """The documents without a notebook, the last released first.

        Raises:
            OSError: the store cannot be read.
        """
        found = [about for about in self.all() if about.released is not None]
        return sorted(found, key=lambda about: about.released_at or "", reverse=True)

    def of_inode(self, inode: tuple[int, int]) -> list[About]:
        """The documents whose file was last seen under this device and inode.

        Raises:
            OSError: the store cannot be read.
        """
        return [about for about in self.all() if about.inode == inode and not about.released]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of the catalogue.

        Raises:
            OSError: it cannot be had.
        """
        with ExitStack() as stack:
            try:
                stack.enter_context(exclusive(os.path.join(self.root, LOCK)))
            except StoreUnavailable as error:
                raise OSError(errno.EAGAIN, str(error)) from error
            yield

    def _find(self, identity: str) -> About | None:
        about = self._pointed(identity)
        if about is None:
            standing = (one for one in self.all() if one.released is None)
            about = next((one for one in standing if one.identity == identity), None)
        return about if about is not None and about.released is None else None

    def _pointed(self, identity: str) -> About | None:
        document = self._pointers.read(identity)
        if document is None:
            return None
        about = self.about(document)
        if about is None and os.path.isdir(self.folder(document)):
            return self._rebuilt(document, identity)
        return about if about is not None and about.identity == identity else None

    def _rebuilt(self, document: str, identity: str) -> About:
        """What is known of a document whose ``about.json`` is damaged: that it is pointed to."""
        path = None
        with suppress(OSError, StorageError):
            path = read_history(self._disk, self.folder(document)).path
        return About(document, identity, path or "")

    def _now(self, about: About) -> About:
        """A document as it is in the store, which may be ahead of what the caller knows."""
        return self.about(about.id) or about

    def _place(self, about: About) -> None:
        make_folder(self._disk, self.folder(about.id))
        self._write(about)
        self._pointers.write(about.identity, about.id)

    def _move(self, now: About, identity: str, path: str) -> About:
        moved = now.at(identity, path)
        self._make_room(moved)
        if now.identity != identity:
            # First, so that no pointer ever outlives what it says. Until the new one is there the
            # document is found by what is known of it.
            self._pointers.remove(now.identity, now.id)
        self._write(moved)
        self._pointers.write(moved.identity, moved.id)
        return moved

    def _make_room(self, about: About) -> None:
        standing = self._find(about.identity)
        if standing is not None and standing.id != about.id:
            self._release(standing, "replaced")

    def _release(self, about: About, reason: str) -> About:
        now = self._now(about)
        if now.identity != about.identity:
            return now
        at = now.released_at if now.released else written(self._clock())
        released = replace(now, released=reason, released_at=at)
        self._write(released)
        self._pointers.remove(released.identity, released.id)
        return released

    def _write(self, about: About) -> None:
        path = self._about_path(about.id)
        if self.about(about.id) is None and os.path.exists(path):
            self._disk.rename(path, f"{path}.{secrets.token_hex(4)}.damaged")
        replace_file(self._disk, path, encode_about(about))

    def _about_path(self, document: str) -> str:
        return os.path.join(self.folder(document), "about.json")
