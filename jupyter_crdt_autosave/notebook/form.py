"""Content in the form in which nbformat writes it."""

from __future__ import annotations

import re
from typing import Any

from .lines import split_cell
from .normal import TRANSIENT, dicts, minor_of
from .own_ids import FIRST_MINOR
from .trust import untrusted

Cell = dict[str, Any]
Content = dict[str, Any]

_SURROGATE = re.compile("[\ud800-\udfff]")


def file_form(content: Content) -> Content:
    """Give content as nbformat writes it."""
    with_ids = has_ids(content)
    cells = [cell_form(cell, with_ids) for cell in dicts(content.get("cells"))]
    return {**frame_form(content), "cells": cells}


def frame_form(content: Content) -> Content:
    """Give everything but the cells."""
    made, metadata = dict(content), content.get("metadata")
    if isinstance(metadata, dict):
        made["metadata"] = {key: metadata[key] for key in metadata if key not in TRANSIENT}
    made.pop("cells", None)
    return made


def cell_form(cell: Cell, with_id: bool) -> Cell:
    """Give a cell, without its id in formats that have none."""
    made = split_cell(untrusted(cell))
    if not with_id:
        made.pop("id", None)
    return made


def has_ids(content: Content) -> bool:
    """Tell whether the cells of a notebook of this format have ids."""
    return minor_of(content) >= FIRST_MINOR


def encode(text: str) -> bytes:
    """Encode JSON text; a surrogate that stands alone becomes an escape."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):x}", text).encode()
