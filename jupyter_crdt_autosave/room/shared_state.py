"""The shared document's ``state`` map: what JupyterLab believes about the file."""

from __future__ import annotations

from typing import Any

from ..document.untracked import UntrackedNotebook


class SharedState:
    """Keeps ``path``, ``hash`` and ``dirty`` right.

    An equal value written is an update all the same, which every client answers: nothing is
    written that stands there already.
    """

    def __init__(self, notebook: UntrackedNotebook) -> None:
        """The state of `notebook`; nothing is written yet."""
        self._notebook = notebook

    def set_path(self, path: str) -> None:
        """The path by which Jupyter knows the notebook."""
        self._set("path", path)

    def set_hash(self, digest: str | None) -> None:
        """The hash of the file's bytes; without one JupyterLab compares times."""
        if digest is not None:
            self._set("hash", digest)
        elif "hash" in self._notebook.ystate:
            del self._notebook.ystate["hash"]

    @property
    def hash(self) -> object:
        """The hash that was set last; None if there is none."""
        return self._notebook.ystate.get("hash")

    def set_dirty(self, dirty: bool) -> None:
        """Whether the user should worry about what the file lacks."""
        self._set("dirty", dirty)

    def _set(self, key: str, value: Any) -> None:
        if self._notebook.ystate.get(key) != value:
            self._notebook.ystate[key] = value
