"""All kernels of a server, and what they mean for its notebooks."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from inspect import isawaitable
from typing import Any

import zmq
from jupyter_events import EventLogger
from tornado.web import HTTPError

from .base import KernelSource, SessionSource
from .listener import Listener, where
from .remote import Remote
from .sessions import Presence, Sessions

KERNEL_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"

TICK = 1.0
"""Seconds between two looks at which kernels and sessions there are."""

PATIENCE = 5.0
"""Seconds that a gateway may take to answer."""

_TROUBLE = (
    *(HTTPError, OSError, KeyError, ValueError, RuntimeError, sqlite3.Error, zmq.ZMQError),
    asyncio.TimeoutError,
)
"""What managers raise when something went away meanwhile."""


class Kernels:
    """Says of each notebook whether a cell of one of its kernels is running.

    On the event loop only. Nothing here depends on a browser being connected.
    """

    def __init__(
        self,
        kernels: KernelSource,
        sessions: SessionSource,
        events: EventLogger,
        log: logging.Logger,
    ) -> None:
        """Nothing is looked at before `start`."""
        self._source = kernels
        self._session_source = sessions
        self._events = events
        self._log = log
        self._sessions = Sessions()
        self._listeners: dict[str, Listener] = {}
        self._remotes: dict[str, Remote] = {}
        self._observers: list[Callable[[], None]] = []
        self._told: object = None
        self._news = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Attach to the kernels that run, and to those that will be started."""
        self._stopping = False
        self._events.add_listener(schema_id=KERNEL_ACTIONS, listener=self._on_action)
        await self._look()
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Let go of all kernels."""
        with suppress(KeyError):
            self._events.remove_listener(schema_id=KERNEL_ACTIONS, listener=self._on_action)
        # Being cancelled may be missed: `wait_for` of before Python 3.12 can lose it.
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        for kernel_id in list(self._listeners):
            self._drop(kernel_id)
        self._remotes.clear()

    def state(self, path: str) -> Presence:
        """How the notebook at `path` stands with its kernels."""
        kernels = self._sessions.kernels_of(path) & {*self._listeners, *self._remotes}
        if not kernels:
            return Presence.NONE
        busy = any(self._busy(kernel_id) for kernel_id in kernels)
        return Presence.BUSY if busy else Presence.IDLE

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Call `observer` whenever the state of some notebook may have changed.

        Returns:
            What ends that.
        """
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def moved(self, old: str, new: str) -> None:
        """A file or folder was moved, which its sessions may not be told of."""
        self._sessions.follow(old, new)

    def _busy(self, kernel_id: str) -> bool:
        listener, remote = self._listeners.get(kernel_id), self._remotes.get(kernel_id)
        return (listener is not None and listener.busy) or (remote is not None and remote.busy)

    async def _follow(self) -> None:
        while not self._stopping:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait(), TICK)
            self._news.clear()
            try:
                await self._look()
            except Exception:
                # One bad look must not be the last.
                self._log.exception("Looking at the kernels failed")

    async def _look(self) -> None:
        """See which kernels and sessions there are, and what became of them."""
        self._reconcile()
        await self._refresh_remotes()
        for listener in list(self._listeners.values()):
            with suppress(*_TROUBLE):
                await listener.look()
        try:
            self._sessions.learn(await self._session_source.list_sessions())
        except _TROUBLE as error:
            self._log.debug("The sessions cannot be listed: %s", error)
        summary = self._summary()
        if summary != self._told:
            self._told = summary
            self._tell()

    def _summary(self) -> object:
        """Everything that `state` depends on."""
        kernels = {*self._listeners, *self._remotes}
        return self._sessions.known, sorted(kernels), sorted(filter(self._busy, kernels))

    def _reconcile(self) -> None:
        """Attach to kernels that are new, or elsewhere now; let go of those that are gone."""
        there = set(self._source.list_kernel_ids())
        for kernel_id in {*self._listeners, *self._remotes} - there:
            self._drop(kernel_id)
        for kernel_id in there:
            try:
                self._meet(kernel_id, self._source.get_kernel(kernel_id))
            except _TROUBLE as error:
                self._log.debug("Kernel %s cannot be heard: %s", kernel_id, error)

    def _meet(self, kernel_id: str, kernel: Any) -> None:
        listener = self._listeners.get(kernel_id)
        audible = bool(where(kernel))
        if (listener is not None and not listener.lost) or (
            kernel_id in self._remotes and not audible
        ):
            return
        self._drop(kernel_id)
        if audible:
            listener = self._listeners[kernel_id] = Listener(kernel, self._changed)
            listener.attach()
        else:
            self._remotes[kernel_id] = Remote(kernel, self._changed)

    def _drop(self, kernel_id: str) -> None:
        listener = self._listeners.pop(kernel_id, None)
        if listener is not None:
            listener.detach()
        self._remotes.pop(kernel_id, None)

    async def _refresh_remotes(self) -> None:
        if not self._remotes:
            return
        answered = True
        try:
            models = self._source.list_kernels()
            if isawaitable(models):
                await asyncio.wait_for(models, PATIENCE)
        except _TROUBLE as error:
            self._log.debug("The kernels cannot be listed: %s", error)
            answered = False
        for remote in self._remotes.values():
            remote.look(answered)

    async def _on_action(self, logger: EventLogger, schema_id: str, data: dict[str, Any]) -> None:
        """Something was done to a kernel, by somebody or because it had died."""
        kernel_id = str(data.get("kernel_id"))
        if data.get("action") == "restart" and kernel_id in self._listeners:
            with suppress(*_TROUBLE):
                self._listeners[kernel_id].restarted()
        self._changed()

    def _changed(self) -> None:
        """Look again at once: a session may be as new as what its kernel says."""
        self._news.set()

    def _tell(self) -> None:
        for observer in list(self._observers):
            observer()
