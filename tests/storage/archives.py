"""Archives, and what tests keep in them."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from jupyter_crdt_autosave.model import Fingerprint
from jupyter_crdt_autosave.storage.archive import Archive, Content, Draft, StoredBaseline

NOON = "2026-03-01T12:00:00.000Z"
"""When things happen for which it does not matter."""


@contextmanager
def opened(path: Path, **options: Any) -> Iterator[Archive]:
    """An archive that is closed in the end."""
    with closing(Archive(str(path), **options)) as archive:
        yield archive


def cell(source: str, outputs: int = 0, seed: int = 0) -> dict[str, Any]:
    """A code cell, with so many bytes of output that cannot be compressed."""
    text = random.Random(ascii((source, seed))).randbytes(outputs // 2).hex()
    stream = [{"output_type": "stream", "name": "stdout", "text": text}] if outputs else []
    return {
        "cell_type": "code",
        "id": f"id-{source}"[:20],
        "metadata": {},
        "execution_count": None,
        "source": source,
        "outputs": stream,
    }


def content(*cells: dict[str, Any] | str) -> Content:
    """A notebook of these cells, or of cells with these sources."""
    made = [cell(each) if isinstance(each, str) else each for each in cells]
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def draft(of: Content, created: str = NOON, kind: str = "named", **fields: Any) -> Draft:
    """A version of a notebook that is going to be kept."""
    return Draft(kind=kind, side=fields.pop("side", None), created=created, content=of, **fields)


def baseline(of: Content, at: str = NOON, document: Content | None = None) -> StoredBaseline:
    """A baseline of a file that holds a notebook."""
    return StoredBaseline(Fingerprint("ab" * 16, 7), at, of, document or of)


def sources(of: Content) -> list[str]:
    """The sources of a notebook's cells."""
    return [each["source"] for each in of["cells"]]


def written(value: Any) -> str:
    """A value so that everything counts: the order of keys, 1 and 1.0, lone surrogates."""
    return json.dumps(value)


def rows(path: Path, table: str) -> int:
    """How many rows a table has."""
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
