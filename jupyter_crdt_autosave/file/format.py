"""nbformat's own reading and writing, for what has to be exactly as jupyter_server does it."""

from __future__ import annotations

from typing import Any

import nbformat

_nbformat: Any = nbformat


def from_dict(content: Any) -> Any:
    """Plain content as the node type that nbformat and the notary work on; a copy."""
    return _nbformat.from_dict(content)


def reads(data: bytes) -> Any:
    """The notebook that a Jupyter program sees in these bytes; an invalid one too."""
    text = data.decode("utf-8-sig", "surrogatepass")
    return _nbformat.reads(text, as_version=4, capture_validation_error={})


def writes(content: Any) -> bytes:
    """The bytes that jupyter_server would write of this content."""
    text: str = _nbformat.writes(from_dict(content), capture_validation_error={})
    return f"{text}\n".encode("utf-8", "surrogatepass")
