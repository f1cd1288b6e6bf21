"""Edits of notebook files, and what they do to the files."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from jupyter_crdt_autosave.notebook import read, render
from tests.unit.notebook.files import Content

Edit = Callable[[Content], Any]
STREAM = {"name": "stdout", "output_type": "stream", "text": ["a\n", "b\n"]}


def edited(data: bytes, edit: Edit) -> bytes:
    base = read(data)
    content = deepcopy(base.content)
    edit(content)
    return render(content, base)


def diff(data: bytes, edit: Edit) -> tuple[list[str], list[str]]:
    """Give the lines that went, and those that came, around which all else is as it was."""
    old, new = (each.decode().split("\n") for each in (data, edited(data, edit)))
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return [line.strip() for line in old], [line.strip() for line in new]


def type_x(content: Content) -> None:
    content["cells"][0]["source"] += "x"
