"""The bytes of one notebook's file, of which as little as can be is made anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..file import Sight, fingerprint
from ..merge.pairing import with_ids_of
from ..model import Fingerprint
from ..notebook import Notebook, Sheet, render


class Pages:
    """Renders one document over its file again and again. Blocks; on one thread only.

    A file in a style of its own keeps that: what changed is woven into its text. Where that comes
    to the bytes that nbformat would write, the next rendering needs neither the text nor what it
    means: it writes the cells that changed, and joins them with the others.
    """

    def __init__(self) -> None:
        """Nothing is known of the file yet."""
        self._sheet = Sheet()
        self._plain: Fingerprint | None = None

    def render(self, sight: Sight, content: dict[str, Any]) -> bytes:
        """What the file that was seen becomes when it gets `content`, which is not changed."""
        plain = self._sheet.render(content).data
        if self._plain is not None and sight.holds(self._plain):
            data = plain
        else:
            data = render(content, _base(sight, content["cells"]))
        self._plain = fingerprint(data) if data == plain else None
        return data


def theirs(notebook: Notebook, base: Sequence[dict[str, Any]]) -> Notebook:
    """The notebook in a file, where cells without an id of their own have that of a counterpart."""
    counts = Counter(notebook.own_ids)
    nameless = {
        place for place, own in enumerate(notebook.own_ids) if own is None or counts[own] > 1
    }
    nameless |= set(range(len(notebook.own_ids), len(notebook.content["cells"])))
    if not nameless:
        return notebook
    cells = with_ids_of(base, notebook.content["cells"], nameless)
    return notebook.with_ids([cell["id"] for cell in cells])


def _base(sight: Sight, ours: Sequence[dict[str, Any]]) -> Notebook | None:
    return theirs(sight.notebook, ours) if sight.notebook is not None else None
