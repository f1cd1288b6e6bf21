"""What a person sees: type, lose the server, come back."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.support.server import TOKEN, RealServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

STATUS = ".jp-CrdtAutosave-item"
NOT_KEPT = ".jp-CrdtAutosave-notKept"
CELL = ".jp-Notebook .jp-Cell .cm-content"
DIRTY_TAB = ".lm-DockPanel .lm-TabBar-tab.jp-mod-dirty"


def show(page: Page, lab: RealServer, name: str) -> None:
    """Open a notebook as a person would, and wait until its cells are there."""
    page.goto(f"{lab.url}/lab/tree/{name}?token={TOKEN}&reset")
    expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible()


def type_into(page: Page, cell: int, text: str) -> None:
    """Type at the end of a cell."""
    page.locator(CELL).nth(cell).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def until(condition: Callable[[], bool], timeout: float = 20.0) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "The condition was not met in time."
        time.sleep(0.05)


def no_dialog(page: Page) -> None:
    """JupyterLab asks nothing."""
    expect(page.locator(".jp-Dialog")).to_have_count(0)


def test_text_typed_before_a_kill_is_there_after_reopening(page: Page, lab: RealServer) -> None:
    lab.write("story.ipynb", "import math", "radius = 3")
    show(page, lab, "story.ipynb")
    expect(page.locator(STATUS)).to_contain_text("Edits kept")
    type_into(page, 1, "\narea = math.pi * radius ** 2  # typed, never saved")
    until(lambda: lab.status("story.ipynb")["unsaved"])
    lab.kill()
    assert lab.sources("story.ipynb")[1] == "radius = 3"
    lab.start()
    page.goto("about:blank")
    show(page, lab, "story.ipynb")
    expect(page.locator(CELL).nth(1)).to_contain_text(
        "area = math.pi * radius ** 2  # typed, never saved"
    )
    expect(page.locator(STATUS)).to_contain_text("Edits kept")
    page.get_by_role("dialog").get_by_role("button", name="Later").click()
    page.screenshot(path=str(lab.home / "after.png"))


def test_a_tab_that_stays_open_goes_on_after_the_server_was_killed(
    page: Page, lab: RealServer
) -> None:
    lab.write("story.ipynb", "a = 1")
    show(page, lab, "story.ipynb")
    expect(page.locator(STATUS)).to_contain_text("Edits kept")
    lab.kill()
    type_into(page, 0, "  # while the server was away")
    expect(page.locator(NOT_KEPT)).to_contain_text("NOT kept", timeout=60_000)
    page.screenshot(path=str(lab.home / "away.png"))
    lab.start()
    expect(page.locator(STATUS)).to_contain_text("Edits kept", timeout=60_000)
    until(lambda: "away" in lab.sources("story.ipynb")[0], 60)
    assert lab.sources("story.ipynb") == ["a = 1  # while the server was away"]
    expect(page.locator(CELL)).to_have_count(1)


def test_saving_asks_nothing_and_writes_what_is_on_the_screen(page: Page, lab: RealServer) -> None:
    lab.write("story.ipynb", "a = 1")
    show(page, lab, "story.ipynb")
    for number in range(3):
        type_into(page, 0, str(number))
        until(lambda: lab.status("story.ipynb")["unsaved"])
        page.keyboard.press("Control+s")
        typed = ["a = 1012"[: 6 + number]]
        until(partial(lambda wanted: lab.sources("story.ipynb") == wanted, typed))
        no_dialog(page)
    type_into(page, 0, "3")
    until(lambda: lab.sources("story.ipynb") == ["a = 10123"], 30)
    earlier = lab.status("story.ipynb")["last_save"]
    page.keyboard.press("Control+s")
    until(lambda: lab.status("story.ipynb")["last_save"] != earlier)
    expect(page.locator(DIRTY_TAB)).to_have_count(0)
    no_dialog(page)
    page.keyboard.press("Alt+w")
    expect(page.locator(CELL)).to_have_count(0)
    no_dialog(page)


def test_a_save_that_fails_says_why(page: Page, lab: RealServer) -> None:
    lab.write("story.ipynb", "a = 1")
    show(page, lab, "story.ipynb")
    type_into(page, 0, "0")
    until(lambda: lab.status("story.ipynb")["unsaved"])
    (lab.home / "refuse").touch()
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-Dialog")).to_contain_text("the disk is on holiday")
    page.screenshot(path=str(lab.home / "refused.png"))
    page.locator(".jp-Dialog button").last.click()
    (lab.home / "refuse").unlink()
    page.keyboard.press("Control+s")
    until(lambda: lab.sources("story.ipynb") == ["a = 10"])


def test_edits_that_are_not_kept_are_shown_in_red(page: Page, lab: RealServer) -> None:
    shutil.rmtree(lab.store, ignore_errors=True)
    lab.store.write_text("in the way")
    lab.write("story.ipynb", "a = 1")
    show(page, lab, "story.ipynb")
    expect(page.locator(NOT_KEPT)).to_contain_text("NOT kept")
    page.screenshot(path=str(lab.home / "red.png"))
    type_into(page, 0, "0")
    lab.store.unlink()
    expect(page.locator(NOT_KEPT)).to_have_count(0, timeout=60_000)
    expect(page.locator(STATUS)).to_contain_text("Edits kept")
    lab.kill()
    lab.start()
    page.goto("about:blank")
    show(page, lab, "story.ipynb")
    expect(page.locator(CELL).first).to_contain_text("a = 10")


def test_a_file_deleted_outside_comes_back_when_it_is_saved(page: Page, lab: RealServer) -> None:
    path = lab.write("story.ipynb", "a = 1", "b = 2")
    show(page, lab, "story.ipynb")
    expect(page.locator(STATUS)).to_contain_text("Edits kept")
    path.unlink()
    type_into(page, 0, "0")
    expect(page.locator(".jp-CrdtAutosave-warning")).to_be_visible(timeout=60_000)
    assert not path.exists()
    page.keyboard.press("Control+s")
    until(path.exists)
    until(lambda: lab.sources("story.ipynb") == ["a = 10", "b = 2"])
    no_dialog(page)


def test_a_new_notebook_never_shows_what_was_deleted_there(page: Page, lab: RealServer) -> None:
    lab.write("story.ipynb", "old_secret = 1")
    show(page, lab, "story.ipynb")
    type_into(page, 0, "  # typed")
    until(lambda: lab.status("story.ipynb")["unsaved"])
    page.goto("about:blank")
    assert lab.request("DELETE", "/api/contents/story.ipynb")[0] == 204
    lab.write("story.ipynb", "brand_new = 2")
    show(page, lab, "story.ipynb")
    expect(page.locator(CELL).first).to_have_text("brand_new = 2")
    assert "old_secret" not in page.content()


def test_a_change_by_another_program_is_merged_and_announced(page: Page, lab: RealServer) -> None:
    lab.write("story.ipynb", "a = 1", "b = 2")
    show(page, lab, "story.ipynb")
    type_into(page, 0, "  # typed")
    until(lambda: lab.status("story.ipynb")["unsaved"])
    lab.write("story.ipynb", "a = 1", "b = 3")
    expect(page.locator(CELL).nth(1)).to_have_text("b = 3")
    expect(page.locator(".Toastify")).to_contain_text("merged")
    page.screenshot(path=str(lab.home / "merged.png"))
    expect(page.locator(CELL).nth(0)).to_have_text("a = 1  # typed")
    no_dialog(page)
    page.keyboard.press("Control+s")
    until(lambda: lab.sources("story.ipynb") == ["a = 1  # typed", "b = 3"])
    no_dialog(page)
