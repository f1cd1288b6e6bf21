"""The bytes of a notebook file, made from content."""

from __future__ import annotations

import re
from typing import Any

from .change import change_since
from .dump import Dumper
from .items import whole
from .lines import split_cell
from .normal import TRANSIENT, dicts, minor_of
from .notebook import Notebook
from .own_ids import FIRST_MINOR
from .style import NBFORMAT
from .text import BOM, decode
from .trust import untrusted
from .weave import Weaver

Cell = dict[str, Any]
Content = dict[str, Any]

_SURROGATE = re.compile("[\ud800-\udfff]")


def render(content: Content, base: Notebook | None) -> bytes:
    """Write notebook content as a file. Neither argument is changed.

    Args:
        content: The content.
        base: The file that content was read from: whatever did not change since stays as it is in
            there. None: the file becomes byte for byte what jupyter_server would write.
    """
    if base is None or base.converted:
        return _encode(Dumper(NBFORMAT).dump(_file_form(content)) + "\n")
    text = decode(base.data)
    root = whole(text)
    weaver = Weaver(text, base.style)
    woven = weaver.value(root, change_since(base, content), "")
    bom = BOM if base.data.startswith(BOM) else b""
    return bom + _encode(text[: root.value] + woven + text[root.end :])


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):x}", text).encode()


def _file_form(content: Content) -> Content:
    """Give content as nbformat writes it."""
    made, metadata = dict(content), content.get("metadata")
    if isinstance(metadata, dict):
        made["metadata"] = {key: metadata[key] for key in metadata if key not in TRANSIENT}
    with_ids = minor_of(content) >= FIRST_MINOR
    made["cells"] = [_new_cell(cell, with_ids) for cell in dicts(content.get("cells"))]
    return made


def _new_cell(cell: Cell, with_id: bool) -> Cell:
    made = split_cell(untrusted(cell))
    if not with_id:
        made.pop("id", None)
    return made
