"""A watch, a notebook, and somebody to be told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_crdt_autosave.file.watch import Watch

from .ear import LOG, NAME, Ear


@pytest.fixture
def watch() -> Iterator[Watch]:
    """A watch that ends with the test."""
    watch = Watch(LOG)
    yield watch
    watch.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder below one that is the test's, too."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def path(folder: Path) -> Path:
    """A notebook's file."""
    path = folder / NAME
    path.write_text("old")
    return path


@pytest.fixture
def ear() -> Ear:
    return Ear()
