"""Listening to one kernel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from inspect import isawaitable
from typing import Any

import zmq
from jupyter_client.session import Session
from zmq.eventloop.zmqstream import ZMQStream

from .base import Kernel, Stream
from .requests import Requests, Status

TOPICS = b"kernel"
"""What the topics of status messages begin with in ipykernel and in xeus.

A subscription to no more than that is not flooded by outputs, which could drop a status.
"""

EVERYTHING = b""
"""The topic of kernels that use others."""

_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError)


class Listener:
    """Follows the status messages of one kernel by a subscription of its own.

    On the event loop only.
    """

    def __init__(self, kernel: Kernel, changed: Callable[[], None]) -> None:
        """Nothing is heard before `attach`; `changed` is called when `busy` may have changed."""
        self.requests = Requests()
        self._kernel = kernel
        self._changed = changed
        self._where: tuple[object, ...] = ()
        self._iopub: Stream | None = None
        self._shell: Stream | None = None
        self._session: Any = None
        self._answers = False
        self._understood = False
        self._everything = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether a cell is running, or ended only just now."""
        return self.requests.busy(time.monotonic())

    @property
    def lost(self) -> bool:
        """Whether the kernel is no longer where it was when this was attached."""
        closed = self._iopub is None or self._iopub.socket.closed
        return bool(closed) or self._where != where(self._kernel)

    def attach(self) -> None:
        """Begin to listen. What was begun before shows by the kernel's not answering.

        Raises:
            OSError: the kernel's channels cannot be reached.
        """
        self._where = where(self._kernel)
        self._session = _session_like(self._kernel.session)
        self._iopub = _stream(self._kernel.connect_iopub())
        self._iopub.socket.setsockopt(zmq.UNSUBSCRIBE, EVERYTHING)
        self._iopub.socket.setsockopt(zmq.SUBSCRIBE, TOPICS)
        self._iopub.on_recv(self._published)
        self._shell = _stream(self._kernel.connect_shell())
        self._shell.socket.linger = 0
        self._shell.on_recv(self._answered)
        self._ask()

    def detach(self) -> None:
        """Stop listening."""
        for stream in (self._iopub, self._shell):
            if stream is not None and not stream.socket.closed:
                stream.on_recv(None)
                stream.close()
        self._iopub = self._shell = None
        if self._timer is not None:
            self._timer.cancel()

    def restarted(self) -> None:
        """The kernel was restarted: nothing is being worked on, as far as was heard."""
        self._become(self.requests.over(time.monotonic()))
        self._ask()

    async def look(self) -> None:
        """See to what the kernel does not say: that it died, or that a message was lost."""
        if self._answers and not self._understood and not self._everything:
            self._everything = True
            self._channel(self._iopub).setsockopt(zmq.SUBSCRIBE, EVERYTHING)
            self._ask()
        if self.requests.unanswered(time.monotonic()) and not self._starting:
            self._become(self.requests.suspected())
        if self.requests.open and not await self._alive():
            self._become(self.requests.over(time.monotonic()))
        if self.requests.questionable(time.monotonic()):
            self._ask()

    @property
    def _starting(self) -> bool:
        return getattr(self._kernel, "execution_state", None) == "starting"

    async def _alive(self) -> bool:
        alive = self._kernel.is_alive()
        return await alive if isawaitable(alive) else alive

    def _published(self, parts: list[bytes]) -> None:
        """Take in a message to everybody. What cannot be read is none of ours."""
        with suppress(*_UNREADABLE):
            status = _status(self._session, parts)
            if status is not None:
                self._understood = True
                self._become(self.requests.heard(status, time.monotonic()))

    def _answered(self, parts: list[bytes]) -> None:
        """Take in an answer to one of our questions."""
        with suppress(*_UNREADABLE):
            message = _peek(self._session, parts)
            self._answers = True
            about = str(message["parent_header"].get("msg_id"))
            self._become(self.requests.answered(about, time.monotonic()))

    def _become(self, requests: Requests) -> None:
        was, self.requests = self.requests, requests
        if requests.open == was.open:
            return
        if self._timer is not None:
            self._timer.cancel()
        if not requests.open:
            wait = requests.quiet_at - time.monotonic()
            # A little later, so that the clock has passed the moment for sure.
            self._timer = asyncio.get_running_loop().call_later(wait + 0.002, self._changed)
        elif not was.open:
            self._changed()

    def _ask(self) -> None:
        """Ask by the shell channel, which is answered once all that was asked before is done."""
        question = self._session.send(self._channel(self._shell), "kernel_info_request")
        if question is not None:
            self.requests = self.requests.asked(question["msg_id"], time.monotonic())

    @staticmethod
    def _channel(stream: Stream | None) -> Any:
        assert stream is not None, "not attached"
        return stream.socket


def where(kernel: Kernel) -> tuple[object, ...]:
    """Where a kernel publishes, and how that is signed; nothing for one that cannot be heard."""
    info = kernel.get_connection_info()
    if not info.get("iopub_port"):
        return ()
    return tuple(info.get(key) for key in ("transport", "ip", "iopub_port", "key"))


def _session_like(session: Any) -> Session:
    """A session that reads what another may: each remembers which messages it has seen."""
    return Session(
        config=session.config, key=session.key, signature_scheme=session.signature_scheme
    )


def _peek(session: Any, parts: list[bytes]) -> dict[str, Any]:
    """Read a message, but not its content."""
    _, fed = session.feed_identities(parts)
    message: dict[str, Any] = session.deserialize(fed, content=False)
    return message


def _status(session: Any, parts: list[bytes]) -> Status | None:
    """Read a status message; None for one of another kind."""
    message = _peek(session, parts)
    if message["header"]["msg_type"] != "status":
        return None
    about, content = message["parent_header"], session.unpack(message["content"])
    return Status(
        str(content["execution_state"]), str(about.get("msg_id")), str(about.get("msg_type"))
    )


def _stream(channel: Any) -> Stream:
    """Some managers give streams, some give sockets."""
    stream: Stream = channel if hasattr(channel, "on_recv") else ZMQStream(channel)
    return stream
