"""A real JupyterLab in a real browser. Where there is no Chromium these tests are left out, and
the summary says so; with ``REQUIRE_BROWSER`` set that is a failure."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.server import RealServer

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_HOOK = """
import os
from tornado.web import HTTPError

def refuse(model, **kwargs):
    if os.path.exists({flag!r}):
        raise HTTPError(507, "the disk is on holiday")

c.FileContentsManager.pre_save_hook = refuse
"""
_HERE = Path(__file__).parent


def chromium() -> str | None:
    """The first Chromium on the path."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if chromium() is not None:
        return
    left_out = [item for item in items if _HERE in item.path.parents]
    if left_out and os.environ.get("REQUIRE_BROWSER"):
        raise pytest.UsageError("REQUIRE_BROWSER is set, but no Chromium was found on the path.")
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
    config.stash[_LEFT_OUT] = len(left_out)


_LEFT_OUT = pytest.StashKey[int]()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    count = config.stash.get(_LEFT_OUT, 0)
    if count:
        terminalreporter.section("browser tests")
        terminalreporter.line(f"{count} browser tests did not run: no Chromium on the path.")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for these tests; it needs the thread's event loop for as long as it runs."""
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=_OPTIONS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A browser window of its own, with nothing remembered; its last sight is kept as a picture."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.set_default_timeout(30_000)
    page = context.new_page()
    yield page
    page.screenshot(path=str(tmp_path / "last.png"))
    context.close()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[RealServer]:
    """A running JupyterLab with private data."""
    quiet = tmp_path / "settings" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True)
    (quiet / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )
    config = tmp_path / "config"
    config.mkdir()
    (config / "jupyter_server_config.py").write_text(_HOOK.format(flag=str(tmp_path / "refuse")))
    server = RealServer(tmp_path, app="lab")
    yield server.start()
    server.close()
