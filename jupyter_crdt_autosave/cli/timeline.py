"""Finding versions by what users call them."""

from __future__ import annotations

from ..errors import VersionMissing
from ..model import Version
from ..storage.archive import Archive
from ..storage.store import About
from .words import place

_SHORTEST = 4
"""Digits of a version's id that are enough, if no other of that notebook begins with them."""


def find_version(archive: Archive, about: About, id: str) -> Version:
    """The version of a document that has this id, or whose id begins like that.

    Raises:
        VersionMissing: there is none, or there are several.
        ArchiveUnavailable: the archive cannot be read.
    """
    found = [each for each in archive.versions(about.id) if each.id.startswith(id)]
    if len(found) == 1 and len(id) >= _SHORTEST:
        return found[0]
    notebook = place(about.identity or about.path)
    raise VersionMissing(
        f"{notebook} has {'several versions that begin with' if found else 'no version'} {id}. "
        "`jupyter crdt-autosave versions` shows them."
    )
