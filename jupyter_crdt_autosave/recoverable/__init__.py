"""Notebooks that have no file any more: found, read, and written back."""

from __future__ import annotations

from .catalogue import Recoverable
from .recoverables import Recoverables

__all__ = ["Recoverable", "Recoverables"]
