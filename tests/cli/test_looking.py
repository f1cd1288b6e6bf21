"""What users see of what is kept: list, show, versions, export."""

from __future__ import annotations

import nbformat
import pytest

from tests.support.desk import Desk
from tests.support.loop import in_loop

from .documents import damage, left_named, left_saved, left_unsaved, release, timeline
from .terminal import Terminal, fingerprints, listed

pytestmark = pytest.mark.timeout(120)

AWKWARD = "ein \u00fcber\nlanges 数 'heft' -x.ipynb"


@in_loop
async def test_the_list_tells_how_each_notebook_stands(desk: Desk, terminal: Terminal) -> None:
    for name in ("saved", "ahead", "missing", "deleted", "damaged", "changed"):
        desk.write("a", name=f"{name}.ipynb")
    await left_saved(desk, "1", "saved.ipynb")
    await left_unsaved(desk, "1", "ahead.ipynb")
    await left_saved(desk, "1", "missing.ipynb")
    (desk.root / "missing.ipynb").unlink()
    release(desk, await left_unsaved(desk, "1", "deleted.ipynb"))
    damage(desk, await left_unsaved(desk, "1", "damaged.ipynb"))
    await left_saved(desk, "1", "changed.ipynb")
    desk.write("a1", "of another program", name="changed.ipynb")

    ran = terminal.run("list", "--json")
    found = listed(terminal)
    assert ran.code == 1, "one is damaged"
    assert {name: (each["state"], each["file"]) for name, each in found.items()} == {
        "saved.ipynb": ("saved", "same"),
        "ahead.ipynb": ("ahead", "same"),
        "missing.ipynb": ("missing", "missing"),
        "deleted.ipynb": ("released", "elsewhere"),
        "damaged.ipynb": ("damaged", "same"),
        "changed.ipynb": ("saved", "changed"),
    }
    assert found["deleted.ipynb"]["released"] == "deleted"
    assert found["damaged.ipynb"]["journal"]["damaged"] is True
    assert found["ahead.ipynb"]["path"] == str(desk.root / "ahead.ipynb")
    assert found["ahead.ipynb"]["changed_at"].endswith("Z")

    lines = terminal.run("list").out.splitlines()
    words = {line.split()[0]: line for line in lines}
    assert "ahead of its file" in words["ahead.ipynb"]
    assert "released (deleted)" in words["deleted.ipynb"]
    assert "its file is gone" in words["missing.ipynb"]


@in_loop
async def test_undoing_what_was_typed_leaves_a_notebook_in_its_file(
    desk: Desk, terminal: Terminal
) -> None:
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "1")
    del tab.live.notebook.ycells[0]["source"][1:2]
    await tab.crash()
    assert listed(terminal)["nb.ipynb"]["state"] == "saved"


@in_loop
async def test_show_counts_what_the_file_lacks_and_has_texts_only_when_asked(
    desk: Desk, terminal: Terminal
) -> None:
    desk.write("first", "second", "third")
    tab = await desk.open()
    tab.type(0, "confidential")
    del tab.live.notebook.ycells[1]
    tab.live.notebook.append_cell(
        {"cell_type": "markdown", "source": "fresh", "metadata": {}, "id": "fresh"}
    )
    await tab.crash()
    shown = terminal.json("show", "nb.ipynb")
    assert shown["lacks"] == {"added": 1, "removed": 1, "changed": 1}
    assert (shown["state"], shown["cells"]) == ("ahead", 3)
    for extra in ([], ["--json"]):
        assert "confidential" not in terminal.run("show", "nb.ipynb", *extra).out
    told = terminal.json("show", "nb.ipynb", "--text")["changes"]
    assert [(each["kind"], each["id"]) for each in told] == [
        ("changed", "cell-0"), ("removed", "cell-1"), ("added", "fresh"),
    ]  # fmt: skip
    assert told[0]["before"]["source"] == "first"
    assert told[0]["after"]["source"] == "firstconfidential"
    out = terminal.run("show", "nb.ipynb", "--text").out
    assert "  -first\n  +firstconfidential\n" in out
    assert "  +fresh\n" in out


@in_loop
async def test_what_a_terminal_would_obey_is_shown_with_escapes(
    desk: Desk, terminal: Terminal
) -> None:
    desk.write("a")
    await left_named(desk, "\x1b[2Jwiped", "\x1b]0;title\x07")
    for command in (["show", "nb.ipynb", "--text"], ["versions", "nb.ipynb"]):
        out = terminal.run(*command).out
        assert "\x1b" not in out
        assert "\\x1b" in out


@in_loop
async def test_the_timeline_is_shown_newest_first(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    await left_named(desk, "before the talk", "1")
    document = await left_saved(desk, "2")
    kept = timeline(desk, document)
    told = terminal.json("versions", "nb.ipynb")
    assert told["id"] == document
    assert [(each["kind"], each["name"]) for each in told["versions"]] == [
        (kind, name) for kind, name, _ in kept
    ]
    assert told["versions"][-1]["cells"] == 1
    lines = terminal.run("versions", "nb.ipynb").out.splitlines()
    assert len(lines) == 1 + len(kept)
    assert lines[-1].endswith("before the talk")


@in_loop
async def test_the_work_of_a_server_that_died_is_exported(desk: Desk, terminal: Terminal) -> None:
    desk.write("a", "b")
    await left_unsaved(desk, "00")
    before = fingerprints(desk.store_path)
    assert terminal.run("export", "nb.ipynb").sources == ["a00", "b"]
    assert fingerprints(desk.store_path) == before
    assert desk.sources() == ["a", "b"]


@in_loop
async def test_an_export_replaces_a_file_only_by_force(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    await left_unsaved(desk, "00")
    answer = terminal.json("export", "nb.ipynb", "-o", "copy.ipynb")
    assert answer["path"] == str(desk.root / "copy.ipynb")
    assert desk.sources("copy.ipynb") == ["a00"]
    (desk.root / "copy.ipynb").write_text("mine")
    refused = terminal.run("export", "nb.ipynb", "-o", "copy.ipynb")
    assert refused.code == 1
    assert "copy.ipynb is there already" in refused.err
    assert (desk.root / "copy.ipynb").read_text() == "mine"
    assert terminal.run("export", "nb.ipynb", "-o", "copy.ipynb", "--force").code == 0
    nbformat.validate(nbformat.read(desk.root / "copy.ipynb", as_version=4))
    assert desk.sources("copy.ipynb") == ["a00"]
    assert terminal.run("export", "nb.ipynb", "-o", "no/such/folder.ipynb").code == 1
    assert sorted(path.name for path in desk.root.iterdir()) == ["copy.ipynb", "nb.ipynb"]


@in_loop
async def test_a_version_is_exported_by_the_beginning_of_its_id(
    desk: Desk, terminal: Terminal
) -> None:
    desk.write("a")
    version = await left_named(desk, "before", "1")
    assert terminal.run("export", "nb.ipynb", "--version", version[:8]).sources == ["a"]
    missing = terminal.run("export", "nb.ipynb", "--version", "0000nothing")
    assert (missing.code, missing.out) == (1, "")
    assert "nb.ipynb has no version 0000nothing" in missing.err


@in_loop
async def test_a_notebook_whose_file_was_deleted_is_exported_by_its_id(
    desk: Desk, terminal: Terminal
) -> None:
    desk.write("a")
    document = await left_unsaved(desk, "00")
    release(desk, document)
    refused = terminal.run("export", "nb.ipynb")
    assert refused.code == 1
    assert document in refused.err
    assert terminal.run("export", document[:12]).sources == ["a00"]


@in_loop
async def test_a_notebook_whose_file_is_gone_is_named_by_its_path(
    desk: Desk, terminal: Terminal
) -> None:
    desk.write("a")
    await left_unsaved(desk, "00")
    (desk.root / "nb.ipynb").unlink()
    assert terminal.run("export", "nb.ipynb").sources == ["a00"]


@in_loop
async def test_names_with_spaces_line_ends_and_all_letters_are_found(
    desk: Desk, terminal: Terminal
) -> None:
    desk.write("a", name=AWKWARD)
    await left_unsaved(desk, "00", AWKWARD)
    assert listed(terminal)[AWKWARD]["state"] == "ahead"
    assert "ein über\\nlanges 数" in terminal.run("list").out
    assert terminal.run("export", AWKWARD).sources == ["a00"]
    assert terminal.json("export", AWKWARD, "-o", f"2 {AWKWARD}")["cells"] == 1
    assert desk.sources(f"2 {AWKWARD}") == ["a00"]


@in_loop
async def test_a_link_to_a_notebook_is_that_notebook(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    await left_unsaved(desk, "00")
    (desk.root / "link.ipynb").symlink_to("nb.ipynb")
    assert terminal.run("export", "link.ipynb").sources == ["a00"]


@in_loop
async def test_what_is_sound_of_a_damaged_journal_is_exported(
    desk: Desk, terminal: Terminal
) -> None:
    desk.write("a", "b")
    tab = await desk.open()
    tab.type(0, "1")
    tab.type(1, "2")
    await tab.crash()
    damage(desk, tab.live.about_id)
    ran = terminal.run("export", "nb.ipynb")
    assert ran.code == 1
    assert "could not be read" in ran.err
    assert ran.sources == ["a1", "b"]


def test_a_notebook_of_which_nothing_is_kept_is_said_to_be_unknown(
    desk: Desk, terminal: Terminal
) -> None:
    (desk.store_path / "documents").mkdir(parents=True)
    ran = terminal.run("show", "other.ipynb", "--json")
    assert ran.code == 1
    assert ran.json["reason"] == "document_missing"
    assert "other.ipynb" in ran.json["message"]
    assert terminal.run("list").out == "Nothing is kept.\n"
