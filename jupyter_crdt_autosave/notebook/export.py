"""The bytes of a notebook file, made from content."""

from __future__ import annotations

from .change import change_since
from .dump import Dumper
from .form import Content, encode, file_form
from .items import whole
from .notebook import Notebook
from .style import NBFORMAT
from .text import BOM, decode
from .weave import Weaver


def render(content: Content, base: Notebook | None) -> bytes:
    """Write notebook content as a file. Neither argument is changed.

    Args:
        content: The content.
        base: The file that content was read from: whatever did not change since stays as it is in
            there. None: the file becomes byte for byte what jupyter_server would write.
    """
    if base is None or base.converted:
        return encode(Dumper(NBFORMAT).dump(file_form(content)) + "\n")
    text = decode(base.data)
    root = whole(text)
    weaver = Weaver(text, base.style)
    woven = weaver.value(root, change_since(base, content), "")
    bom = BOM if base.data.startswith(BOM) else b""
    return bom + encode(text[: root.value] + woven + text[root.end :])
