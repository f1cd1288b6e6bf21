"""The journal as the host's timeline reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from logging import Logger

from pycrdt.store import BaseYStore, YDocNotFound

from .live import LiveNotebook


class JournalYStore(BaseYStore):
    """Gives the updates of a live notebook; takes none, as the room keeps them itself."""

    def __init__(
        self,
        live: LiveNotebook,
        metadata_callback: Callable[[], Awaitable[bytes] | bytes] | None = None,
        log: Logger | None = None,
    ) -> None:
        """`live` is open."""
        self._live = live
        self.metadata_callback = metadata_callback

    async def write(self, data: bytes) -> None:
        """Nothing: every update of the document is in the journal before anyone sees it."""

    async def read(self) -> AsyncIterator[tuple[bytes, bytes, float]]:
        """Every kept update, its metadata, and when it was kept (seconds since the epoch).

        Raises:
            YDocNotFound: nothing is kept.
        """
        updates = await self._live.updates()
        if not updates:
            raise YDocNotFound
        for update, at in updates:
            yield update, await self.get_metadata(), at
