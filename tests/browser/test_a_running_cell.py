"""What a person sees while a cell runs: the file is left alone, and written once it is done."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_nothing_is_lost import STATUS, show, type_into, until
from tests.support.server import RealServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_the_file_waits_for_the_cell_and_is_then_written_once(page: Page, lab: RealServer) -> None:
    path = lab.write("story.ipynb", "import time\nfor n in range(100):\n    time.sleep(0.2)", "b")
    show(page, lab, "story.ipynb")
    until(lambda: lab.status("story.ipynb")["kernel"] == "idle", 60)
    page.locator(".jp-Notebook .jp-Cell").nth(0).click()
    page.keyboard.press("Control+Enter")
    until(lambda: lab.status("story.ipynb")["kernel"] == "busy")
    before = path.read_bytes()
    type_into(page, 1, "  # typed meanwhile")
    expect(page.locator(STATUS)).to_contain_text("autosave deferred since")
    page.screenshot(path=str(lab.home / "deferred.png"))
    seen = [before]
    data = path.read_bytes()
    while lab.status("story.ipynb")["kernel"] == "busy":
        # As it was just before the answer.
        assert data == before
        time.sleep(0.05)
        data = path.read_bytes()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        data = path.read_bytes()
        if data != seen[-1]:
            seen.append(data)
        time.sleep(0.02)
    assert len(seen) == 2, "once"
    assert lab.sources("story.ipynb")[1] == "b  # typed meanwhile"
    expect(page.locator(STATUS)).to_have_text("Edits kept")


def test_a_click_on_the_item_saves_while_the_cell_runs(page: Page, lab: RealServer) -> None:
    lab.write("story.ipynb", "import time\ntime.sleep(60)", "b")
    show(page, lab, "story.ipynb")
    until(lambda: lab.status("story.ipynb")["kernel"] == "idle", 60)
    page.locator(".jp-Notebook .jp-Cell").nth(0).click()
    page.keyboard.press("Control+Enter")
    until(lambda: lab.status("story.ipynb")["kernel"] == "busy")
    type_into(page, 1, "!")
    expect(page.locator(STATUS)).to_contain_text("autosave deferred since")
    page.locator(STATUS).click()
    until(lambda: lab.sources("story.ipynb")[1] == "b!")
    assert lab.status("story.ipynb")["kernel"] == "busy"
    expect(page.locator(STATUS)).to_have_text("Edits kept")


def test_the_settings_decide_at_once_where_autosave_goes(page: Page, lab: RealServer) -> None:
    folder = lab.home / "settings" / "jupyter-crdt-autosave"
    folder.mkdir(parents=True)
    (folder / "plugin.jupyterlab-settings").write_text('{"interval": 1, "target": "checkpoint"}')
    path = lab.write("story.ipynb", "a")
    before = path.read_bytes()
    show(page, lab, "story.ipynb")
    expect(page.locator(STATUS)).to_contain_text("Edits kept")
    type_into(page, 0, "b")
    until((path.parent / ".autosave" / "story.ipynb").exists)
    until(lambda: lab.sources(".autosave/story.ipynb") == ["ab"])
    assert path.read_bytes() == before
