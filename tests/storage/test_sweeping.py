"""What a sweep of the archive removes, and what it leaves."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_crdt_autosave.model import Version
from jupyter_crdt_autosave.storage import sweeping
from jupyter_crdt_autosave.storage.archive import Archive, Content
from tests.storage.archives import baseline, cell, content, draft, opened, rows, sources


@pytest.fixture
def path(scratch: Path) -> Path:
    """Where an archive is going to be."""
    return scratch / "store" / "archive.db"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    """An archive with nothing in it."""
    with opened(path) as archive:
        yield archive


def keep(archive: Archive, of: Content, document: str = "d", name: str | None = None) -> Version:
    """Keep one version."""
    (version,) = archive.keep_versions(document, [draft(of, name=name)])
    return version


def test_a_sweep_removes_what_nothing_refers_to_and_nothing_else(
    archive: Archive, path: Path
) -> None:
    shared = cell("shared", 9000)
    archive.keep_versions("gone", [draft(content(shared, f"{n}")) for n in range(5)])
    kept = keep(archive, content(shared, "mine"), "stays")
    archive.keep_baseline("stays", baseline(content("base"), document=content("base", shared)))
    assert archive.sweep() == 0
    archive.forget("gone")
    assert archive.versions("gone") == []
    assert archive.sweep() == 10
    assert archive.sweep() == 0
    assert (rows(path, "manifests"), rows(path, "parts")) == (3, 4)
    assert archive.read_version(kept.id)[1] == content(shared, "mine")
    assert sources(archive.baselines("stays", "")[0].document) == ["base", "shared"]


def test_a_sweep_of_many_manifests_removes_nothing_that_is_needed(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [keep(archive, content(f"{n}")) for n in range(130)]
    archive.forget("nobody")
    assert archive.sweep() == 0
    for n, version in enumerate(kept):
        assert sources(archive.read_version(version.id)[1]) == [f"{n}"]


def test_a_part_that_is_used_again_while_a_sweep_runs_stays(
    archive: Archive, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, made = sweeping._step, content("a", "b")
    with opened(path) as other:
        keep(other, made)
        other.forget("d")
        again: list[Version] = []

        def keeping(db: sqlite3.Connection, table: str) -> int:
            if table == "parts" and not again:
                again.append(keep(other, made))
            return step(db, table)

        monkeypatch.setattr(sweeping, "_step", keeping)
        assert archive.sweep() == 1
    assert archive.read_version(again[0].id)[1] == made


def test_what_was_forgotten_can_be_kept_again(archive: Archive, path: Path) -> None:
    """Parts that a sweep had removed were taken for stored, by this object and by others."""
    made = content("a", cell("b", 9000))
    with opened(path) as other:
        keep(archive, made)
        keep(other, made, "e")
        for document in "de":
            other.forget(document)
        other.keep_baseline("f", baseline(content("f")))
        assert other.sweep() == 3
        assert rows(path, "parts") == 1
        first, second = keep(archive, made), keep(other, made)
        archive.sweep()
        assert other.read_version(first.id)[1] == archive.read_version(second.id)[1] == made


def test_what_was_purged_is_nowhere_in_the_file(archive: Archive, path: Path) -> None:
    keep(archive, content("my password"), "secret", name="my name")
    keep(archive, content("other"), "public")
    assert b"my name" in path.read_bytes()
    archive.forget("secret")
    archive.sweep()
    assert b"my name" not in path.read_bytes()
    assert b"password" not in path.read_bytes()


def test_a_sweep_gives_space_back(archive: Archive, path: Path) -> None:
    keep(archive, content(cell("large", 2_000_000)))
    assert path.stat().st_size > 900_000
    archive.forget("d")
    archive.sweep()
    assert path.stat().st_size < 100_000


def test_others_write_while_a_sweep_goes_on(
    archive: Archive, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They waited for its end: it took the file again before they had looked."""
    pauses: list[list[Version]] = []
    with opened(path) as other:

        def pause(seconds: float) -> None:
            assert seconds == 0.1
            pauses.append([keep(other, content(f"{len(pauses)}"), "other")])

        monkeypatch.setattr(sweeping, "PAUSE", 0.1)
        monkeypatch.setattr(sweeping, "STEP", 0.0)
        monkeypatch.setattr(time, "sleep", pause)
        for number in range(6):
            keep(archive, content(f"gone {number}"))
        archive.forget("d")
        archive.sweep()
        assert len(pauses) >= 3
        assert rows(path, "parts") == rows(path, "manifests") == len(pauses)
        assert archive.versions("other") == [each for (each,) in reversed(pauses)]
        for number, (version,) in enumerate(pauses):
            assert sources(other.read_version(version.id)[1]) == [f"{number}"]
