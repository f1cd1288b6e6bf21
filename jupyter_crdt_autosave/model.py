"""The values that the layers hand to each other: frozen, and without effect on the world."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

Position = dict[str, int]
"""A place in a document's journal: for each writer, the number of its last record that counts."""


@dataclass(frozen=True)
class Fingerprint:
    """What a file's bytes are known by.

    ``hash`` is the xxh3_128 hex digest of the bytes, ``size`` their number. ``inode`` is
    ``(device, inode)`` where the file system has such a thing; it is a hint for following a moved
    file, never proof of identity.
    """

    hash: str
    size: int
    inode: tuple[int, int] | None = None

    def same_bytes(self, other: Fingerprint | None) -> bool:
        """Whether both stand for the same bytes, wherever these lie."""
        return other is not None and (self.hash, self.size) == (other.hash, other.size)


@dataclass(frozen=True)
class Baseline:
    """One point where the file and the document agreed.

    ``content`` and ``substance`` are digests of the document at that point, ``position`` the
    journal position that it held. ``intended`` marks an export that was announced and whose end is
    not known: after a crash the file may hold its bytes or the earlier ones.
    """

    file: Fingerprint
    content: str
    substance: str
    at: str
    order: int = 0
    position: Position = field(default_factory=dict)
    intended: bool = False
    in_place: bool = False

    def to_json(self) -> dict[str, Any]:
        """The baseline as a journal record holds it."""
        return {
            "hash": self.file.hash,
            "size": self.file.size,
            "inode": list(self.file.inode) if self.file.inode else None,
            "content": self.content,
            "substance": self.substance,
            "at": self.at,
            "order": self.order,
            "position": self.position,
            "intended": self.intended,
            "in_place": self.in_place,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Baseline:
        """The baseline that a journal record holds; unknown keys are those of a later version."""
        inode = data.get("inode")
        return cls(
            file=Fingerprint(data["hash"], data["size"], (inode[0], inode[1]) if inode else None),
            content=data["content"],
            substance=data["substance"],
            at=data["at"],
            order=data.get("order", 0),
            position=dict(data.get("position", {})),
            intended=bool(data.get("intended", False)),
            in_place=bool(data.get("in_place", False)),
        )


@dataclass(frozen=True)
class Checkpoint:
    """One checkpoint: which bytes it has (None: it was removed), and where these come from.

    ``substance`` is the digest of the document at that point, ``position`` the journal position
    that it held. ``running`` says that a cell ran, so that its outputs may be incomplete.
    """

    file: Fingerprint | None
    at: str
    substance: str = ""
    position: Position = field(default_factory=dict)
    running: bool = False

    def to_json(self) -> dict[str, Any]:
        """The checkpoint as a journal record holds it."""
        return {
            "hash": self.file.hash if self.file else None,
            "size": self.file.size if self.file else None,
            "at": self.at,
            "substance": self.substance,
            "position": self.position,
            "running": self.running,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Checkpoint:
        """The checkpoint that a record holds; unknown keys are those of a later version."""
        there = data["hash"] is not None
        return cls(
            file=Fingerprint(str(data["hash"]), int(data["size"])) if there else None,
            at=str(data["at"]),
            substance=str(data.get("substance", "")),
            position=dict(data.get("position", {})),
            running=bool(data.get("running", False)),
        )


@dataclass(frozen=True)
class JournalHealth:
    """Whether edits are being kept.

    ``lag`` is how many seconds the oldest record that is not durable has waited (0.0: none waits),
    ``handed_over`` whether a slow disk made the writer thread do the writing.
    """

    healthy: bool
    error: str | None
    lag: float
    handed_over: bool = False


@dataclass(frozen=True)
class Kept:
    """Content that was set aside so that a step could go on without losing it."""

    reason: str
    at: str
    data: bytes


@dataclass(frozen=True)
class Version:
    """One entry of a notebook's timeline, without its content.

    ``document`` is the document's id in the store. ``kind`` is ``named``, ``external``,
    ``conflict``, ``discard``, ``restore``, ``loss``, ``damaged``, ``save`` or ``cleared``; ``side``
    whose content it is (``document``, ``file`` or ``client``; None where there is one only).
    ``created`` is ISO 8601 UTC, ``cells`` the number of its cells, ``size`` that of its bytes
    before compression. ``details`` are what its kind adds.
    """

    id: str
    document: str
    kind: str
    side: str | None
    name: str | None
    created: str
    cells: int
    size: int
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """What an administrator configured. Times in seconds.

    ``interval`` from the first edit that is in no file to its autosave, ``max_deferral`` that an
    autosave waits for a running cell (None: for ever) before a checkpoint is written,
    ``autosave_target`` where it goes (``notebook`` or ``checkpoint``), ``poll`` between two looks
    at the file and at other servers, ``leave`` for everything that has to be written when the
    server stops. ``keep_versions`` of each kind of each notebook are kept at least, and all for
    ``keep_days``. ``strict_merge`` makes an error of text that a merge loses, ``log_content`` lets
    that text be logged.
    """

    store_path: str
    interval: float = 10.0
    max_deferral: float | None = 600.0
    autosave_target: str = "notebook"
    poll: float = 1.0
    leave: float = 4.0
    keep_versions: int = 50
    keep_days: float = 30.0
    strict_merge: bool = False
    log_content: bool = False


@dataclass(frozen=True)
class Saved:
    """When the file last got the document's content (ISO 8601 UTC), and which file that was."""

    at: str
    target: str = "notebook"


@dataclass(frozen=True)
class Status:
    """How a live notebook stands, as the HTTP API tells it.

    ``kernel`` is ``idle``, ``busy`` or ``none``; ``deferred`` since when an autosave that is due
    has been waiting for it, ``due_at`` when the next one is due; ``offer`` the id of recovered work
    that waits for an answer. Times are ISO 8601 UTC.
    """

    path: str
    lineage: str
    unsaved: bool
    kernel: str
    deferred: str | None
    due_at: str | None
    last_autosave: Saved | None
    last_save: str | None
    journal: JournalHealth
    export_error: str | None
    offer: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The answer of ``GET status``."""
        journal = self.journal
        return {
            "path": self.path,
            "lineage": self.lineage,
            "unsaved": self.unsaved,
            "kernel": self.kernel,
            "deferred": self.deferred,
            "due_at": self.due_at,
            "last_autosave": asdict(self.last_autosave) if self.last_autosave else None,
            "last_save": self.last_save,
            "journal": {
                "healthy": journal.healthy,
                "error": journal.error,
                "lag": round(journal.lag, 3),
            },
            "offer": self.offer,
            "export_error": self.export_error,
        }
