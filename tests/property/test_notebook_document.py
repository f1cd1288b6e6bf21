"""Normal content is what the shared notebook model holds and gives back."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given
from jupyter_ydoc import YNotebook

from jupyter_crdt_autosave.notebook import digest, normalise, read, same
from tests.property.notebooks import Content, files, messy_notebooks, unhurried


def held(content: Content) -> Content:
    """Give what a document gives back, with the ids that it leaves out of old formats."""
    document: Any = YNotebook()
    document.set(deepcopy(content))
    back: Content = document.get()
    for cell, original in zip(back["cells"], content["cells"], strict=True):
        cell.setdefault("id", original["id"])
    return back


@unhurried
@given(files())
def test_a_document_gives_back_what_was_read(data: bytes) -> None:
    content = read(data).content
    assert same(held(content), content)
    assert digest(held(content)) == digest(content)


@unhurried
@given(messy_notebooks())
def test_a_document_gives_back_normal_content(notebook: Content) -> None:
    content = normalise(notebook)
    assert same(held(content), content)
