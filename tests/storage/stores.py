"""Stores of documents, as tests look into them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jupyter_crdt_autosave.storage.about import About
from jupyter_crdt_autosave.storage.store import Store

A, B = "/home/a.ipynb", "/home/b.ipynb"
"""Two notebooks."""


def about_file(store: Store, about: About) -> Path:
    """Where it is said which notebook a document is of."""
    return Path(store.folder(about.id), "about.json")


def pointers(store: Store) -> dict[str, dict[str, Any]]:
    """What each pointer says, by its path."""
    folder = Path(store.root, "paths")
    return {str(path): json.loads(path.read_bytes()) for path in folder.iterdir()}
