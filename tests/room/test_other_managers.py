"""Notebooks kept by contents managers that are not jupyter_server's own local ones."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_server.services.contents.filemanager import AsyncFileContentsManager
from jupytext.async_contentsmanager import build_async_jupytext_contents_manager_class

from jupyter_crdt_autosave.errors import ExportFailed
from tests.support.desk import Desk
from tests.support.loop import in_loop


@pytest.fixture
def jupytext(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A server whose notebooks go through jupytext."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "notebooks").mkdir()
    kind = build_async_jupytext_contents_manager_class(AsyncFileContentsManager)
    return Desk(tmp_path, manager=kind(root_dir=str(tmp_path / "notebooks")))


@in_loop
async def test_a_script_is_a_notebook_and_is_written_as_a_script(jupytext: Desk) -> None:
    script = jupytext.root / "nb.py"
    script.write_text("# # Title\n\na = 1\n")
    tab = await jupytext.open("nb.py")
    assert tab.sources == ["# Title", "a = 1"]
    assert not tab.live.status().unsaved
    tab.type(1, " + 1")
    await tab.live.save()
    assert "a = 1 + 1" in script.read_text()
    assert not tab.live.status().unsaved
    await tab.close()
    again = await jupytext.open("nb.py")
    assert again.sources == ["# Title", "a = 1 + 1"]


@in_loop
async def test_outputs_that_a_script_has_no_place_for_are_not_lost(jupytext: Desk) -> None:
    (jupytext.root / "nb.py").write_text("a = 1\n")
    tab = await jupytext.open("nb.py")
    output = {"output_type": "stream", "name": "stdout", "text": "one"}
    tab.live.notebook.ycells[0]["outputs"].append(output)
    await tab.live.save()
    await tab.live.tick()
    await tab.close()
    again = await jupytext.open("nb.py")
    assert again.live.notebook.get_cell(0)["outputs"] == [output]


@in_loop
async def test_a_pair_is_written_together(jupytext: Desk) -> None:
    notebook = nbformat.v4.new_notebook(metadata={"jupytext": {"formats": "ipynb,py:light"}})
    notebook.cells = [nbformat.v4.new_code_cell("a = 1", id="c")]
    nbformat.write(notebook, jupytext.root / "nb.ipynb")
    tab = await jupytext.open()
    tab.type(0, " + 1")
    await tab.live.save()
    assert jupytext.sources() == ["a = 1 + 1"]
    assert "a = 1 + 1" in (jupytext.root / "nb.py").read_text()


@in_loop
async def test_a_manager_that_drops_what_it_was_given_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))

    class Forgetful(AsyncFileContentsManager):
        async def save(self, model: dict[str, Any], path: str = "") -> Any:
            return await super().get(path, content=False)  # type: ignore[no-untyped-call]

    (tmp_path / "notebooks").mkdir()
    desk = Desk(tmp_path, manager=Forgetful(root_dir=str(tmp_path / "notebooks")))
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "!")
    with pytest.raises(ExportFailed, match="does not hold"):
        await tab.live.save()
    assert tab.live.status().unsaved


@in_loop
async def test_another_programs_words_are_kept_where_both_changed_the_same(
    jupytext: Desk,
) -> None:
    jupytext.write("a")
    tab = await jupytext.open()
    tab.type(0, "!")
    jupytext.write("theirs")
    await tab.live.save()
    assert jupytext.sources() == ["a!"]
    assert [entry[:3] for entry in jupytext.versions()] == [
        ("conflict", "file", ["theirs"]),
        ("save", None, ["a!"]),
    ]


@in_loop
async def test_a_manager_that_hangs_is_given_up_and_the_store_has_a_checkpoint_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("jupyter_crdt_autosave.file.managed.PATIENCE", 0.05)
    hanging = ["for now"]

    class Hanging(AsyncFileContentsManager):
        async def save(self, model: dict[str, Any], path: str = "") -> Any:
            if hanging:
                await asyncio.Event().wait()
            return await super().save(model, path)  # type: ignore[no-untyped-call]

    (tmp_path / "notebooks").mkdir()
    desk = Desk(tmp_path, manager=Hanging(root_dir=str(tmp_path / "notebooks")))
    desk.write("a")
    tab = await desk.open()
    tab.type(0, "!")
    await tab.elapse(10.0)
    assert "has not answered" in (tab.live.status().export_error or "")
    stored = Path(tab.live.folder) / "checkpoint.ipynb"
    assert [cell.source for cell in nbformat.read(str(stored), as_version=4).cells] == ["a!"]
    assert desk.checkpoint() is None
    hanging.clear()
    await tab.autosave()
    assert desk.sources() == ["a!"]
    assert not stored.exists()
    await tab.close()
    assert (await desk.open()).sources == ["a!"]
