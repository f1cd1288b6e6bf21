from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.server import RealServer

from .story import OPTIONS, no_alarm


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """A running server, on which each test has a folder of its own."""
    server = RealServer(tmp_path_factory.mktemp("server"), *OPTIONS)
    try:
        yield server.start()
    finally:
        server.close()
    no_alarm(server)
