"""What `clear` removes and keeps, and that it asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desk import Desk
from tests.support.loop import in_loop

from .documents import Before, left_saved, sources_of, timeline
from .terminal import Terminal, fingerprints

pytestmark = pytest.mark.timeout(120)


async def with_checkpoint(desk: Desk, name: str = "nb.ipynb") -> str:
    """Leave versions, one of them with a name, and a checkpoint; the document's id."""
    desk.write("a", name=name)
    tab = await desk.open(name)
    await tab.live.timeline.name("for ever")
    tab.type(0, "1")
    await tab.live.save()
    desk.autosaves = False
    await tab.crash()
    tab = await desk.open(name)
    tab.type(0, "2")
    await tab.autosave()
    assert desk.checkpoint(name) == ["a12"]
    await tab.crash()
    return tab.live.about_id


@in_loop
async def test_clearing_shows_what_there_is_and_asks(desk: Desk, terminal: Terminal) -> None:
    document = await with_checkpoint(desk)
    before, kept = fingerprints(desk.root), timeline(desk, document)
    ran = terminal.run("clear", "nb.ipynb", typed="n\n")
    assert ran.code == 1
    assert f"nb.ipynb: {len(kept) - 1} version" in ran.err
    assert "1 checkpoint" in ran.err
    assert terminal.run("clear", "nb.ipynb").code == 1, "nobody is there to answer"
    assert terminal.run("clear", "nb.ipynb", "--json").json["reason"] == "declined"
    assert fingerprints(desk.root) == before
    assert timeline(desk, document) == kept


@in_loop
async def test_a_version_keeps_what_was_cleared_of_the_checkpoint(
    desk: Desk, terminal: Terminal
) -> None:
    document = await with_checkpoint(desk)
    assert terminal.run("clear", "nb.ipynb", typed="yes\n").code == 0
    assert desk.checkpoint() is None
    assert timeline(desk, document) == [
        ("cleared", None, ["a12"]),
        ("named", "for ever", ["a"]),
    ]
    assert desk.sources() == ["a1"]
    assert terminal.run("export", "nb.ipynb").sources == ["a12"]
    assert (await desk.open()).sources == ["a12"]


@in_loop
async def test_a_checkpoint_that_is_no_notebook_is_set_aside(
    desk: Desk, terminal: Terminal
) -> None:
    document = await with_checkpoint(desk)
    (desk.root / ".autosave" / "nb.ipynb").write_text("not a notebook")
    assert terminal.run("clear", "nb.ipynb", "--yes").code == 0
    assert desk.checkpoint() is None
    assert timeline(desk, document) == [("named", "for ever", ["a"])]
    tab = await desk.open()
    assert desk.kept(tab) == [b"not a notebook"]
    assert tab.sources == ["a12"]


@in_loop
async def test_all_notebooks_are_cleared_at_once(desk: Desk, terminal: Terminal) -> None:
    first = await with_checkpoint(desk)
    desk.autosaves = True
    desk.write("b", name="other.ipynb")
    second = await left_saved(desk, "1", "other.ipynb")
    answer = terminal.json("clear", "--all", "--yes")
    assert {each["id"]: each["checkpoint"] for each in answer["cleared"]} == {
        first: True, second: False,
    }  # fmt: skip
    assert timeline(desk, second) == []
    assert desk.checkpoint() is None
    assert terminal.run("export", "other.ipynb").sources == ["b1"]


@in_loop
async def test_a_released_document_leaves_the_checkpoint_of_its_successor_alone(
    desk: Desk, terminal: Terminal
) -> None:
    desk.write("old")
    tab = await desk.open()
    tab.type(0, "1")
    await tab.live.save()
    await tab.live.release("deleted")
    await tab.close()
    old = tab.live.about_id
    new = await with_checkpoint(desk)
    assert terminal.run("clear", old, "--yes").code == 0
    assert desk.checkpoint() == ["a12"]
    assert ("named", "for ever", ["a"]) in timeline(desk, new)
    assert timeline(desk, old) == []


@in_loop
async def test_death_in_the_middle_of_clearing_loses_nothing(
    desk: Desk, terminal: Terminal, tmp_path: Path
) -> None:
    document = await with_checkpoint(desk)
    kept, before = timeline(desk, document), Before.of(desk, tmp_path / "before")
    with terminal.dying("clear", str(desk.root / "nb.ipynb"), "--yes") as attempt:
        step, code = 0, -9
        while code == -9:
            before.again()
            step += 1
            code = attempt(step)
            now = timeline(desk, document)
            if now != kept:
                assert now == [("cleared", None, ["a12"]), ("named", "for ever", ["a"])]
            assert desk.checkpoint() == ["a12"] or now != kept
            assert sources_of(desk, document) == ["a12"]
    assert (code, desk.checkpoint()) == (0, None)
    assert step > 3
