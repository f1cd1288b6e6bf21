"""What is done to the versions of a timeline: named, removed, brought back, cleared, purged."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_crdt_autosave.errors import ArchiveUnavailable, VersionMissing
from jupyter_crdt_autosave.model import Version
from jupyter_crdt_autosave.storage.archive import Archive, Content, Holdings
from jupyter_crdt_autosave.storage.parts import encode
from tests.storage.archives import NOON, baseline, cell, content, draft, opened, rows, sources

LONE = "a\ud800b"


@pytest.fixture
def path(scratch: Path) -> Path:
    """Where an archive is going to be."""
    return scratch / "store" / "archive.db"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    """An archive with nothing in it."""
    with opened(path) as archive:
        yield archive


def keep(archive: Archive, of: Content, document: str = "d", **fields: Any) -> Version:
    """Keep one version."""
    (version,) = archive.keep_versions(document, [draft(of, **fields)])
    return version


def test_a_version_is_found_without_its_content(archive: Archive) -> None:
    version = keep(archive, content("a"), kind="save", details={"n": 1})
    assert archive.find_version(version.id) == version


@pytest.mark.parametrize("id", ["", "nothing", "ü", LONE, "' OR 1=1 --"])
def test_an_id_that_means_nothing_is_told(archive: Archive, id: str) -> None:
    keep(archive, content("a"))
    for use in (
        archive.find_version,
        archive.read_version,
        archive.bring_back,
        lambda id: archive.rename_version(id, "x"),
        lambda id: archive.remove_version(id, NOON),
    ):
        with pytest.raises(VersionMissing):
            use(id)


@pytest.mark.parametrize("name", ["before the talk", LONE, "", None])
def test_a_version_gets_another_name_and_stays_what_it_was(
    archive: Archive, path: Path, name: str | None
) -> None:
    version = keep(archive, content("a"), name="first", details={"cells": [LONE]})
    other = keep(archive, content("b"), name="other")
    renamed = archive.rename_version(version.id, name)
    assert renamed == Version(**{**vars(version), "name": name})
    with opened(path) as again:
        assert again.versions("d") == [other, renamed]
        assert sources(again.read_version(version.id)[1]) == ["a"]


def test_a_removed_version_is_nowhere_and_can_be_brought_back(archive: Archive) -> None:
    gone, stays = keep(archive, content("gone")), keep(archive, content("stays"))
    assert archive.remove_version(gone.id, NOON) == gone
    assert archive.versions("d") == [stays]
    for look in (archive.find_version, archive.read_version):
        with pytest.raises(VersionMissing):
            look(gone.id)
    with pytest.raises(VersionMissing):
        archive.remove_version(gone.id, NOON)
    archive.sweep()
    assert archive.bring_back(gone.id) == gone
    assert archive.versions("d") == [stays, gone]
    assert sources(archive.read_version(gone.id)[1]) == ["gone"]
    assert archive.bring_back(gone.id) == gone


def test_a_removed_version_is_gone_for_good_after_a_day(archive: Archive, path: Path) -> None:
    removed = keep(archive, content(cell("removed", 9000)))
    archive.remove_version(removed.id, "2026-03-01T12:00:00.000Z")
    assert archive.thin("d", "2026-03-02T12:00:00.000Z") == 0
    assert archive.bring_back(removed.id) == removed
    archive.remove_version(removed.id, "2026-03-01T12:00:00.000Z")
    assert archive.thin("d", "2026-03-02T12:00:00.001Z") == 1
    with pytest.raises(VersionMissing):
        archive.bring_back(removed.id)
    archive.sweep()
    assert (rows(path, "versions"), rows(path, "parts")) == (0, 0)


def test_clearing_removes_all_without_a_name(archive: Archive) -> None:
    mine = keep(archive, content("mine"), name="mine")
    for kind in ("save", "external", "conflict", "discard", "damaged"):
        keep(archive, content(kind), kind=kind)
    named = archive.rename_version(keep(archive, content("save"), kind="save").id, "good")
    other = keep(archive, content("other"), "e", kind="save")
    archive.keep_baseline("d", baseline(content("base")))
    (cleared,) = archive.clear("d", [draft(content("last"), kind="cleared")])
    assert archive.versions("d") == [cleared, named, mine]
    for version, source in ((cleared, "last"), (named, "save"), (mine, "mine"), (other, "other")):
        assert sources(archive.read_version(version.id)[1]) == [source]
    assert [sources(each.content) for each in archive.baselines("d", "")] == [["base"]]


def test_a_clearing_that_cannot_keep_what_is_cleared_clears_nothing(archive: Archive) -> None:
    kept = keep(archive, content("a"), kind="save")
    db = archive._database._connection()
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
    large = content(*[cell(f"{n}", 20_000) for n in range(5)])
    with pytest.raises(ArchiveUnavailable, match="disk has space"):
        archive.clear("d", [draft(large, kind="cleared")])
    assert archive.versions("d") == [kept]
    assert sources(archive.read_version(kept.id)[1]) == ["a"]


def test_what_clearing_would_free_is_what_it_frees(archive: Archive, path: Path) -> None:
    shared, own = cell("shared", 50_000), cell("own", 30_000)
    assert archive.holdings("d") == Holdings(0, 0)
    keep(archive, content(shared, own), kind="save")
    keep(archive, content(shared, cell("own", 30_000, seed=2)), kind="external")
    keep(archive, content("small", shared), "e")
    keep(archive, content(cell("named", 90_000)), name="mine")
    archive.remove_version(keep(archive, content(cell("removed", 40_000))).id, NOON)
    told = archive.holdings("d")
    before = path.stat().st_size
    archive.clear("d")
    assert told.versions == 3
    assert told.size == pytest.approx(100_000 / 1.75, rel=0.05)
    assert before - path.stat().st_size == pytest.approx(told.size, abs=20_000)
    assert archive.holdings("d") == Holdings(0, 0)


def test_what_a_baseline_needs_is_not_freed_by_clearing(archive: Archive) -> None:
    made = content(cell("a", 50_000))
    keep(archive, made, kind="save")
    archive.keep_baseline("d", baseline(made))
    assert archive.holdings("d") == Holdings(1, 0)


def bytes_of(of: Content) -> list[bytes]:
    """All that a content leaves in a file: its cells as they are, and as they are compressed."""
    plain = [encode(each) for each in of["cells"]]
    return plain + [zlib.compress(each, 1) for each in plain]


@pytest.mark.parametrize("seed", range(8))
def test_no_byte_of_what_was_purged_is_in_the_file(archive: Archive, path: Path, seed: int) -> None:
    """Also where rows of it had been moved from page to page, which leaves copies behind."""
    chance = random.Random(seed)
    kept = {}
    for number in range(150):
        text = f"secret {seed} {number} " * chance.choice((1, 1, 3, 400))
        keep(archive, content(text), "secret", name=f"secret name {number}")
        made = content("common", f"{number} " * chance.choice((1, 30, 900)))
        kept[keep(archive, made, chance.choice("abc")).id] = made
        if chance.random() < 0.05:
            archive.remove_version(archive.versions("secret")[0].id, NOON)
            archive.clear(chance.choice("xyz"))
    secrets = [bytes_of(archive.read_version(v.id)[1]) for v in archive.versions("secret")]
    assert all(any(each in path.read_bytes() for each in of) for of in secrets)
    archive.purge("secret")
    data = b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert b"secret" not in data
    assert not any(each in data for of in secrets for each in of)
    for id, made in kept.items():
        assert archive.read_version(id)[1] == made


def test_what_another_notebook_has_too_is_not_taken_from_it(archive: Archive) -> None:
    made = content("secret", cell("both", 9000))
    keep(archive, made, "secret")
    other = keep(archive, made, "other")
    archive.purge("secret")
    assert archive.versions("secret") == []
    assert archive.read_version(other.id)[1] == made


def test_files_that_were_set_aside_are_named(archive: Archive, path: Path) -> None:
    assert archive.damaged() == []
    path.parent.mkdir()
    path.write_bytes(b"no database")
    keep(archive, content("a"))
    (aside,) = archive.damaged()
    assert Path(aside).read_bytes() == b"no database"
