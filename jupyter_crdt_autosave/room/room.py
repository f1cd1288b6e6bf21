"""The room of a notebook: what the host's websocket server serves, joined to a live notebook."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from anyio import WouldBlock
from jupyter_events import EventLogger
from jupyter_server_ydoc.rooms import DocumentRoom
from pycrdt import Awareness, Doc, TransactionEvent, create_update_message, handle_sync_message
from pycrdt.websocket import YRoom

from ..document.untracked import UntrackedNotebook
from ..notebook import digest, normalise
from ..schedule import Wish, wish_of
from .live import LiveNotebook
from .ystore import JournalYStore

_PATIENCE = 2.0
"""Seconds after which others see an update even if a hanging disk has not taken it yet."""

MakeLive = Callable[[UntrackedNotebook], LiveNotebook]


class Whereabouts:
    """What the host's room asks of a file loader. The live notebook looks after its file itself."""

    number_of_subscriptions = 0

    def __init__(self, path: str) -> None:
        """`path` is the notebook's path when the room was made."""
        self.path = path
        self._subscriptions: dict[str, object] = {}

    def observe(self, *args: object) -> None:
        """Nothing is watched here."""

    def unobserve(self, *args: object) -> None:
        """Nothing is watched here."""

    async def clean(self) -> None:
        """Nothing is held here."""


class NotebookRoom(DocumentRoom):
    """A room whose document is the truth. The host sees one of its own kind."""

    ready: bool
    _document: UntrackedNotebook

    def __init__(
        self,
        room_id: str,
        path: str,
        make_live: MakeLive,
        events: EventLogger,
        log: logging.Logger,
        handle: Callable[[Exception, logging.Logger], bool],
    ) -> None:
        """Nothing is read before `initialize`."""
        super().__init__(
            room_id, "json", "notebook", Whereabouts(path), events, None, log, None,
            exception_handler=handle,
        )  # fmt: skip
        # The host writes the path into the new document before any history is in it, under a
        # client id of its own; that write would compete with the stored one. Start over, empty.
        self._document.unobserve()
        self.ydoc: Doc[Any] = Doc()
        self.awareness = Awareness(self.ydoc)
        self.awareness.observe(self.send_server_awareness)
        self._document = UntrackedNotebook(self.ydoc, self.awareness)
        self.live = make_live(self._document)
        self._wishes: tuple[Wish, ...] = ()
        self.awareness.observe(self._on_awareness)
        self._strangers: set[str] = set()
        self._held: deque[tuple[int, bytes]] = deque()
        self._around: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[bool] | None = None

    async def initialize(self) -> None:
        """Open the notebook, once; later callers find it ready.

        Raises:
            AutosaveError: it cannot be opened; the message says why.
        """
        if self.ready:
            return
        try:
            await self.live.open()
            self.ystore = JournalYStore(self.live)
            self._subscription = self.ydoc.observe(self._on_update)
            await self.live.arrive()
        except BaseException:
            await self.live.close(self.live.settings.leave)
            raise
        self.ready = True
        self._around = asyncio.create_task(self._look_around())

    async def stop(self) -> None:
        """Write what has to be written, and close. Safe to call twice, and to cancel."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._close())
        await asyncio.shield(self._stopping)

    @property
    def ending(self) -> bool:
        """Whether the room is being closed: whoever comes now gets another."""
        return self._stopping is not None

    async def outlast(self, delay: float) -> None:
        """Wait for so many seconds, and again as long as a cell of the notebook's kernel runs.

        What that cell puts out may be recorded by a program that has no connection to the room.
        """
        await asyncio.sleep(delay)
        while self.live.busy:
            await self.live.idle()
            await asyncio.sleep(delay)

    async def save(self) -> None:
        """Save because somebody asked for it.

        Raises:
            ExportFailed: with the reason for the person.
        """
        await self.live.save()

    async def take_foreign(self, messages: list[bytes]) -> None:
        """Merge what a client of another history has into the document."""
        visitor = UntrackedNotebook(Doc())
        for message in messages:
            handle_sync_message(message[1:], visitor.ydoc)
        content = normalise(visitor.get(deduplicate=False))
        edits = digest(content).edits
        if edits not in self._strangers:
            # A tab connects again and again until its dialog was answered.
            await self.live.welcome(content, visitor.ystate.get("hash"))
            self._strangers.add(edits)

    def _on_awareness(self, topic: str, changes: object) -> None:
        """A tab came or went, or was told that it wants something else of autosave."""
        found = map(wish_of, self.awareness.states.values())
        wishes = tuple(wish for wish in found if wish is not None)
        if wishes != self._wishes:
            self._wishes = wishes
            self.live.tabs(wishes)

    def _on_update(self, event: TransactionEvent) -> None:
        """Keep first, then pass on: nobody sees what could still be lost."""
        update = event.update
        seq = self.live.keep(update)
        if self._held or not self.live.may_be_seen(seq):
            self._held.append((seq, update))
            if len(self._held) == 1 and self._task_group is not None:
                self._task_group.start_soon(self._pass_on_held)
        else:
            self._pass_on(update)

    async def _pass_on_held(self) -> None:
        """Pass on what a slow disk made wait, in order, as soon as it is kept."""
        while self._held:
            seq, update = self._held[0]
            deadline = asyncio.get_running_loop().time() + _PATIENCE
            while not self.live.may_be_seen(seq):
                if asyncio.get_running_loop().time() > deadline:
                    break
                await asyncio.sleep(0.002)
            self._held.popleft()
            self._pass_on(update)

    def _pass_on(self, update: bytes) -> None:
        try:
            self._update_send_stream.send_nowait(update)
        except WouldBlock:
            if self._task_group is not None:
                self._task_group.start_soon(self._update_send_stream.send, update)

    async def _watch_ready(self) -> None:
        """The host would subscribe here; `initialize` has done so already."""
        await self.ready_event.wait()
        self.ydoc_observed.set()

    async def _broadcast_updates(self) -> None:
        """Pass every update on to all clients; they are kept already."""
        async with self._update_receive_stream:
            async for update in self._update_receive_stream:
                message = create_update_message(update)
                for client in tuple(self.clients):
                    await client.send(message)

    async def _look_around(self) -> None:
        while True:
            await self.live.noticing.wait(self.live.settings.poll)
            try:
                await self.live.tick()
            except Exception:
                # One bad look must not be the last: the journal goes on, and so do we.
                self.log.exception("Looking after %s failed", self.live.path)

    async def _close(self) -> bool:
        if self._around is not None:
            self._around.cancel()
        durable = await self.live.close(self.live.settings.leave)
        if self._task_group is not None:
            await YRoom.stop(self)
        return durable

    def _on_document_change(self, target: str, event: Any) -> None:
        """The host saves from here; this room does not."""
