"""A notebook becomes what a version of it was, whole or by cell."""

from __future__ import annotations

import pytest

from tests.support.desk import Desk
from tests.support.loop import in_loop

from .documents import left_named, left_saved, release, timeline
from .terminal import Terminal

pytestmark = pytest.mark.timeout(120)


@in_loop
async def test_a_version_comes_back_into_document_and_file(desk: Desk, terminal: Terminal) -> None:
    desk.write("a", "b")
    version = await left_named(desk, "before", "1")
    answer = terminal.json("restore", "nb.ipynb", "--version", version[:10])
    assert (answer["path"], answer["version"]) == (str(desk.root / "nb.ipynb"), version)
    assert desk.sources() == ["a", "b"]
    tab = await desk.open()
    assert tab.sources == ["a", "b"]
    await tab.close()
    (kept,) = answer["kept"]
    assert ("restore", None, ["a1", "b"]) in timeline(desk, tab.live.about_id)
    assert terminal.run("restore", "nb.ipynb", "--version", kept).code == 0
    assert desk.sources() == ["a1", "b"]
    assert terminal.run("verify").code == 0


@in_loop
async def test_chosen_cells_come_back_alone(desk: Desk, terminal: Terminal) -> None:
    desk.write("a", "b", "c")
    tab = await desk.open()
    version = await tab.live.timeline.name("before")
    for cell in range(3):
        tab.type(cell, "1")
    await tab.live.save()
    await tab.crash()
    command = ["restore", "nb.ipynb", "--version", version.id, "--cells"]
    refused = terminal.run(*command, "cell-0", "nothing")
    assert refused.code == 1
    assert "no cell nothing" in refused.err
    assert desk.sources() == ["a1", "b1", "c1"]
    assert terminal.run(*command, "cell-0", "cell-2").code == 0
    assert desk.sources() == ["a", "b1", "c"]


@in_loop
async def test_the_version_of_another_notebook_is_refused(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    version = await left_named(desk, "before", "1")
    desk.write("b", name="other.ipynb")
    tab = await desk.open("other.ipynb")
    await tab.close()
    refused = terminal.run("restore", "other.ipynb", "--version", version, "--json")
    assert (refused.code, refused.json["reason"]) == (1, "version_missing")
    assert desk.sources("other.ipynb") == ["b"]


@in_loop
async def test_what_another_program_wrote_is_kept_when_a_version_comes_back(
    desk: Desk, terminal: Terminal
) -> None:
    desk.write("a", "b")
    version = await left_named(desk, "before", "1")
    desk.write("a", "b", "of an agent")
    assert terminal.run("restore", "nb.ipynb", "--version", version).code == 0
    assert desk.sources() == ["a", "b"]
    kept = [text for _, _, sources in timeline(desk, _document(desk)) for text in sources]
    assert {"a1", "of an agent"} <= set(kept)


@in_loop
async def test_a_notebook_without_a_path_is_not_restored_but_exported(
    desk: Desk, terminal: Terminal
) -> None:
    desk.write("a")
    version = await left_named(desk, "before", "1")
    document = _document(desk)
    release(desk, document)
    refused = terminal.run("restore", document, "--version", version)
    assert refused.code == 1
    assert "export" in refused.err
    assert terminal.run("export", document, "--version", version).sources == ["a"]


@in_loop
async def test_the_hooks_of_the_server_run_at_the_export(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    version = await left_named(desk, "before", "1")
    await left_saved(desk, "2")
    assert desk.sources() == ["a12"]
    (terminal.configuration / "jupyter_server_config.py").write_text(
        "def stamp(model, **more):\n"
        "    model['content']['metadata']['stamp'] = 'by a hook'\n"
        "c.FileContentsManager.pre_save_hook = stamp\n"
    )
    assert terminal.run("restore", "nb.ipynb", "--version", version).code == 0
    assert '"stamp": "by a hook"' in (desk.root / "nb.ipynb").read_text()


def _document(desk: Desk) -> str:
    """The id of the only document."""
    (folder,) = (desk.store_path / "documents").iterdir()
    return folder.name
