"""What can be asked of one open notebook about work that its file lacks."""

from __future__ import annotations

import asyncio

from .exports import Exports
from .offer import Offer
from .offers import Offers


class Recovery:
    """Answers questions, one at a time and in turn with everything else that is done."""

    def __init__(self, lock: asyncio.Lock, offers: Offers, exports: Exports) -> None:
        """`lock` is the notebook's."""
        self._lock = lock
        self._offers = offers
        self._exports = exports

    async def offered(self) -> Offer | None:
        """The offer that stands, for somebody who is going to answer it."""
        async with self._lock:
            return await self._offers.shown()

    async def restore(self, id: str) -> None:
        """Keep the work that is offered, and write it to the file.

        Raises:
            NotOffered: that is not what is offered.
            ExportFailed: the work is in the document, but not in the file.
        """
        async with self._lock:
            await self._offers.restore(id)

    async def discard(self, id: str) -> None:
        """Take back what is offered, but nothing that was typed since.

        Raises:
            NotOffered: that is not what is offered.
            ArchiveUnavailable: it cannot be kept as a version; nothing was discarded.
        """
        async with self._lock:
            await self._offers.discard(id)

    async def reload(self) -> None:
        """Make the document equal to the file; what it held becomes a version.

        Raises:
            FileUnavailable: the file is no notebook, or cannot be read.
            ArchiveUnavailable: no version can be kept; nothing was changed.
        """
        async with self._lock:
            async with self._exports.among_servers():
                await self._exports.give_up(None)
            await self._offers.refresh()
