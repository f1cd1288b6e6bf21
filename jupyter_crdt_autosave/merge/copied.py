"""Whether a document that was made of a notebook has all that is in it."""

from __future__ import annotations

from itertools import zip_longest

from .check import Loss
from .decisions import Content


def differences(content: Content, held: Content) -> list[Loss]:
    """The sources of `content` that a document made of it, which is `held`, has not as they are."""
    return [
        Loss("kept", cell["id"], cell["source"])
        for cell, other in zip_longest(content["cells"], held["cells"])
        if cell is not None and (other is None or other["source"] != cell["source"])
    ]
