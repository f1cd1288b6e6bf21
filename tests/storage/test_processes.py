"""Several processes write one document's journal at the same time, and some of them die."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_ydoc import YNotebook
from pycrdt import Doc

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.storage.compaction import apply
from jupyter_crdt_autosave.storage.history import read_history
from jupyter_crdt_autosave.storage.journal import Journal
from tests.storage.documents import LINEAGE, nothing

ROOT = Path(__file__).parents[2]
ENDLESS = 10**9


class Process:
    """A process that has the notebook open."""

    def __init__(self, folder: str, client: int, edits: int) -> None:
        self.client = client
        self.typed = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.storage.peer", folder, str(client), str(edits)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    @property
    def words(self) -> set[str]:
        """What it has said that it typed."""
        return {f"{self.client}:{number}" for number in range(1, self.typed + 1)}

    def type(self, count: int | None = None) -> None:
        """Let it type so many more words, or all of them."""
        goal = None if count is None else self.typed + count
        while self.typed != goal:
            line = self._line()
            if line == "done":
                return
            self.typed = int(line)

    def look(self) -> dict[str, Any]:
        """The notebook that it has, once it has taken in what others typed."""
        assert self._process.stdin is not None
        self._process.stdin.write("look\n")
        self._process.stdin.flush()
        content: dict[str, Any] = json.loads(self._line())
        return content

    def kill(self) -> None:
        """Kill it in the middle of what it does; what it had said until then counts."""
        self._process.send_signal(signal.SIGKILL)
        said, _ = self._process.communicate()
        numbers = [int(line) for line in said.splitlines(keepends=True) if line.endswith("\n")]
        self.typed = max([self.typed, *numbers])

    def leave(self) -> None:
        """Let it close its journal."""
        if self._process.returncode is None:
            self._process.communicate()
            assert self._process.returncode == 0

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "The process died."
        return line.rstrip("\n")


StartProcess = Callable[[int, int], Process]


@pytest.fixture
def start(folder: str) -> Iterator[StartProcess]:
    """Starts processes that have one notebook open, and ends them."""
    begin(folder)
    processes: list[Process] = []

    def start(client: int, edits: int) -> Process:
        processes.append(Process(folder, client, edits))
        return processes[-1]

    yield start
    for process in processes:
        if process._process.poll() is None:
            process.kill()


def begin(folder: str) -> None:
    """Make a document of two cells."""
    notebook = YNotebook(Doc(client_id=LINEAGE))
    cells = [{"cell_type": "code", "id": f"c{n}", "source": "", "metadata": {}} for n in (1, 2)]
    notebook.set({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    journal = Journal(OSDisk(), folder, nothing)
    journal.load()
    journal.start(LINEAGE, "nb.ipynb")
    journal.update(notebook.ydoc.get_update())
    assert journal.close(settled=False, timeout=20)


def stored(folder: str) -> dict[str, Any]:
    """The notebook that is in the journal."""
    notebook = YNotebook()
    assert apply(notebook.ydoc, read_history(OSDisk(), folder).updates) == 0
    content: dict[str, Any] = notebook.get()
    return content


def words(content: dict[str, Any]) -> list[str]:
    return [word for cell in content["cells"] for word in cell["source"].split()]


def compact_in_a_process(folder: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "jupyter_crdt_autosave.storage.compaction", folder],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip


def test_two_processes_end_with_the_same_notebook(start: StartProcess, folder: str) -> None:
    one, two = start(1, 200), start(2, 200)
    one.type()
    two.type()
    assert one.look() == two.look() == stored(folder)
    typed = words(one.look())
    assert len(typed) == len(set(typed))
    assert set(typed) == one.words | two.words
    one.leave()
    two.leave()


def test_what_a_killed_process_typed_is_there(start: StartProcess, folder: str) -> None:
    one, two = start(1, ENDLESS), start(2, 100)
    one.type(150)
    one.kill()
    two.type()
    content = two.look()
    assert content == stored(folder)
    assert one.words | two.words <= set(words(content))
    assert len(words(content)) == len(set(words(content)))
    two.leave()


def test_a_compaction_beside_two_processes_and_a_kill_loses_nothing(
    start: StartProcess, folder: str
) -> None:
    one, two = start(1, ENDLESS), start(2, 300)
    for _ in range(3):
        one.type(100)
        compact_in_a_process(folder)
    one.kill()
    compact_in_a_process(folder)
    two.type()
    compact_in_a_process(folder)
    content = two.look()
    assert content == stored(folder)
    assert one.words | two.words <= set(words(content))
    two.leave()
    compact_in_a_process(folder)
    assert stored(folder) == content
    assert len([name for name in os.listdir(folder) if name.endswith(".journal")]) == 1
