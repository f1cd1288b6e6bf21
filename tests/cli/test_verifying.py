"""What `verify` finds, and that it changes nothing; what `compact` leaves."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.support.desk import Desk
from tests.support.loop import in_loop

from .documents import damage, left_named, left_saved, left_unsaved, timeline
from .terminal import Terminal, fingerprints

pytestmark = pytest.mark.timeout(120)


def verified(desk: Desk, terminal: Terminal) -> tuple[int, list[dict[str, Any]]]:
    """The exit code of `verify`, and what it found; nothing has changed."""
    before = fingerprints(desk.root.parent)
    ran = terminal.run("verify", "--json")
    assert fingerprints(desk.root.parent) == before
    return ran.code, ran.json["findings"]


@in_loop
async def test_a_sound_store_is_told_to_be_sound(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    await left_named(desk, "first", "1")
    before = fingerprints(desk.root.parent)
    answer = terminal.json("verify")
    assert answer["sound"] is True
    assert (answer["documents"], answer["archive"]["versions"]) == (1, 1)
    assert answer["findings"] == []
    assert "all can be read" in terminal.run("verify").out
    assert fingerprints(desk.root.parent) == before


@in_loop
async def test_a_damaged_journal_is_found_with_its_place(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    journal = damage(desk, await left_unsaved(desk, "1"))
    code, (finding,) = verified(desk, terminal)
    assert code == 1
    assert (finding["kind"], finding["where"], finding["fault"]) == ("journal", str(journal), True)
    assert f" to {journal.stat().st_size} are damaged" in finding["message"]


@in_loop
async def test_a_journal_without_a_notebook_is_found(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    document = await left_unsaved(desk, "1")
    (desk.store_path / "documents" / document / "about.json").write_text("{")
    code, findings = verified(desk, terminal)
    assert code == 1
    assert "Nothing says which notebook this is." in [each["message"] for each in findings]


@in_loop
async def test_pointers_that_lead_nowhere_are_found(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    await left_saved(desk, "1")
    (pointer,) = (desk.store_path / "paths").iterdir()
    pointer.write_text(json.dumps({"identity": str(desk.root / "nb.ipynb"), "id": "0" * 32}))
    code, (finding,) = verified(desk, terminal)
    assert (code, finding["kind"], finding["where"]) == (1, "pointer", str(pointer))
    pointer.write_text("{")
    code, (finding,) = verified(desk, terminal)
    assert (code, finding["kind"]) == (1, "pointer")
    assert terminal.run("export", "nb.ipynb").sources == ["a1"]


@in_loop
async def test_damage_in_the_archive_is_found(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    version = await left_named(desk, "first", "1")
    with closing(sqlite3.connect(desk.store_path / "archive.db")) as db, db:
        db.execute("UPDATE parts SET data = zeroblob(length(data))")
    code, findings = verified(desk, terminal)
    assert code == 1
    assert {each["kind"] for each in findings} == {"archive"}
    assert any(version in each["message"] for each in findings)


@in_loop
async def test_an_archive_that_is_no_database_is_found(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    await left_named(desk, "first", "1")
    (desk.store_path / "archive.db").write_bytes(b"no database" * 1000)
    code, (finding,) = verified(desk, terminal)
    assert (code, finding["kind"]) == (1, "archive")
    ran = terminal.run("versions", "nb.ipynb")
    assert "set aside" in ran.err
    code, (finding,) = verified(desk, terminal)
    assert (code, finding["kind"], finding["fault"]) == (0, "aside", False)
    assert terminal.run("export", "nb.ipynb").sources == ["a1"]


@in_loop
async def test_compacting_makes_a_store_smaller_and_loses_nothing(
    desk: Desk, terminal: Terminal
) -> None:
    desk.write("a")
    tab = await desk.open()
    named = await tab.live.timeline.name("first")
    for _ in range(200):
        tab.type(0, "x")
    await tab.crash()
    before = timeline(desk, tab.live.about_id)
    answer = terminal.json("compact")
    assert (answer["compacted"], answer["failed"]) == (1, [])
    assert answer["freed"] > 5000
    assert terminal.run("export", "nb.ipynb").sources == ["a" + 200 * "x"]
    assert timeline(desk, tab.live.about_id) == before
    assert terminal.run("export", "nb.ipynb", "--version", named.id).sources == ["a"]
    assert terminal.json("compact")["compacted"] == 0
    assert (await desk.open()).sources == ["a" + 200 * "x"]


@in_loop
async def test_compacting_goes_on_behind_a_document_that_cannot_be_compacted(
    desk: Desk, terminal: Terminal
) -> None:
    desk.write("a", name="first.ipynb")
    desk.write("b", name="second.ipynb")
    first = await left_unsaved(desk, "1", "first.ipynb")
    tab = await desk.open("second.ipynb")
    for _ in range(3):
        tab.type(0, "2")
    await tab.crash()
    (desk.store_path / "documents" / first / "lock").unlink()
    (desk.store_path / "documents" / first / "lock").mkdir()
    ran = terminal.run("compact", "--json")
    assert ran.code == 1
    assert [each["id"] for each in ran.json["failed"]] == [first]
    assert ran.json["compacted"] == 1
    assert "first.ipynb" in ran.err
    assert terminal.run("export", "second.ipynb").sources == ["b222"]
