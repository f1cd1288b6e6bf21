"""What a document is like, so that it can be listed without reading its journal."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from .segment import order_of


@dataclass(frozen=True)
class Survey:
    """What was found in a document's journal when it was last looked through.

    ``modified`` is when it was last changed (ISO 8601 UTC, empty if that is not known), ``cells``
    the number of its cells, ``blank`` whether none of them has any text; ``stamp`` tells the
    journal that was looked through from every later one.
    """

    modified: str
    cells: int
    blank: bool
    stamp: str

    @classmethod
    def of(cls, content: dict[str, Any], modified: str | None, stamp: str) -> Survey:
        """The survey of a document that holds `content`."""
        sources = [str(cell.get("source", "")) for cell in content["cells"]]
        return cls(modified or "", len(sources), not any(map(str.strip, sources)), stamp)


def stamp_of(folder: str) -> str:
    """What tells the journal in `folder` from every other state of it; reads none of it.

    Raises:
        OSError: the folder cannot be read.
    """
    with os.scandir(folder) as entries:
        found = [(entry.name, entry) for entry in entries if order_of(entry.name) is not None]
        return " ".join(f"{name}:{entry.stat().st_size}" for name, entry in sorted(found))


def survey_from(value: Any) -> Survey | None:
    """What an ``about.json`` has of a survey; None if that makes no sense."""
    try:
        found = Survey(**{name: value[name] for name in Survey.__dataclass_fields__})
    except (TypeError, LookupError):
        return None
    kinds = {"modified": str, "cells": int, "blank": bool, "stamp": str}
    return found if all(isinstance(getattr(found, n), k) for n, k in kinds.items()) else None
