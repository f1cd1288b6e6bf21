"""What a command works with."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from traitlets.config import Config

from ..disk import Disk, OSDisk
from ..model import Settings, Version
from ..retention import Keep
from ..storage.archive import Archive, archive_in, path_in
from ..storage.existing import existing
from ..storage.store import Store
from .screen import Screen


@dataclass
class Session:
    """The store that a server would use, and the terminal.

    ``config`` is all of the configuration, ``settings`` what of it is ours.
    """

    config: Config
    settings: Settings
    screen: Screen
    store: Store = field(init=False)
    disk: Disk = field(default_factory=OSDisk)

    def __post_init__(self) -> None:
        """Find the store.

        Raises:
            StorageError: there is none that can be used.
        """
        self.store = existing(self.disk, self.settings.store_path)

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        """The archive, which is made if there is none. Says whether one had to be set aside."""
        keep = Keep(self.settings.keep_versions, self.settings.keep_days)
        archive = archive_in(self.store.root, keep)
        before = archive.damaged()
        try:
            yield archive
        finally:
            archive.close()
            # The shortest name is that of the archive, others are of what SQLite keeps beside it.
            for path in sorted({*archive.damaged()} - {*before}, key=len)[:1]:
                self.screen.tell(
                    f"The archive is damaged and was set aside as {path}: its versions are missing."
                )

    @contextmanager
    def timelines(self) -> Iterator[Callable[[str], list[Version]]]:
        """What gives the versions of a document, newest first; the archive is not made for it."""
        if not os.path.exists(path_in(self.store.root)):
            yield lambda document: []
            return
        with self.archive() as archive:
            yield archive.versions
