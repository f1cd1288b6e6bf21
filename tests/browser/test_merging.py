"""What a person sees when another program rewrites the file of the notebook that they type in."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.server import RealServer

from .test_nothing_is_lost import CELL, no_dialog, show, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NOTICE = ".Toastify"
_CARET = """() => {
  const content = document.activeElement?.closest('.cm-content');
  const selection = document.getSelection();
  if (!content || !selection || selection.rangeCount === 0) { return null; }
  const lines = [...content.querySelectorAll('.cm-line')];
  const node = selection.focusNode;
  const line = lines.findIndex(one => one === node || one.contains(node));
  const range = document.createRange();
  range.setStart(lines[line], 0);
  range.setEnd(node, selection.focusOffset);
  const cells = [...document.querySelectorAll('.jp-Notebook .jp-Cell .cm-content')];
  return [cells.indexOf(content), line, range.toString().length];
}"""
_MARK = "window.untouched = true"


def caret(page: Page) -> tuple[int, int, int]:
    """Where the caret is: cell, line, and column, each from 0."""
    found = page.evaluate(_CARET)
    assert found is not None, "no cell is being edited"
    cell, line, column = found
    return cell, line, column


def rewrite(path: Path, old: str, new: str) -> None:
    """Replace a text in a notebook's file, as editors do: a new file in the old one's place."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    other = path.with_suffix(".new")
    other.write_text(text.replace(old, new), encoding="utf-8")
    os.replace(other, path)


def go_to(page: Page, cell: int, line: int, column: int) -> None:
    """Put the caret somewhere."""
    page.locator(CELL).nth(cell).click()
    page.keyboard.press("Control+Home")
    for _ in range(line):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    for _ in range(column):
        page.keyboard.press("ArrowRight")
    until(lambda: caret(page) == (cell, line, column))


def open_story(page: Page, lab: RealServer, *sources: str) -> Path:
    """Open a notebook with these cells."""
    path = lab.write("story.ipynb", *sources)
    show(page, lab, "story.ipynb")
    page.evaluate(_MARK)
    return path


def undisturbed(page: Page) -> None:
    """Nothing was asked, and the page was not loaded anew."""
    no_dialog(page)
    assert page.evaluate("window.untouched") is True


def type_slowly(page: Page, text: str) -> None:
    """Type as a person does."""
    page.keyboard.type(text, delay=20)


def test_another_cell_is_rewritten_while_one_is_typed_into(page: Page, lab: RealServer) -> None:
    path = open_story(page, lab, "first = 1\nsecond = 2\nthird = 3", "other = 1")
    go_to(page, 0, 1, 6)
    type_slowly(page, "_typed")
    until(lambda: lab.status("story.ipynb")["unsaved"])
    assert caret(page) == (0, 1, 12)
    rewrite(path, "other = 1", "other = 'from outside'")
    expect(page.locator(CELL).nth(1)).to_have_text("other = 'from outside'")
    assert caret(page) == (0, 1, 12)
    page.screenshot(path=str(lab.home / "other_cell.png"))
    type_slowly(page, "_on")
    expect(page.locator(CELL).nth(0).locator(".cm-line")).to_have_text(
        ["first = 1", "second_typed_on = 2", "third = 3"]
    )
    undisturbed(page)
    merged = ["first = 1\nsecond_typed_on = 2\nthird = 3", "other = 'from outside'"]
    until(lambda: lab.sources("story.ipynb") == merged, 60)
    page.keyboard.press("Control+s")
    until(lambda: not lab.status("story.ipynb")["unsaved"])
    undisturbed(page)


def test_another_line_of_the_same_cell_is_rewritten(page: Page, lab: RealServer) -> None:
    path = open_story(page, lab, "first = 1\nsecond = 2\nthird = 3\nfourth = 4", "other = 1")
    go_to(page, 0, 2, 5)
    type_slowly(page, "_typed")
    until(lambda: lab.status("story.ipynb")["unsaved"])
    rewrite(path, "first = 1", 'first = \\"from outside\\"\\n",\n    "added = 0')
    lines = page.locator(CELL).nth(0).locator(".cm-line")
    expect(lines).to_have_text(
        ['first = "from outside"', "added = 0", "second = 2", "third_typed = 3", "fourth = 4"]
    )
    assert caret(page) == (0, 3, 11)
    page.screenshot(path=str(lab.home / "same_cell.png"))
    type_slowly(page, "_on")
    merged = ['first = "from outside"', "added = 0", "second = 2", "third_typed_on = 3"]
    expect(lines).to_have_text([*merged, "fourth = 4"])
    undisturbed(page)
    until(lambda: lab.sources("story.ipynb")[0] == "\n".join([*merged, "fourth = 4"]), 60)


def test_many_rewrites_while_somebody_types_all_the_time(page: Page, lab: RealServer) -> None:
    path = open_story(page, lab, "first = 1\nsecond = ''\nthird = 3", "other = 0")
    go_to(page, 0, 1, 10)
    typed = ""
    for number in range(10):
        word = f"k{number:05d} "
        page.keyboard.type(word, delay=20)
        typed += word
        rewrite(path, f"other = {number}", f"other = {number + 1}")
        expect(page.locator(CELL).nth(1)).to_have_text(f"other = {number + 1}")
        assert caret(page) == (0, 1, 10 + len(typed))
    expect(page.locator(CELL).nth(0).locator(".cm-line").nth(1)).to_have_text(f"second = '{typed}'")
    undisturbed(page)
    merged = [f"first = 1\nsecond = '{typed}'\nthird = 3", "other = 10"]
    until(lambda: lab.sources("story.ipynb") == merged, 60)


def test_undo_takes_back_only_what_was_typed_here(page: Page, lab: RealServer) -> None:
    path = open_story(page, lab, "first = 1\nsecond = 2\nthird = 3", "other = 1")
    go_to(page, 0, 1, 6)
    type_slowly(page, "_typed")
    until(lambda: lab.status("story.ipynb")["unsaved"])
    rewrite(path, "first = 1", "first = 'from outside'")
    lines = page.locator(CELL).nth(0).locator(".cm-line")
    expect(lines.first).to_have_text("first = 'from outside'")
    type_slowly(page, "_on")
    expect(lines.nth(1)).to_have_text("second_typed_on = 2")
    for _ in range(12):
        page.keyboard.press("Control+z")
    expect(lines).to_have_text(["first = 'from outside'", "second = 2", "third = 3"])
    page.screenshot(path=str(lab.home / "undone.png"))
    for _ in range(12):
        page.keyboard.press("Control+Shift+z")
    expect(lines).to_have_text(["first = 'from outside'", "second_typed_on = 2", "third = 3"])
    undisturbed(page)


def test_a_selection_outlives_a_cell_that_is_added_above(page: Page, lab: RealServer) -> None:
    path = open_story(page, lab, "above = 0", "first = 1\nsecond = 2")
    go_to(page, 1, 1, 0)
    page.keyboard.press("Shift+End")
    notebook = json.loads(path.read_bytes())
    fresh = {**notebook["cells"][0], "id": "fresh", "source": ["fresh = 'from outside'"]}
    notebook["cells"].insert(0, fresh)
    path.write_text(json.dumps(notebook, indent=1) + "\n")
    expect(page.locator(CELL).nth(0)).to_have_text("fresh = 'from outside'")
    assert page.evaluate("document.getSelection().toString()") == "second = 2"
    assert caret(page) == (2, 1, 10)
    type_slowly(page, "instead = 3")
    expect(page.locator(CELL)).to_have_text(
        ["fresh = 'from outside'", "above = 0", "first = 1instead = 3"]
    )
    page.screenshot(path=str(lab.home / "cell_above.png"))
    undisturbed(page)


def test_the_same_words_changed_on_both_sides_are_announced(page: Page, lab: RealServer) -> None:
    path = open_story(page, lab, "first = 1", "second = 2")
    go_to(page, 1, 0, 9)
    page.keyboard.press("Delete")
    type_slowly(page, "'typed'")
    until(lambda: lab.status("story.ipynb")["unsaved"])
    rewrite(path, "second = 2", "second = 'outside'")
    notice = page.locator(NOTICE)
    expect(notice).to_contain_text("story.ipynb")
    expect(notice).to_contain_text(re.compile(r"cell 2\b", re.IGNORECASE))
    page.screenshot(path=str(lab.home / "conflict.png"))
    expect(page.locator(CELL).nth(1)).to_have_text("second = 'typed'")
    assert caret(page) == (1, 0, 16)
    undisturbed(page)
    until(lambda: lab.sources("story.ipynb") == ["first = 1", "second = 'typed'"], 60)
