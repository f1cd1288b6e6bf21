"""What a hundred runs of one cell leave behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pycrdt import Array, Doc, Map, Text

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.storage.compaction import compact
from jupyter_crdt_autosave.storage.history import read_history
from tests.support.desk import Desk
from tests.support.loop import in_loop

from .measure import report

pytestmark = pytest.mark.bench

RUNS = 100
SIZE = 100_000


@in_loop
async def test_only_the_last_output_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Baseline: a plain document, which collects what is deleted, after the same runs."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    desk = Desk(tmp_path)
    desk.write("run()")
    tab = await desk.open()
    plain: Doc[Any] = Doc()
    plain.apply_update(tab.live.notebook.ydoc.get_update())
    every: list[Any] = [tab.live.notebook.ycells, plain.get("cells", type=Array)]
    for cells in every:
        outputs = cells[0]["outputs"]
        for run in range(RUNS):
            del outputs[0 : len(outputs)]
            text = Text(f"{run}" + "x" * SIZE)
            outputs.append(Map({"output_type": "stream", "name": "stdout", "text": text}))
    baseline = len(plain.get_update())
    received = len(tab.live.notebook.ydoc.get_update())
    assert report("what a new tab receives", received, baseline, "bytes", 1.2) <= 1.2
    await tab.close()
    assert compact(OSDisk(), tab.live.folder)
    stored = read_history(OSDisk(), tab.live.folder).size
    assert report("what the store holds", stored, baseline, "bytes", 1.2) <= 1.2
