"""The commands, in the order in which help shows them."""

from __future__ import annotations

from . import clear, compact, export, list, purge, restore, show, verify, versions

__all__ = ["ALL"]

ALL = {
    "list": list,
    "show": show,
    "versions": versions,
    "export": export,
    "restore": restore,
    "verify": verify,
    "compact": compact,
    "clear": clear,
    "purge": purge,
}
"""Modules with HELP, `run` and, where more is asked for than what all are asked, `arguments`."""
