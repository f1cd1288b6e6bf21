"""The file of an SQLite database: opened when needed, set aside when damaged."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from ..disk import OSDisk, make_folder
from ..errors import ArchiveUnavailable, StoreUnavailable
from .lock import exclusive
from .schema import MIGRATIONS, NotOurs, format_of, prepare

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds to wait for other users of the file."""

_DISK = OSDisk()


class Database:
    """One database file. It is used by one thread at a time, and by other processes too."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something with the database; a damaged one is set aside, and a new one used.

        Raises:
            ArchiveUnavailable: it cannot be read or written now.
            FormatTooNew: a later version of this package made it; it was left untouched.
        """
        try:
            try:
                return work(self._connection())
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self._set_aside()
                return work(self._connection())
        except (sqlite3.Error, OSError, StoreUnavailable) as error:
            # The next use begins from nothing that this failure may have left half done.
            self.close()
            raise ArchiveUnavailable(
                f"Versions cannot be kept in {self._path}, nor read from there: {error}. See that "
                "its disk has space and that the folder can be written; then try again."
            ) from error

    def damaged(self) -> list[str]:
        """The paths of files that were set aside."""
        folder, name = os.path.split(self._path)
        if not os.path.isdir(folder):
            return []
        found = (each for each in os.listdir(folder) if each.startswith(f"{name}."))
        return sorted(os.path.join(folder, each) for each in found if ".damaged" in each)

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        db, self._db = self._db, None
        if db is not None:
            db.close()

    def _connection(self) -> sqlite3.Connection:
        db = self._db
        if db is not None and self._file == self._there() and format_of(db) == len(MIGRATIONS):
            return db
        self.close()
        self._file = None
        self._db = self._open()
        return self._db

    def _open(self) -> sqlite3.Connection:
        folder = os.path.dirname(self._path)
        if not os.path.isdir(folder):
            make_folder(_DISK, folder)
        db = sqlite3.connect(
            self._path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            format_of(db)
            self._file = self._there()
            # Its mode by its path: closing a descriptor of our own would end all locks on it.
            if os.stat(self._path).st_size == 0:
                os.chmod(self._path, 0o600)
            prepare(db, self._path)
        except BaseException:
            db.close()
            raise
        return db

    def _there(self) -> tuple[int, int] | None:
        """The device and inode of the file that has the name now."""
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _set_aside(self) -> None:
        """Give the damaged file another name, unless another process has done so."""
        self.close()
        damaged = self._file
        with exclusive(os.path.splitext(self._path)[0] + ".lock", PATIENCE):
            if damaged is not None and damaged != self._there():
                return
            aside = f"{self._path}.{secrets.token_hex(4)}.damaged"
            # First, because it would be taken for that of the next database.
            with suppress(FileNotFoundError):
                _DISK.rename(f"{self._path}-journal", f"{aside}-journal")
            with suppress(FileNotFoundError):
                _DISK.rename(self._path, aside)
            _DISK.sync_folder(os.path.dirname(self._path))


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is at fault. Python 3.10 gives no code of the failure."""
    text = str(error)
    return isinstance(error, NotOurs) or "malformed" in text or "not a database" in text
