"""A document made from a notebook's content, the same wherever and whenever it is made."""

from __future__ import annotations

from typing import Any

from pycrdt import Doc

from ..notebook import canonical, lineage
from .untracked import UntrackedNotebook


def bootstrap(content: dict[str, Any]) -> tuple[int, bytes]:
    """The lineage of a document that starts as `content`, and the update that makes it.

    The client id that writes is derived from the content: two servers that open the same bytes, or
    one that has lost its store, make one and the same history, so that nothing doubles when their
    clients meet. `content` is normalised, with ids in every cell.
    """
    identity = lineage(content)
    notebook = UntrackedNotebook(Doc(client_id=identity))
    # One lineage must be one history, to the last clock: neither the order of keys nor 1 for 1.0
    # may make a difference.
    notebook.set(canonical(content))
    return identity, notebook.ydoc.get_update()
