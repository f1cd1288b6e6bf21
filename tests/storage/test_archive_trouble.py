"""An archive whose disk is full, whose file is damaged, of another format, or not there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_crdt_autosave.errors import ArchiveUnavailable, FormatTooNew
from jupyter_crdt_autosave.model import Version
from jupyter_crdt_autosave.storage import contents, database, schema
from jupyter_crdt_autosave.storage.archive import Archive, Content
from jupyter_crdt_autosave.storage.parts import Part
from tests.storage.archives import baseline, cell, content, draft, opened, rows, sources
from tests.support.disks import everything_of

LATER = len(schema.MIGRATIONS) + 1
"""The format of a later version."""


@pytest.fixture
def path(scratch: Path) -> Path:
    """Where an archive is going to be."""
    return scratch / "store" / "archive.db"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    """An archive with nothing in it."""
    with opened(path) as archive:
        yield archive


def keep(archive: Archive, of: Content, document: str = "d") -> Version:
    """Keep one version."""
    (version,) = archive.keep_versions(document, [draft(of)])
    return version


def aside(path: Path) -> list[Path]:
    """The damaged files that were set aside, without their journals."""
    return [each for each in path.parent.iterdir() if each.name.endswith(".damaged")]


def full(archive: Archive) -> sqlite3.Connection:
    """Let the open file of an archive get no larger than it is, until it is opened again."""
    db = archive._database._connection()
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
    return db


def test_all_versions_are_kept_or_none(archive: Archive, path: Path) -> None:
    """Cells of a transaction that was given up were taken for stored afterwards."""
    first, made = keep(archive, content("before")), content("a", "b")
    bad = replace(draft(made), details={"not JSON": object()})
    with pytest.raises(TypeError):
        archive.keep_versions("d", [draft(made), bad])
    assert archive.versions("d") == [first]
    assert rows(path, "parts") == 1
    version = keep(archive, made)
    assert archive.read_version(version.id)[1] == made


def test_a_full_disk_is_told_and_got_over(archive: Archive, path: Path) -> None:
    """Numbers of parts that were never committed were taken for stored afterwards."""
    first = keep(archive, content("before"))
    full(archive)
    large = content(*[cell(f"{n}", 20_000) for n in range(5)])
    with pytest.raises(ArchiveUnavailable, match="disk has space") as raised:
        keep(archive, large)
    assert isinstance(raised.value.__cause__, sqlite3.OperationalError)
    assert archive.versions("d") == [first]
    second = keep(archive, large)
    assert archive.versions("d") == [second, first]
    with opened(path) as other:
        assert other.read_version(second.id)[1] == large
        assert sources(other.read_version(first.id)[1]) == ["before"]


def test_a_baseline_on_a_full_disk_leaves_the_earlier_ones(archive: Archive) -> None:
    archive.keep_baseline("d", baseline(content("old"), "2026-01-01T00:00:00.000Z"))
    full(archive)
    with pytest.raises(ArchiveUnavailable):
        archive.keep_baseline("d", baseline(content(cell("new", 50_000))))
    assert sources(archive.baselines("d", "")[0].content) == ["old"]


def test_a_file_that_others_keep_locked_is_told(
    archive: Archive, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keep(archive, content("a"))
    archive.close()
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ArchiveUnavailable, match="locked"):
            archive.versions("d")
        with pytest.raises(ArchiveUnavailable, match="locked"):
            keep(archive, content("b"))
        db.execute("ROLLBACK")
    assert archive.versions("d") == [first]
    assert aside(path) == []


def test_a_folder_that_cannot_be_made_is_told(scratch: Path) -> None:
    (scratch / "file").write_bytes(b"")
    with opened(scratch / "file" / "archive.db") as archive:
        with pytest.raises(ArchiveUnavailable, match=r"archive\.db"):
            archive.versions("d")
        (scratch / "file").unlink()
        assert archive.versions("d") == []


@pytest.mark.parametrize("junk", [b"no database", b"\0" * 5000, b"SQLite format 3\0" + b"x" * 5000])
def test_a_file_that_is_no_database_is_set_aside(archive: Archive, path: Path, junk: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(junk)
    assert archive.versions("d") == []
    (damaged,) = aside(path)
    assert damaged.read_bytes() == junk
    version = keep(archive, content("a"))
    assert sources(archive.read_version(version.id)[1]) == ["a"]


def test_a_damaged_file_keeps_its_journal(archive: Archive, path: Path) -> None:
    """It would be taken for that of the new file, and may hold what repairs the old one."""
    keep(archive, content("a"))
    archive.close()
    before = path.read_bytes()
    Path(f"{path}-journal").write_bytes(b"its journal")
    archive._database._set_aside()
    (damaged,) = aside(path)
    assert damaged.read_bytes() == before
    assert Path(f"{damaged}-journal").read_bytes() == b"its journal"
    assert not Path(f"{path}-journal").exists()
    assert archive.versions("d") == []


def test_a_database_of_something_else_is_set_aside(archive: Archive, path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        db.executescript("CREATE TABLE theirs (a); INSERT INTO theirs VALUES ('precious')")
    version = keep(archive, content("a"))
    (damaged,) = aside(path)
    assert b"precious" in damaged.read_bytes()
    assert archive.versions("d") == [version]


def test_a_database_without_our_tables_is_set_aside(archive: Archive, path: Path) -> None:
    keep(archive, content("a"))
    archive.close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE epoch")
    version = keep(archive, content("b"))
    assert archive.versions("d") == [version]
    assert len(aside(path)) == 1


def test_a_file_that_is_damaged_in_use_is_set_aside_once(archive: Archive, path: Path) -> None:
    """Two servers found the damage; the second set the new file of the first aside."""
    with opened(path) as other:
        for one in (archive, other):
            keep(one, content(*[f"{n}" for n in range(200)]))
            one.close()
        data = bytearray(path.read_bytes())
        data[4096:] = b"\xa5" * (len(data) - 4096)
        assert archive._database._connection() is not other._database._connection()
        path.write_bytes(data)
        first = keep(archive, content("after"))
        second = keep(other, content("after too"))
        (damaged,) = aside(path)
        assert damaged.read_bytes() == bytes(data)
        assert archive.versions("d") == other.versions("d") == [second, first]
        assert sources(other.read_version(first.id)[1]) == ["after"]


def test_damage_found_by_two_is_set_aside_by_one(archive: Archive, path: Path) -> None:
    with opened(path) as other:
        keep(archive, content("a"))
        keep(other, content("a"))
        archive._database._set_aside()
        version = keep(archive, content("new"))
        other._database._set_aside()
        assert len(aside(path)) == 1
        assert archive.versions("d") == other.versions("d") == [version]


def test_a_damaged_part_hides_only_what_it_is_of(archive: Archive, path: Path) -> None:
    sound, shared = content("sound"), content("sound", "hurt")
    versions = [keep(archive, sound), keep(archive, shared)]
    archive.keep_baseline("d", baseline(sound))
    archive.keep_baseline("d", baseline(shared))
    with closing(sqlite3.connect(path)) as db, db:
        spoilt = db.execute("SELECT max(number) FROM parts").fetchone()
        db.execute("UPDATE parts SET packed = 0 WHERE number = ?", spoilt)
    assert archive.read_version(versions[0].id)[1] == sound
    with pytest.raises(ArchiveUnavailable, match="damaged"):
        archive.read_version(versions[1].id)
    assert [each.content for each in archive.baselines("d", "")] == [sound]
    assert archive.versions("d") == versions[::-1]
    archive.close()
    again = keep(archive, shared)
    assert archive.read_version(again.id)[1] == shared


def test_no_part_of_a_damaged_manifest_is_removed(archive: Archive, path: Path) -> None:
    keep(archive, content("a", "b"))
    with closing(sqlite3.connect(path)) as db, db:
        (data,) = db.execute("SELECT data FROM manifests").fetchone()
        db.execute("UPDATE manifests SET data = ?", (data[:-1],))
    keep(archive, content("c"), "other")
    archive.forget("other")
    assert archive.sweep() == 2
    assert rows(path, "parts") == 2
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE manifests SET data = ?", (data,))
    assert archive.sweep() == 0
    (version,) = archive.versions("d")
    assert sources(archive.read_version(version.id)[1]) == ["a", "b"]


def test_different_bytes_with_one_hash_are_kept_apart(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever can make two texts with one hash could put words into another's notebook."""
    monkeypatch.setattr(contents, "pack", lambda data: Part(b"h" * 16, False, data))
    monkeypatch.setattr(contents, "unpack", lambda part: part.data)
    monkeypatch.setattr("jupyter_crdt_autosave.storage.parts.unpack", lambda part: part.data)
    kept = {source: keep(archive, content(source)) for source in "abab"}
    for source, version in kept.items():
        assert sources(archive.read_version(version.id)[1]) == [source]


def test_a_later_format_is_left_as_it_is(archive: Archive, path: Path) -> None:
    keep(archive, content("a"))
    archive.close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA user_version = {LATER}")
    before = everything_of(str(path.parent))
    for use in (lambda: archive.versions("d"), archive.sweep, lambda: keep(archive, content("b"))):
        with pytest.raises(FormatTooNew, match=f"format {LATER}"):
            use()
    assert everything_of(str(path.parent)) == before


def test_a_format_that_becomes_later_while_in_use_is_left_alone(
    archive: Archive, path: Path
) -> None:
    """A newer server began on the same store while this one was running."""
    keep(archive, content("a"))
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {LATER}")
    with pytest.raises(FormatTooNew):
        keep(archive, content("b"))
    assert rows(path, "versions") == 1


def test_an_earlier_format_is_brought_to_the_present_one(
    archive: Archive, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keep(archive, content("a"))
    archive.close()
    step = ("CREATE TABLE more (a)", "INSERT INTO more SELECT id FROM versions")
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, step])
    monkeypatch.setattr(database, "MIGRATIONS", schema.MIGRATIONS)
    second = keep(archive, content("b"))
    assert rows(path, "more") == 1
    assert archive.versions("d") == [second, first]
    assert sources(archive.read_version(first.id)[1]) == ["a"]


def test_a_migration_that_fails_changes_nothing(
    archive: Archive, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keep(archive, content("a"))
    archive.close()
    with monkeypatch.context() as patch:
        step = ("DELETE FROM versions", "nonsense")
        patch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, step])
        with pytest.raises(ArchiveUnavailable, match="syntax"):
            archive.versions("d")
    assert archive.versions("d") == [first]
    assert sources(archive.read_version(first.id)[1]) == ["a"]


def test_a_file_that_was_replaced_is_opened_anew(archive: Archive, path: Path) -> None:
    """A backup was put back, and parts that it lacked were taken for stored."""
    first = keep(archive, content("a"))
    backup = path.read_bytes()
    cells = [cell("x", 9000), cell("y")]
    keep(archive, content(*cells))
    os.rename(path, path.with_suffix(".old"))
    path.write_bytes(backup)
    version = keep(archive, content(*cells))
    assert archive.versions("d") == [version, first]
    assert archive.read_version(version.id)[1] == content(*cells)


def test_a_store_that_was_removed_is_made_again(archive: Archive, path: Path) -> None:
    keep(archive, content("a"))
    os.rename(path.parent, path.parent.with_suffix(".gone"))
    version = keep(archive, content("a"))
    assert archive.versions("d") == [version]
    assert sources(archive.read_version(version.id)[1]) == ["a"]
