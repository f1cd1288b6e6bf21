"""After `purge` no byte of a secret is left in the store, or beside the notebook."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.storage.archive import archive_in
from jupyter_crdt_autosave.storage.housekeeping import tidy
from jupyter_crdt_autosave.storage.parts import unpack
from jupyter_crdt_autosave.storage.pieces import part_of
from jupyter_crdt_autosave.storage.purging import PURGED
from jupyter_crdt_autosave.storage.store import Store
from tests.support.desk import Desk
from tests.support.loop import in_loop

from .documents import Before, left_named, left_saved, release, sources_of, timeline
from .terminal import Terminal, fingerprints, holding, listed

pytestmark = pytest.mark.timeout(120)

SECRET = b"hunter2-hunter2"


def traces(desk: Desk) -> list[bytes]:
    """The secret as it is, and packed as the archive has it."""
    with closing(sqlite3.connect(desk.store_path / "archive.db")) as db:
        rows = db.execute("SELECT hash, packed, data FROM parts").fetchall()
    return [SECRET, *(row[2] for row in rows if SECRET in unpack(part_of(*row)))]


async def with_secret(desk: Desk) -> str:
    """Leave a secret in journal, versions, baselines and checkpoint; the document's id."""
    desk.write("a")
    tab = await desk.open()
    tab.type(0, SECRET.decode())
    await tab.live.timeline.name("with it")
    await tab.live.save()
    await tab.crash()
    desk.autosaves = False
    tab = await desk.open()
    tab.type(0, "2")
    await tab.autosave()
    await tab.crash()
    desk.write("a")
    assert holding(desk.root, SECRET) == [str(desk.root / ".autosave" / "nb.ipynb")]
    found = holding(desk.store_path, *traces(desk))
    assert {os.path.splitext(path)[1] for path in found} == {".db", ".journal"}
    return tab.live.about_id


@in_loop
async def test_nothing_is_removed_unless_the_name_is_typed(desk: Desk, terminal: Terminal) -> None:
    await with_secret(desk)
    before = fingerprints(desk.root.parent)
    for typed in ("", "y\n", "yes\n", "other.ipynb\n"):
        ran = terminal.run("purge", "nb.ipynb", "--json", typed=typed)
        assert (ran.code, ran.json["reason"]) == (1, "declined")
        assert "Type nb.ipynb" in ran.err
    assert fingerprints(desk.root.parent) == before


@in_loop
async def test_no_byte_of_a_purged_notebook_is_left(desk: Desk, terminal: Terminal) -> None:
    document = await with_secret(desk)
    desk.autosaves = True
    desk.write("b", name="other.ipynb")
    other = await left_saved(desk, "1", "other.ipynb")
    kept = timeline(desk, other)
    leftover = desk.root / ".autosave" / ".nb.ipynb.0123abcd.old"
    leftover.write_bytes(SECRET)
    secrets = traces(desk)
    file = (desk.root / "nb.ipynb").read_bytes()
    ran = terminal.run("purge", "nb.ipynb", "--json", typed="nb.ipynb\n")
    assert ran.code == 0
    assert ran.json == {
        "id": document, "path": str(desk.root / "nb.ipynb"), "may_hold_it_too": [],
    }  # fmt: skip
    assert holding(desk.root.parent, *secrets) == []
    assert not list(desk.store_path.rglob(f"*{document}*"))
    assert (desk.root / "nb.ipynb").read_bytes() == file
    assert list(listed(terminal)) == ["other.ipynb"]
    assert terminal.run("verify").code == 0
    assert timeline(desk, other) == kept
    assert terminal.run("export", "other.ipynb").sources == ["b1"]
    assert (await desk.open()).sources == ["a"]


@in_loop
async def test_a_recoverable_document_is_purged_by_its_id(desk: Desk, terminal: Terminal) -> None:
    document = await with_secret(desk)
    (desk.root / ".autosave" / "nb.ipynb").unlink()
    release(desk, document)
    secrets = traces(desk)
    assert terminal.run("purge", document, typed="nb.ipynb\n").code == 0
    assert holding(desk.root.parent, *secrets) == []


@in_loop
async def test_other_documents_of_the_path_are_told(desk: Desk, terminal: Terminal) -> None:
    document = await with_secret(desk)
    release(desk, document)
    desk.autosaves = True
    desk.write("a")
    await left_saved(desk, "1")
    ran = terminal.run("purge", "nb.ipynb", typed="nb.ipynb\n")
    assert ran.code == 0
    assert document in ran.out
    assert terminal.run("export", document).code == 0


@in_loop
async def test_nothing_is_purged_while_the_archive_cannot_be_changed(
    desk: Desk, terminal: Terminal
) -> None:
    await with_secret(desk)
    with closing(archive_in(str(desk.store_path))) as archive:
        archive.documents()
    (desk.store_path / "archive.db").unlink()
    (desk.store_path / "archive.db").mkdir()
    ran = terminal.run("purge", "nb.ipynb", "--json", typed="nb.ipynb\n")
    assert (ran.code, ran.json["reason"]) == (1, "archive_unavailable")
    assert terminal.run("export", "nb.ipynb").sources == ["a" + SECRET.decode() + "2"]
    assert desk.checkpoint() == ["a" + SECRET.decode() + "2"]


@in_loop
async def test_nothing_is_purged_that_is_open(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    await left_named(desk, "before", "1")
    tab = await desk.open()
    tab.type(0, "2")
    before = fingerprints(desk.root)
    ran = terminal.run("purge", "nb.ipynb", "--json", typed="nb.ipynb\n")
    assert (ran.code, ran.json["reason"]) == (1, "document_in_use")
    assert "stop the server" in ran.err
    assert fingerprints(desk.root) == before
    assert terminal.run("export", "nb.ipynb").sources == ["a12"]
    assert ("named", "before", ["a"]) in timeline(desk, tab.live.about_id)


@in_loop
async def test_death_in_the_middle_of_purging_leaves_all_or_nothing(
    desk: Desk, terminal: Terminal, tmp_path: Path
) -> None:
    document = await with_secret(desk)
    secrets, kept, text = traces(desk), timeline(desk, document), "a" + SECRET.decode() + "2"
    store, before = Store(OSDisk(), str(desk.store_path)), Before.of(desk, tmp_path / "before")
    path, seen = str(desk.root / "nb.ipynb"), [0, 0]
    with terminal.dying("purge", path, typed="nb.ipynb") as attempt:
        step, code = 0, -9
        while code == -9:
            before.again()
            step += 1
            code = attempt(step)
            gone = store.find(path) is None
            seen[gone] += 1
            if not gone:
                assert sources_of(desk, document) == [text]
                assert timeline(desk, document) == kept
            elif code:
                tidy(store, 0.0)
            assert not (gone and holding(desk.root.parent / "store", *secrets))
            assert not (gone and holding(desk.root, *secrets))
    assert code == 0
    assert min(seen) > 2


@in_loop
async def test_what_an_interrupted_purge_left_is_told_and_goes(
    desk: Desk, terminal: Terminal
) -> None:
    for command in (["purge", "nb.ipynb"], ["compact"]):
        document = await with_secret(desk)
        desk.autosaves = True
        store = Store(OSDisk(), str(desk.store_path))
        about, secrets = store.about(document), traces(desk)
        assert about is not None
        (desk.root / ".autosave" / "nb.ipynb").unlink()
        store.release(about, PURGED)
        (finding,) = terminal.json("verify")["findings"]
        assert (finding["kind"], finding["fault"]) == ("purge", False)
        assert terminal.run(*command).code == 0
        assert holding(desk.root.parent, *secrets) == []
        assert listed(terminal) == {}
