"""What a live notebook asks of its file, wherever that is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ..model import Fingerprint
from .sight import Sight

Announce = Callable[[Fingerprint, bool], Awaitable[None]]
"""Called with what the file is about to hold, and whether it will be written in place."""

Keep = Callable[[bytes], bool]
"""Keeps bytes of another program that stand in the way; blocks; True once they are durable."""


@dataclass(frozen=True)
class Export:
    """One export: what to write, and what is known of the file.

    ``content`` is the document's, never changed; ``render`` makes a file of it, or of what hooks
    left of it, and blocks; ``known`` are the bytes which may be replaced; any others that are found
    in the way go to ``keep`` first. ``wanted`` is asked at the last moment, on any
    thread: a notebook may be deleted while it is being saved. Where something is at the path
    already, an export that is ``only_new`` fails.
    """

    content: dict[str, Any]
    render: Callable[[dict[str, Any]], bytes]
    known: tuple[Fingerprint, ...]
    announce: Announce
    keep: Keep
    wanted: Callable[[], bool]
    only_new: bool = False


@dataclass(frozen=True)
class Exported:
    """A finished export: the file as read back, and what went wrong after it was whole.

    ``signature`` is that of the file just before it was read back: whatever happens to it from then
    on makes a difference.
    ``whole`` says that the file is certain to have all of the document: no hook, and no manager,
    was there that may have left something out.
    """

    sight: Sight
    signature: object
    warning: str | None = None
    whole: bool = False


class NotebookFile(Protocol):
    """A notebook's file."""

    path: str
    """The path by which Jupyter knows it."""

    @property
    def identity(self) -> str:
        """The same for two paths exactly if they are the same file."""

    @property
    def watched(self) -> str | None:
        """The path that can be watched for changes, if there is one."""

    async def signature(self) -> object:
        """Something cheap that differs when the file may have changed; None if it is missing.

        Raises:
            FileUnavailable: it cannot be reached now.
        """

    async def look(self) -> Sight:
        """Read the file.

        Raises:
            FileUnavailable: it cannot be read now.
        """

    async def export(self, export: Export) -> Exported:
        """Write the file, whole or not at all, and read it back.

        Raises:
            ExportFailed: it is as it was, and the message says why.
            PathTaken: it is there already, and the export is only to make a new one.
        """

    async def trusted(self, sight: Sight) -> bool:
        """Whether the user trusts the outputs in these bytes."""

    async def sweep(self, known: tuple[Fingerprint, ...], keep: Keep) -> bool:
        """Clear what exports left; bytes not in `known` go to `keep` first.

        Returns:
            Whether another program is still writing some of it, so that this has to be done again.
        """

    async def clear_leftover(self, data: bytes) -> None:
        """Remove what of `leftovers` has these bytes: it has been dealt with.

        Raises:
            FileUnavailable: it is still there.
        """

    async def leftovers(self) -> list[Sight]:
        """What interrupted saves of Jupyter's own left beside the file, the likeliest first."""
