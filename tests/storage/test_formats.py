"""Archives of earlier formats: what they hold is there, and as safe as in today's."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_crdt_autosave.storage.schema import MIGRATIONS
from tests.storage.archives import cell, content, draft, opened, rows, sources

FIRST = Path(__file__).with_name("archive_format_1.sql").read_text(encoding="utf-8")
"""An archive as the first format had it: two versions and a baseline, with an output in common."""

LARGE = {
    **cell("large"),
    "outputs": [{"output_type": "stream", "name": "stdout", "text": "x" * 9000}],
}


@pytest.fixture
def path(scratch: Path) -> Path:
    """An archive of the first format."""
    path = scratch / "archive.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(FIRST)
    return path


def test_versions_of_the_first_format_are_there(path: Path) -> None:
    with opened(path) as archive:
        second, first = archive.versions("d")
        assert (first.name, second.kind, second.side) == ("first", "conflict", "file")
        assert second.details == {"cells": [1]}
        assert archive.read_version(first.id)[1] == content("a", LARGE)
        assert archive.read_version(second.id)[1] == content("b", LARGE)
        assert archive.baselines("d", "")[0].content == content("base", LARGE)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)


def test_what_they_are_made_of_is_not_swept(path: Path) -> None:
    with opened(path) as archive:
        second, first = archive.versions("d")
        assert archive.sweep() == 0
        archive.remove_version(first.id, "2026-03-01T12:00:00.000Z")
        archive.thin("d", "2026-03-03T12:00:00.000Z")
        assert archive.sweep() == 2
        assert archive.read_version(second.id)[1] == content("b", LARGE)
        assert rows(path, "parts") == 4


def test_new_versions_share_with_them(path: Path) -> None:
    with opened(path) as archive:
        (version,) = archive.keep_versions("e", [draft(content("b", LARGE))])
        assert (rows(path, "parts"), rows(path, "manifests")) == (5, 3)
        archive.forget("d")
        archive.sweep()
        assert archive.read_version(version.id)[1] == content("b", LARGE)


def test_a_damaged_one_is_no_reason_to_lose_the_others(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE manifests SET data = X'00' WHERE number = 1")
        db.execute("DELETE FROM parts WHERE number = 5")
    with opened(path) as archive:
        second, _ = archive.versions("d")
        assert sources(archive.read_version(second.id)[1]) == ["b", "large"]
        assert archive.baselines("d", "") == []
        archive.sweep()
        assert archive.read_version(second.id)[1] == content("b", LARGE)


def test_a_part_that_is_needed_cannot_be_removed(path: Path) -> None:
    with opened(path) as archive:
        archive.keep_versions("e", [draft(content("new"))])
        db = archive._database._connection()
        for table in ("parts", "manifests"):
            for (number,) in db.execute(f"SELECT number FROM {table}").fetchall():
                with pytest.raises(sqlite3.IntegrityError):
                    db.execute(f"DELETE FROM {table} WHERE number = ?", (number,))
