"""Which kernels belong to a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Presence(Enum):
    """How a notebook stands with its kernels; NONE: it has none."""

    IDLE = "idle"
    BUSY = "busy"
    NONE = "none"


@dataclass(frozen=True)
class Session:
    """One session: the path that it is about, and its kernel."""

    id: str
    path: str
    kernel: str


@dataclass
class Sessions:
    """The server's sessions, as they were last listed.

    A notebook may have several kernels, and a kernel several notebooks. ``moved`` are sessions
    whose notebook was moved: by session, the path that it still names, and the right one. It is
    the browser that tells the server of the new path, if one is connected.
    """

    known: tuple[Session, ...] = ()
    moved: dict[str, tuple[str, str]] = field(default_factory=dict)

    def learn(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take a new listing over."""
        self.known = tuple(session for row in rows if (session := _session(row)) is not None)
        self.moved = {
            each.id: self.moved[each.id]
            for each in self.known
            if each.id in self.moved and self.moved[each.id][0] == each.path
        }

    def follow(self, old: str, new: str) -> None:
        """A file, or a folder with all that is in it, was moved."""
        old, new = old.strip("/"), new.strip("/")
        for session in self.known:
            path = self.path_of(session)
            if path == old or path.startswith(old + "/"):
                self.moved[session.id] = (session.path, new + path[len(old) :])

    def path_of(self, session: Session) -> str:
        """The path of a session's notebook."""
        return self.moved.get(session.id, (session.path, session.path))[1]

    def kernels_of(self, path: str) -> set[str]:
        """The ids of a notebook's kernels."""
        wanted = path.strip("/")
        return {session.kernel for session in self.known if self.path_of(session) == wanted}


def _session(row: Mapping[str, Any]) -> Session | None:
    """Read one row; a gateway's may lack the kernel while that is being culled."""
    kernel = row.get("kernel")
    if not isinstance(kernel, Mapping) or "id" not in kernel:
        return None
    return Session(str(row.get("id")), str(row.get("path", "")).strip("/"), str(kernel["id"]))
