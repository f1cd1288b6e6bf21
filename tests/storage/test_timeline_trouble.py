"""A timeline whose archive is locked, gone, damaged or full: said with what to do, and got over."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_crdt_autosave.errors import ArchiveUnavailable, VersionMissing
from jupyter_crdt_autosave.storage import database
from jupyter_crdt_autosave.storage.archive import Archive
from jupyter_crdt_autosave.storage.checking import verify
from tests.storage.archives import NOON, cell, content, draft, opened, sources

OPERATIONS: dict[str, Callable[[Archive, str], object]] = {
    "find": lambda archive, id: archive.find_version(id),
    "read": lambda archive, id: archive.read_version(id),
    "rename": lambda archive, id: archive.rename_version(id, "new"),
    "remove": lambda archive, id: archive.remove_version(id, NOON),
    "bring back": lambda archive, id: archive.bring_back(id),
    "list": lambda archive, id: archive.versions("d"),
    "documents": lambda archive, id: archive.documents(),
    "holdings": lambda archive, id: archive.holdings("d"),
    "thin": lambda archive, id: archive.thin("d", NOON),
    "clear": lambda archive, id: archive.clear("d"),
    "purge": lambda archive, id: archive.purge("d"),
    "sweep": lambda archive, id: archive.sweep(),
    "keep": lambda archive, id: archive.keep_versions("d", [draft(content("b"))]),
}
ABOUT_ONE = {"find", "read", "rename", "remove", "bring back"}
CHANGING = {"rename", "remove", "bring back", "thin", "clear", "purge", "keep"}

every_operation = pytest.mark.parametrize("operation", OPERATIONS)


@pytest.fixture
def path(scratch: Path) -> Path:
    """Where an archive is going to be."""
    return scratch / "store" / "archive.db"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    """An archive with one version, of document ``d``."""
    with opened(path) as archive:
        archive.keep_versions("d", [draft(content("a"))])
        yield archive


@every_operation
def test_an_archive_that_is_locked_is_told_and_waited_for(
    archive: Archive, path: Path, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    (version,) = archive.versions("d")
    archive.close()
    monkeypatch.setattr(database, "PATIENCE", 0.02)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ArchiveUnavailable, match=r"locked.* then try again"):
            OPERATIONS[operation](archive, version.id)
        db.execute("ROLLBACK")
    assert archive.versions("d") == [version]
    assert sources(archive.read_version(version.id)[1]) == ["a"]
    OPERATIONS[operation](archive, version.id)


@pytest.mark.parametrize("operation", sorted(CHANGING))
def test_an_archive_that_others_read_is_changed_afterwards(
    archive: Archive, path: Path, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    (version,) = archive.versions("d")
    archive.close()
    monkeypatch.setattr(database, "PATIENCE", 0.02)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN")
        db.execute("SELECT * FROM versions").fetchall()
        with pytest.raises(ArchiveUnavailable, match="locked"):
            OPERATIONS[operation](archive, version.id)
        db.execute("COMMIT")
    assert archive.versions("d") == [version]
    OPERATIONS[operation](archive, version.id)


@every_operation
@pytest.mark.parametrize("trouble", ["gone", "cut short", "no database"])
def test_an_archive_that_is_lost_is_begun_anew(
    archive: Archive, path: Path, operation: str, trouble: str
) -> None:
    (version,) = archive.versions("d")
    archive.close()
    if trouble == "gone":
        path.unlink()
    else:
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2] if trouble == "cut short" else b"none" * 999)
    if operation in ABOUT_ONE:
        with pytest.raises(VersionMissing, match=version.id):
            OPERATIONS[operation](archive, version.id)
    else:
        OPERATIONS[operation](archive, version.id)
    aside = [each for each in archive.damaged() if each.endswith(".damaged")]
    assert len(aside) == (trouble != "gone")
    (again,) = archive.keep_versions("e", [draft(content("after"))])
    assert sources(archive.read_version(again.id)[1]) == ["after"]
    assert verify(str(path.parent)).findings == ()


@pytest.mark.parametrize("operation", sorted(CHANGING - {"keep"}))
def test_what_needs_no_space_is_done_on_a_full_disk(
    archive: Archive, path: Path, operation: str
) -> None:
    archive.keep_versions("d", [draft(content(cell(f"{n}", 9000))) for n in range(5)])
    version = archive.versions("d")[0]
    db = archive._database._connection()
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
    OPERATIONS[operation](archive, version.id)
    assert verify(str(path.parent)).findings == ()
