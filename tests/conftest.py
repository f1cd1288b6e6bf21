from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import stop_watching

_ROOT = str(Path(__file__).parent.parent)


def pytest_configure() -> None:
    """Servers that tests start find the package under test, installed or not."""
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    if _ROOT not in paths:
        os.environ["PYTHONPATH"] = os.pathsep.join([_ROOT, *paths])


@pytest.fixture(autouse=True)
def watched_by_nobody() -> Iterator[None]:
    """Leave no watch of a folder to the next test."""
    yield
    stop_watching()
