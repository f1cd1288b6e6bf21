"""What a check finds in an archive, and that it changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_crdt_autosave.errors import ArchiveUnavailable, FormatTooNew
from jupyter_crdt_autosave.model import Version
from jupyter_crdt_autosave.storage import checking, schema
from jupyter_crdt_autosave.storage.archive import Archive, Content
from jupyter_crdt_autosave.storage.checking import Check, verify
from tests.storage.archives import baseline, cell, content, draft, opened
from tests.storage.test_formats import FIRST


@pytest.fixture
def path(scratch: Path) -> Path:
    """Where an archive is going to be."""
    return scratch / "archive.db"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    """An archive with two versions, which have a cell in common, and a baseline."""
    with opened(path) as archive:
        keep(archive, content("a", cell("shared", 9000)))
        keep(archive, content("b", cell("shared", 9000)))
        archive.keep_baseline("d", baseline(content("base")))
        yield archive


def keep(archive: Archive, of: Content) -> Version:
    """Keep one version."""
    (version,) = archive.keep_versions("d", [draft(of)])
    return version


def spoil(path: Path, *statements: str) -> None:
    """Do something to the database that the archive itself cannot do."""
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


def findings(path: Path) -> list[tuple[str, str, int | None]]:
    """What is found, without words."""
    return [(each.kind, each.table, each.number) for each in verify(str(path.parent)).findings]


def test_an_archive_that_was_never_made_is_sound(scratch: Path) -> None:
    assert verify(str(scratch)) == Check()
    assert list(scratch.iterdir()) == []


def test_a_sound_archive_is_told_in_numbers(archive: Archive, path: Path) -> None:
    size = path.stat().st_size
    assert verify(str(path.parent)) == Check(2, 1, 3, 5, 0, size)
    archive.forget("d")
    assert verify(str(path.parent)) == Check(0, 0, 3, 5, 3, path.stat().st_size)


def test_a_check_says_how_far_it_is(archive: Archive, path: Path) -> None:
    said: list[tuple[int, int]] = []
    verify(str(path.parent), lambda *at: said.append(at))
    assert said == [(number, 8) for number in range(1, 9)]


def test_a_check_changes_nothing(archive: Archive, path: Path) -> None:
    spoil(path, "UPDATE parts SET data = X'00' WHERE number = 1")
    before = path.read_bytes()
    assert verify(str(path.parent)).findings
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir() if each.stat().st_size] == [path.name]


FAULTS: dict[str, tuple[str, list[tuple[str, str, int | None]], set[int]]] = {
    "a part that all need": (
        "UPDATE parts SET data = X'00' WHERE number = 3", [("damaged", "parts", 3)], {0, 1},
    ),
    "a part that one needs": (
        "UPDATE parts SET packed = 1 - packed WHERE number = 1", [("damaged", "parts", 1)], {0},
    ),
    "a manifest": (
        "UPDATE manifests SET data = X'00' WHERE number = 2", [("damaged", "manifests", 2)], {1},
    ),
    "a version without a manifest": (
        "UPDATE versions SET manifest = 99 WHERE number = 1", [("reference", "versions", 1)], set(),
    ),
    "a baseline without a manifest": (
        "UPDATE baselines SET in_file = 99", [("reference", "baselines", 1)], set(),
    ),
    "a part is not there": (
        "DELETE FROM parts WHERE number = 4",
        [("reference", "pieces", None), ("missing", "manifests", 2)],
        {1},
    ),
    "a part that could go": (
        "DELETE FROM pieces WHERE part = 1", [("unlinked", "manifests", 1)], set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_is_found_and_what_it_costs(
    archive: Archive, path: Path, fault: tuple[str, list[tuple[str, str, int | None]], set[int]]
) -> None:
    statement, expected, lost = fault
    ids = [version.id for version in reversed(archive.versions("d"))]
    spoil(path, statement)
    assert findings(path) == expected
    found = {id for each in verify(str(path.parent)).findings for id in each.versions}
    assert found == {ids[number] for number in lost}


def test_a_flipped_bit_is_found_wherever_it_hides_something(archive: Archive, path: Path) -> None:
    """Where nothing is found, everything can be read, and is as it was."""
    there = [archive.read_version(version.id) for version in archive.versions("d")]
    archive.close()
    data = path.read_bytes()
    for place in range(100, len(data), 997):
        spoilt = bytearray(data)
        spoilt[place] ^= 0x04
        path.write_bytes(spoilt)
        if not verify(str(path.parent)).findings:
            with opened(path) as again:
                read = [again.read_version(version.id) for version in again.versions("d")]
                assert [of for _, of in read] == [of for _, of in there]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"no database" * 100,
        lambda data: data[: len(data) // 2],
        lambda data: data[:4096] + b"\xa5" * (len(data) - 4096),
    ],
    ids=["something else", "cut short", "overwritten"],
)
def test_a_file_that_is_broken_is_told(
    archive: Archive, path: Path, damage: Callable[[bytes], bytes]
) -> None:
    archive.close()
    spoilt = damage(path.read_bytes())
    path.write_bytes(spoilt)
    assert "structure" in {kind for kind, _, _ in findings(path)}
    assert path.read_bytes() == spoilt


def test_a_database_of_something_else_is_told(path: Path) -> None:
    spoil(path, "CREATE TABLE theirs (a)")
    assert findings(path) == [("structure", "", None)]


def test_an_archive_of_the_first_format_is_checked_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(FIRST)
    before = path.read_bytes()
    assert verify(str(path.parent)) == Check(2, 1, 3, 5, 0, len(before))
    assert path.read_bytes() == before
    spoil(path, "DELETE FROM parts WHERE number = 4")
    assert findings(path) == [("missing", "manifests", 2)]


def test_a_later_format_is_not_looked_into(archive: Archive, path: Path) -> None:
    spoil(path, f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    with pytest.raises(FormatTooNew):
        verify(str(path.parent))


def test_one_that_is_locked_is_told(
    archive: Archive, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "PATIENCE", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ArchiveUnavailable, match="then try again"):
            verify(str(path.parent))
    assert verify(str(path.parent)).findings == ()
