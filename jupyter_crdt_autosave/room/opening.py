"""What to do with a notebook that is being opened: the stored document against the file."""

from __future__ import annotations

from enum import Enum


class Stored(Enum):
    """What the store has for a notebook."""

    NONE = "none"
    UNCHANGED = "unchanged"
    """A document that equals its newest baseline."""
    EDITED = "edited"
    """A document that may hold more than its newest baseline."""


class Found(Enum):
    """What is at the notebook's path."""

    MISSING = "missing"
    SAME = "same"
    """The bytes of a baseline."""
    CHANGED = "changed"
    """A notebook, other than any baseline."""
    TORN = "torn"
    """Bytes that an export in place left when it was interrupted."""
    UNREADABLE = "unreadable"
    TOO_NEW = "too_new"


class Opening(Enum):
    """How a notebook opens."""

    BOOTSTRAP = "bootstrap"
    """The document is made from the file."""
    SALVAGE = "salvage"
    """The document is made from what is left of the file; nothing is exported by itself."""
    DOCUMENT = "document"
    """The document, as it was."""
    INGEST = "ingest"
    """The document takes over the file's content."""
    KEEP_BOTH = "keep_both"
    """The document stands, and the file's content is set aside."""
    DOCUMENT_ALONE = "document_alone"
    """The document; nothing is exported by itself."""
    NOT_FOUND = "not_found"
    """There is nothing to open."""
    REFUSE = "refuse"
    """The file must not be touched, and there is no document to show instead."""


def opening(stored: Stored, found: Found) -> Opening:
    """The row of the opening table for what is stored and what was found."""
    return _WITHOUT_DOCUMENT[found] if stored is Stored.NONE else _with_document(stored, found)


_WITHOUT_DOCUMENT = {
    Found.MISSING: Opening.NOT_FOUND,
    Found.SAME: Opening.BOOTSTRAP,
    Found.CHANGED: Opening.BOOTSTRAP,
    Found.TORN: Opening.SALVAGE,
    Found.UNREADABLE: Opening.SALVAGE,
    Found.TOO_NEW: Opening.REFUSE,
}


def _with_document(stored: Stored, found: Found) -> Opening:
    if found in (Found.MISSING, Found.UNREADABLE, Found.TOO_NEW):
        return Opening.DOCUMENT_ALONE
    if found is not Found.CHANGED:
        return Opening.DOCUMENT
    return Opening.INGEST if stored is Stored.UNCHANGED else Opening.KEEP_BOTH
