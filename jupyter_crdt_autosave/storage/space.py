"""How much the archive leaves of the disk to the journals beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from math import inf

from ..errors import DiskLow
from ..retention import EXPENDABLE

RESERVE = 64_000_000
"""Bytes: enough for the journals of a few people's days, and for compacting a large one."""


def free_space(path: str) -> float:
    """The bytes that are free on the disk of a file; infinite where nobody can tell."""
    try:
        return float(shutil.disk_usage(os.path.dirname(path)).free)
    except OSError:
        return inf


def check_space(path: str, kinds: Iterable[str], free: float) -> None:
    """See that versions of these kinds may be kept in the archive at `path`.

    A version whose text is nowhere else, or that somebody asked for, is tried on any disk.

    Raises:
        DiskLow: they can be done without, and too little is free.
    """
    if free < RESERVE and all(kind in EXPENDABLE for kind in kinds):
        raise DiskLow(
            f"Only {free / 1e6:.0f} MB are free on the disk of {path}. They are left to edits: "
            "saves and outside edits add no versions to the timeline until there is more. Free "
            "some space."
        )
