"""The archive: versions of notebooks, and what files and documents held when they agreed.

One SQLite database for all documents of a store, shared with other servers. Without it there is no
timeline, but every notebook.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeVar

from ..errors import ArchiveUnavailable, VersionMissing
from ..model import Version
from .baselines import (
    StoredBaseline,
    forget_before,
    insert_baseline,
    read_baselines,
)
from .contents import Contents
from .database import Database
from .parts import Content
from .sweeping import sweep
from .transaction import writing
from .versions import Draft, insert_version, list_versions, read_version

__all__ = ["Archive", "Content", "Draft", "StoredBaseline", "archive_in"]

T = TypeVar("T")


def archive_in(root: str) -> Archive:
    """The archive of the store in a folder."""
    return Archive(os.path.join(root, "archive.db"))


class Archive:
    """The versions and baselines in one database file, which other servers use as well.

    Every method blocks. An object is used by one thread at a time. Content that it is given, and
    that it gives, must not be changed: cells that are the same objects as before are not looked at
    again.

    Raises:
        ArchiveUnavailable: by each method: the file cannot be read or written now. A later call
            tries again.
        FormatTooNew: by each method: a later version of this package made the file, which was left
            untouched.
    """

    def __init__(self, path: str) -> None:
        """`path` is made when it is first needed."""
        self._database = Database(path)
        self._contents: Contents | None = None

    def keep_versions(self, document: str, drafts: Sequence[Draft]) -> list[Version]:
        """Keep versions of a document, all or none; they are durable on return."""
        contents = [draft.content for draft in drafts]

        def keep(stock: Contents) -> list[Version]:
            with stock.storing(document, contents) as stored:
                pairs = zip(drafts, stored, strict=True)
                return [insert_version(stock.db, document, *pair) for pair in pairs]

        return self._run(keep)

    def versions(self, document: str) -> list[Version]:
        """The versions of a document, newest first; of one moment, the one kept last first."""
        return self._run(lambda stock: list_versions(stock.db, document))

    def read_version(self, id: str) -> tuple[Version, Content]:
        """A version and its content.

        Raises:
            VersionMissing: there is none with that id.
        """
        version, content = self._run(lambda stock: read_version(stock, id))
        if version is None:
            raise VersionMissing(f"There is no version {id}; it may have been removed.")
        if content is None:
            raise ArchiveUnavailable(
                f"The version of {version.created} is damaged and cannot be shown. Others can be."
            )
        return version, content

    def keep_baseline(self, document: str, baseline: StoredBaseline) -> None:
        """Keep a baseline of a document, and forget those that are an hour older than it."""
        contents = [baseline.content, baseline.document]

        def keep(stock: Contents) -> None:
            with stock.storing(document, contents) as (content, own):
                number = insert_baseline(stock.db, document, baseline, content, own)
                forget_before(stock.db, document, number, baseline.at)

        self._run(keep)

    def baselines(self, document: str, since: str) -> list[StoredBaseline]:
        """The baseline of a document that was kept last, and before it those since a time.

        Cells that several have in common are the same objects. One whose content is damaged is left
        out.
        """
        return self._run(lambda stock: read_baselines(stock, document, since))

    def forget(self, document: str) -> None:
        """Forget all of a document; what nobody else needs is gone with the next `sweep`."""

        def forget(stock: Contents) -> None:
            stock.forget(document)
            with writing(stock.db):
                for table in ("versions", "baselines"):
                    stock.db.execute(f"DELETE FROM {table} WHERE document = ?", (document,))

        self._run(forget)

    def sweep(self) -> int:
        """Free the space of contents and parts that nothing refers to; how many these were."""
        return self._run(sweep)

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        self._contents = None
        self._database.close()

    def _run(self, work: Callable[[Contents], T]) -> T:
        return self._database.run(lambda db: work(self._contents_in(db)))

    def _contents_in(self, db: sqlite3.Connection) -> Contents:
        """What is known of the contents of a database, if it is still the same one."""
        if self._contents is None or self._contents.db is not db:
            self._contents = Contents(db)
        return self._contents
