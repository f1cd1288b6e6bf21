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


def test_a_checkpoint_without_a_store_is_offered_in_the_dark(page: Page, lab: RealServer) -> None:
    settings = lab.home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True, exist_ok=True)
    chosen = '{"theme": "JupyterLab Dark"}'
    (settings / "themes.jupyterlab-settings").write_text(chosen, encoding="utf-8")
    lab.write("story.ipynb", "a = 1", "b = 2")
    lab.write(".autosave/story.ipynb", "a = 41", "b = 2")
    show(page, lab, "story.ipynb")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 cell")
    expect(cells(page).nth(0)).to_have_text("a = 1")
    dialog.get_by_role("button", name="Compare").click()
    expect(dialog.locator("li ins")).to_contain_text("41")
    page.screenshot(path=str(lab.home / "dark.png"))
    dialog.get_by_role("button", name="Restore", exact=True).click()
    expect(cells(page).nth(0)).to_have_text("a = 41")
    until(lambda: lab.sources("story.ipynb") == ["a = 41", "b = 2"])
    until(lambda: not (lab.root / ".autosave").exists())


def test_the_item_of_the_status_bar_leads_to_it(page: Page, lab: RealServer) -> None:
    dialog = come_back(page, lab)
    dialog.get_by_role("button", name="Later").click()
    expect(dialog).to_have_count(0)
    item = page.locator(STATUS)
    expect(item).to_contain_text("recovered work waits")
    item.click()
    expect(dialog).to_contain_text("1 cell changed")
    expect(dialog.get_by_role("button", name="Later")).to_be_focused()
    dialog.get_by_role("button", name="Discard").click()
    expect(cells(page).nth(1)).to_have_text("radius = 3")
