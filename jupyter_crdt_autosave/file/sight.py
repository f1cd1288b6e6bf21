"""What a look at a notebook's file found."""

from __future__ import annotations

from functools import cached_property

import xxhash

from ..errors import NotebookError, NotebookTooNew
from ..model import Fingerprint
from ..notebook import Notebook, read

SETTLING = 2.0
"""Seconds after which a file that is no notebook is taken for broken, not for being written."""


def fingerprint(data: bytes, inode: tuple[int, int] | None = None) -> Fingerprint:
    """What these bytes are known by."""
    return Fingerprint(xxhash.xxh3_128_hexdigest(data), len(data), inode)


class Sight:
    """A file as it was seen.

    It is missing (``fingerprint`` is None), or it has ``data``, which is a ``notebook`` or else
    ``error`` says why not. ``hash`` is what JupyterLab knows the file by (None: its manager has no
    hashes), ``modified`` when it was last written (seconds since the epoch, None if not known). The
    bytes are read as a notebook when that is first asked for, which takes long enough to belong on
    a thread.
    """

    def __init__(
        self,
        data: bytes = b"",
        inode: tuple[int, int] | None = None,
        hash: str | None = None,
        modified: float | None = None,
    ) -> None:
        """A file that is there; see `MISSING` for one that is not."""
        self.data = data
        self.fingerprint: Fingerprint | None = fingerprint(data, inode)
        self.hash = hash
        self.modified = modified

    @property
    def missing(self) -> bool:
        """Whether there is no file."""
        return self.fingerprint is None

    @property
    def notebook(self) -> Notebook | None:
        """The notebook in the file."""
        return self._reading[0]

    @property
    def error(self) -> NotebookError | None:
        """Why the file is no notebook."""
        return self._reading[1]

    @property
    def too_new(self) -> bool:
        """Whether the file is in a newer format than ours and must not be touched."""
        return isinstance(self.error, NotebookTooNew)

    def holds(self, known: Fingerprint) -> bool:
        """Whether the file's bytes are these."""
        return self.fingerprint is not None and self.fingerprint.same_bytes(known)

    @cached_property
    def _reading(self) -> tuple[Notebook | None, NotebookError | None]:
        if self.fingerprint is None:
            return None, None
        try:
            return read(self.data), None
        except NotebookError as error:
            return None, error


class _Missing(Sight):
    def __init__(self) -> None:
        super().__init__()
        self.fingerprint = None


MISSING: Sight = _Missing()
