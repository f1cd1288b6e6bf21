from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.inside import isolate


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of a server's own: notebooks, data, configuration, working directory."""
    isolate(tmp_path, monkeypatch)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    return tmp_path
