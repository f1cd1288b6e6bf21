"""JupyterLab's own ways back do what they say."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_nothing_is_lost import CELL, STATUS, show, type_into, until
from tests.support.server import RealServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def menu(page: Page, entry: str) -> None:
    """Choose an entry of the File menu."""
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_role("menuitem", name=entry).click()


def kept(lab: RealServer) -> list[list[str]]:
    """The sources in the versions of what was given up."""
    listed = lab.get("/api/crdt-autosave/versions/story.ipynb")["versions"]
    found = [
        lab.get(f"/api/crdt-autosave/version/{version['id']}")["content"]
        for version in listed
        if version["kind"] == "discard"
    ]
    return [[cell["source"] for cell in content["cells"]] for content in found]


def test_reload_from_disk(page: Page, lab: RealServer) -> None:
    lab.request("PUT", "/lab/api/settings/@jupyterlab/docmanager-extension:plugin",
                {"raw": '{"autosave": false}'})  # fmt: skip
    lab.write("story.ipynb", "a = 1", "b = 2")
    show(page, lab, "story.ipynb")
    expect(page.locator(STATUS)).to_contain_text("Edits kept")
    type_into(page, 0, " + 41")
    until(lambda: lab.status("story.ipynb")["unsaved"])
    menu(page, "Reload Notebook from Disk")
    page.get_by_role("dialog").get_by_role("button", name="Reload").click()
    expect(page.locator(CELL).nth(0)).to_have_text("a = 1")
    assert lab.sources("story.ipynb") == ["a = 1", "b = 2"]
    assert kept(lab) == [["a = 1 + 41", "b = 2"]]


def test_revert_to_checkpoint(page: Page, lab: RealServer) -> None:
    lab.write("story.ipynb", "a = 1", "b = 2")
    assert lab.request("POST", "/api/contents/story.ipynb/checkpoints")[0] == 201
    show(page, lab, "story.ipynb")
    expect(page.locator(STATUS)).to_contain_text("Edits kept")
    type_into(page, 0, " + 41")
    until(lambda: lab.sources("story.ipynb")[0] == "a = 1 + 41", 30)
    menu(page, "Revert Notebook to Checkpoint")
    page.get_by_role("dialog").get_by_role("button", name="Revert").click()
    expect(page.locator(CELL).nth(0)).to_have_text("a = 1")
    until(lambda: lab.sources("story.ipynb") == ["a = 1", "b = 2"])
    until(lambda: not lab.status("story.ipynb")["unsaved"])
