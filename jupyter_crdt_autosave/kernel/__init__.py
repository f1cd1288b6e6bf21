"""Whether a cell of a notebook's kernel is running, as the kernels themselves say."""

from __future__ import annotations

from .base import Kernel, KernelSource, SessionSource, Stream
from .kernels import KERNEL_ACTIONS, Kernels
from .requests import QUIET, Requests, Status
from .sessions import Presence

__all__ = [
    "KERNEL_ACTIONS",
    "QUIET",
    "Kernel",
    "KernelSource",
    "Kernels",
    "Presence",
    "Requests",
    "SessionSource",
    "Status",
    "Stream",
]
