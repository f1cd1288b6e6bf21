"""Random notebooks, random ways to write them to files, and random edits.

Notebooks are dicts of format 4 with joined texts, as nbformat reads them.
"""

from __future__ import annotations

from tests.property.notebook_edits import edits_of
from tests.property.notebook_files import Layout, files, layouts, messy_notebooks
from tests.property.notebook_parts import (
    Cell,
    Content,
    Json,
    cells,
    notebooks,
    objects,
    outputs,
    texts,
    unhurried,
    values,
)

__all__ = [
    "Cell",
    "Content",
    "Json",
    "Layout",
    "cells",
    "edits_of",
    "files",
    "layouts",
    "messy_notebooks",
    "notebooks",
    "objects",
    "outputs",
    "texts",
    "unhurried",
    "values",
]
