"""One notebook file, read."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .ids import usable_id
from .normal import normalise, shape
from .shape import check, major_of
from .style import NBFORMAT, Style, detect
from .survey import has_exact_numbers
from .text import decode, parse
from .trust import untrusted
from .upgrade import upgrade
from .values import clean_text

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True)
class Notebook:
    """A notebook file as it was read: its content, and what it takes to write it back.

    Neither the object nor its content may be changed.
    """

    content: dict[str, Any]
    """What the file means, in normal form."""
    data: bytes = field(repr=False)
    """The bytes of the file."""
    style: Style
    """How the file is laid out."""
    cell_ids: tuple[str, ...]
    """The id that content gives to each cell of the file."""
    own_ids: tuple[str | None, ...]
    """The usable id that each cell of the file has in there, which may be of several cells."""
    converted: bool = False
    """Whether the file is of a major format before 4, so that content had to be converted."""

    @property
    def raw(self) -> dict[str, Any] | None:
        """The JSON of the file, parsed anew each time; None if it had to be converted."""
        return None if self.converted else dict(json.loads(decode(self.data)))

    def with_ids(self, ids: Sequence[str]) -> Notebook:
        """Give the same notebook with other cell ids.

        The file of a notebook of format 4.4 or less keeps no ids. After an export they are known,
        and this puts them in place of those derived on reading.

        Args:
            ids: One id for each cell of the content.
        """
        cells = zip(self.content["cells"], ids, strict=True)
        content = {**self.content, "cells": [{**cell, "id": mine} for cell, mine in cells]}
        return replace(self, content=content, cell_ids=tuple(ids)[: len(self.cell_ids)])


def read(data: bytes) -> Notebook:
    """Read the bytes of a notebook file.

    Files that are not quite valid can be read if they make a usable document.

    Raises:
        NotebookUnreadable: They are not a whole notebook; its ``kind`` says why.
        NotebookTooNew: The notebook's major format is beyond 4.
    """
    text = decode(data)
    tree = parse(text)
    major = major_of(tree)
    exact = has_exact_numbers(tree) and not _SURROGATE_ESCAPE.search(text)
    if major < 4:
        return _converted(data, upgrade(tree, major))
    check(tree)
    content = _content(tree, exact)
    ids = (cell["id"] for cell in content["cells"][: len(tree["cells"])])
    own = (clean_text(usable_id(cell) or "") or None for cell in tree["cells"])
    return Notebook(content, data, detect(text, tree), tuple(ids), tuple(own))


def _converted(data: bytes, tree: dict[str, Any]) -> Notebook:
    has_exact_numbers(tree)
    check(tree)
    return Notebook(_content(tree, exact=False), data, NBFORMAT, (), (), converted=True)


def _content(tree: dict[str, Any], exact: bool) -> dict[str, Any]:
    """Give the normal form of a checked tree; its trusted flags mean nothing in a file."""
    content = shape(tree) if exact else normalise(tree)
    if tree["cells"]:
        content["cells"] = [untrusted(cell) for cell in content["cells"]]
    return content
