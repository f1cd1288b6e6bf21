"""What a person is asked on coming back to work that is in no file."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_nothing_is_lost import CELL, STATUS, show, type_into, until
from tests.support.server import RealServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

BADGE = ".jp-NotebookPanel-toolbar .jp-CrdtAutosave-badge"
TYPED = "area = math.pi * radius ** 2"


def come_back(page: Page, lab: RealServer) -> Locator:
    """Type, lose the server, open the notebook again; the dialog that comes up."""
    lab.write("story.ipynb", "import math", "radius = 3")
    show(page, lab, "story.ipynb")
    expect(page.locator(STATUS)).to_contain_text("Edits kept")
    type_into(page, 1, f"\n{TYPED}")
    until(lambda: lab.status("story.ipynb")["unsaved"])
    lab.kill()
    page.goto("about:blank")
    lab.start()
    show(page, lab, "story.ipynb")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 cell changed")
    return dialog


def cells(page: Page) -> Locator:
    """The texts of the notebook's cells."""
    return page.locator(CELL)


def test_work_is_restored(page: Page, lab: RealServer) -> None:
    dialog = come_back(page, lab)
    assert lab.sources("story.ipynb") == ["import math", "radius = 3"]
    page.screenshot(path=str(lab.home / "offer.png"))
    dialog.get_by_role("button", name="Compare").click()
    expect(dialog.locator("li ins")).to_contain_text(TYPED)
    page.screenshot(path=str(lab.home / "compare.png"))
    dialog.get_by_role("button", name="Restore", exact=True).click()
    expect(dialog).to_have_count(0)
    until(lambda: lab.sources("story.ipynb")[1] == f"radius = 3\n{TYPED}")
    expect(cells(page).nth(1)).to_contain_text(TYPED)
    expect(page.locator(BADGE)).to_have_count(0)
    expect(page.locator(STATUS)).to_have_text("Edits kept")
    type_into(page, 0, "  # and on")
    until(lambda: lab.sources("story.ipynb")[0] == "import math  # and on")
    expect(page.locator(".jp-Dialog")).to_have_count(0)


def test_work_is_discarded(page: Page, lab: RealServer) -> None:
    dialog = come_back(page, lab)
    before = (lab.root / "story.ipynb").read_bytes()
    dialog.get_by_role("button", name="Discard").click()
    expect(dialog).to_have_count(0)
    expect(cells(page).nth(1)).to_have_text("radius = 3")
    expect(page.locator(STATUS)).to_have_text("Edits kept")
    assert (lab.root / "story.ipynb").read_bytes() == before
    (version,) = lab.get("/api/crdt-autosave/versions/story.ipynb")["versions"]
    content = lab.get(f"/api/crdt-autosave/version/{version['id']}")["content"]
    assert content["cells"][1]["source"] == f"radius = 3\n{TYPED}"


def test_work_waits_for_later(page: Page, lab: RealServer) -> None:
    dialog = come_back(page, lab)
    before = (lab.root / "story.ipynb").read_bytes()
    dialog.get_by_role("button", name="Later").click()
    expect(dialog).to_have_count(0)
    badge = page.locator(BADGE)
    expect(badge).to_be_visible()
    expect(page.locator(STATUS)).to_contain_text("recovered work waits")
    page.screenshot(path=str(lab.home / "later.png"))
    type_into(page, 0, "  # going on")
    until((lab.root / ".autosave" / "story.ipynb").exists)
    assert (lab.root / "story.ipynb").read_bytes() == before
    badge.click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Restore", exact=True).click()
    until(lambda: lab.sources("story.ipynb")[1] == f"radius = 3\n{TYPED}")
    expect(badge).to_have_count(0)


def test_saving_is_an_answer(page: Page, lab: RealServer) -> None:
    dialog = come_back(page, lab)
    dialog.get_by_role("button", name="Later").click()
    cells(page).nth(0).click()
    page.keyboard.press("Control+s")
    until(lambda: lab.sources("story.ipynb")[1] == f"radius = 3\n{TYPED}")
    expect(page.locator(BADGE)).to_have_count(0)
    expect(page.locator(".jp-Dialog")).to_have_count(0)


def test_an_answer_in_one_window_is_one_in_all(page: Page, lab: RealServer) -> None:
    dialog = come_back(page, lab)
    other = page.context.new_page()
    show(other, lab, "story.ipynb")
    theirs = other.get_by_role("dialog")
    expect(theirs).to_contain_text("1 cell changed")
    theirs.get_by_role("button", name="Discard").click()
    expect(dialog).to_have_count(0)
    expect(cells(page).nth(1)).to_have_text("radius = 3")
    expect(page.locator(BADGE)).to_have_count(0)
    other.close()
