"""What is asked of the server's managers of kernels and sessions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol


class Stream(Protocol):
    """A ``ZMQStream``."""

    socket: Any

    def on_recv(self, callback: Callable[[list[bytes]], None] | None) -> None:
        """Call back with each message."""

    def close(self) -> None:
        """Close the stream and its socket."""


class Kernel(Protocol):
    """The manager of one kernel, as far as it is needed; more is asked for where it may lack."""

    session: Any

    def get_connection_info(self) -> dict[str, Any]:
        """Where the kernel's channels are, and the key that signs its messages."""

    def connect_iopub(self) -> Any:
        """A new stream (or socket) of what the kernel publishes."""

    def connect_shell(self) -> Any:
        """A new stream (or socket) by which to ask the kernel."""

    def is_alive(self) -> bool | Awaitable[bool]:
        """Whether its process is there."""


class KernelSource(Protocol):
    """A ``MappingKernelManager``."""

    def list_kernel_ids(self) -> list[str]:
        """The ids of the kernels that are there."""

    def get_kernel(self, kernel_id: str) -> Any:
        """The manager of one kernel.

        Raises:
            KeyError: there is no such kernel.
        """

    def list_kernels(self) -> Any:
        """The models of all kernels, which a gateway fetches anew."""


class SessionSource(Protocol):
    """A ``SessionManager``."""

    async def list_sessions(self) -> list[dict[str, Any]]:
        """All sessions: each with ``id``, ``path``, and a ``kernel`` with an ``id``."""
