"""A program that edits a notebook file and knows nothing of Jupyter. Run as a script.

It reads the file, with ``--wait`` says so and waits for a line on its standard input, makes the
edits that it was asked for, and writes the file back in one of several ways.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import Any

CELLS = {
    "title": "# A story",
    "messy": "x = {",
    "typed": "# typed:",
    "plain": "import math",
    "shared": "shared = ",
    "log": "log = [",
    "last": "last = ",
}
"""By what a cell is known, whatever became of its id."""
PIECES = 12
SLOWLY = 1.5
"""Seconds that it takes to write a file in pieces."""


def cell_of(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    """The cell of a name."""
    mark = CELLS[name]
    cell: dict[str, Any]
    (cell,) = (cell for cell in notebook["cells"] if mark in "".join(cell["source"]))
    return cell


def edit(notebook: dict[str, Any], verb: str, name: str, text: str) -> None:
    """Make one edit."""
    if verb == "delete":
        notebook["cells"].remove(cell_of(notebook, name))
    elif verb == "move":
        cell = cell_of(notebook, name)
        notebook["cells"].remove(cell)
        notebook["cells"].insert(int(text), cell)
    elif verb == "add":
        after = notebook["cells"].index(cell_of(notebook, name))
        fresh = {**cell_of(notebook, name), "id": text, "source": [f"{text} = 'added'"]}
        notebook["cells"].insert(after + 1, fresh)
    elif verb == "output":
        stream = {"name": "stdout", "output_type": "stream", "text": [text]}
        cell_of(notebook, name).update(outputs=[stream], execution_count=7)
    else:
        source = "".join(cell_of(notebook, name)["source"])
        old, _, new = text.partition("=>")
        source = f"{source}\n{text}" if verb == "append" else source.replace(old, new)
        cell_of(notebook, name)["source"] = source.splitlines(keepends=True)


def write(path: str, text: str, way: str) -> None:
    """Write the file: by a rename, in place, or in place and in pieces."""
    if way == "rename":
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(path + ".new", path)
        return
    pieces = PIECES if way == "slow" else 1
    size = -(-len(text) // pieces)
    with open(path, "w", encoding="utf-8") as file:
        for start in range(0, len(text), size):
            file.write(text[start : start + size])
            file.flush()
            if pieces > 1:
                time.sleep(SLOWLY / pieces)


def main() -> None:
    """Read, wait, edit, write."""
    options = argparse.ArgumentParser()
    options.add_argument("path")
    options.add_argument("--way", choices=["rename", "in_place", "slow"], default="in_place")
    options.add_argument("--wait", action="store_true")
    options.add_argument("--edit", nargs=3, action="append", default=[])
    options.add_argument("--mtime", type=float)
    chosen = options.parse_args()
    with open(chosen.path, encoding="utf-8") as file:
        notebook = json.load(file)
    if chosen.wait:
        print("read", flush=True)
        sys.stdin.readline()
    for verb, name, text in chosen.edit:
        edit(notebook, verb, name, text)
    write(chosen.path, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", chosen.way)
    if chosen.mtime is not None:
        os.utime(chosen.path, (chosen.mtime, chosen.mtime))


if __name__ == "__main__":
    main()
