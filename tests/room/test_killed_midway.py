"""Whatever step a kill -9 comes at, an answer was given or was not, and no text is lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.room.killed import ACTIONS
from tests.support.desk import Desk
from tests.support.loop import in_loop

ROOT = Path(__file__).parents[2]

OLD, WORK = ["a", "b"], ["a1", "b", "new"]

WANTED = {"restore": WORK, "discard": OLD, "reload": OLD, "take_back": OLD}
"""What document and file hold once the action is done."""

pytestmark = pytest.mark.timeout(300)


async def prepare(home: Path) -> None:
    """A notebook with a named version, and after it with edits that are in no file."""
    desk = Desk(home)
    desk.write(*OLD)
    tab = await desk.open()
    await tab.live.timeline.name("before")
    tab.type(0, "1")
    cell = {"cell_type": "markdown", "source": "new", "metadata": {}, "id": "new"}
    tab.live.notebook.append_cell(cell)
    assert await tab.live.flush(5)
    await tab.vanish()


def killed(home: Path, folder: Path, action: str) -> None:
    """Let the folder have what becomes of the notebook when the action is killed at each step."""
    command = [sys.executable, "-m", "tests.room.killed", str(home), str(folder), action]
    subprocess.run(command, cwd=ROOT, check=True)


async def check(home: Path, wanted: list[str]) -> bool:
    """Look at what a kill left; whether the action had been done."""
    desk = Desk(home)
    assert desk.sources() in (OLD, WORK)
    nbformat.validate(nbformat.read(desk.root / "nb.ipynb", as_version=4))
    tab = await desk.open()
    offer = await tab.offer()
    assert tab.sources in (OLD, WORK), "something between"
    kept = [version.sources for version in desk.versions()]
    assert tab.sources == WORK or WORK in kept, "work is lost"
    assert tab.sources == desk.sources() or (offer is not None), "neither done nor offered"
    if offer is not None:
        await tab.answer("restore")
        assert desk.sources() == tab.sources == WORK
    await tab.close()
    found = sorted(entry.name for entry in desk.root.iterdir())
    assert found == ["nb.ipynb"], "something is left behind"
    return offer is None and tab.sources == wanted


@pytest.mark.parametrize("action", ACTIONS)
@in_loop
async def test_old_or_new_but_nothing_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    home, folder = tmp_path / "home", tmp_path / "copies"
    await prepare(home)
    killed(home, folder, action)
    done = {}
    for copy in folder.iterdir():
        shutil.rmtree(home, ignore_errors=True)
        copy.rename(home)
        done[copy.name] = await check(home, WANTED[action])
    assert done.pop("done") and not done.pop("template")
    assert len(done) > 7 and set(done.values()) == {False, True}
