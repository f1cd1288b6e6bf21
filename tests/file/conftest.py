from __future__ import annotations

from pathlib import Path

import pytest

from .shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A notebook with a checkpoint of its own."""
    return Shelf(tmp_path)
