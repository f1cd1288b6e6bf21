from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desk import Desk

from .terminal import Terminal


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A server's notebooks, store and manager, with data of its own."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    return Desk(tmp_path)


@pytest.fixture
def terminal(desk: Desk) -> Terminal:
    """A terminal of the same user, in the folder of the notebooks."""
    return Terminal(desk.root, desk.store_path)
