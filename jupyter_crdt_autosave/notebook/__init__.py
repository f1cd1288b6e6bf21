"""Notebook files and what they mean.

Content is a notebook as the Y document holds it: plain JSON values, texts joined, every cell with
a unique id. ``read`` makes it from a file; ``render`` makes a file from it, which differs from the
one that was read in nothing but what changed.
"""

from __future__ import annotations

from .canonical import canonical, canonical_json
from .digests import Digest, cell_digest, combine, digest, edit_digest, lineage
from .export import render
from .normal import bare, normalise
from .notebook import Notebook, read
from .sheet import Rendering, Sheet
from .style import Style
from .trust import untrusted
from .values import same, whole_numbers

__all__ = [
    "Digest",
    "Notebook",
    "Rendering",
    "Sheet",
    "Style",
    "bare",
    "canonical",
    "canonical_json",
    "cell_digest",
    "combine",
    "digest",
    "edit_digest",
    "lineage",
    "normalise",
    "read",
    "render",
    "same",
    "untrusted",
    "whole_numbers",
]
