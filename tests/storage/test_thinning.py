"""Versions that have had their time go by themselves; the others are there, and whole."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_crdt_autosave import retention
from jupyter_crdt_autosave.errors import ArchiveUnavailable, DiskLow
from jupyter_crdt_autosave.model import Version
from jupyter_crdt_autosave.storage import archive as archives
from jupyter_crdt_autosave.storage import thinning
from jupyter_crdt_autosave.storage.archive import Archive, Content, Keep
from jupyter_crdt_autosave.storage.moment import written
from jupyter_crdt_autosave.storage.space import RESERVE, free_space
from tests.storage.archives import NOON, baseline, cell, content, draft, opened, rows, sources

START = 1_772_366_400.0
"""Noon, in seconds."""

DAY = 86400.0


@pytest.fixture
def path(scratch: Path) -> Path:
    """Where an archive is going to be."""
    return scratch / "store" / "archive.db"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    """An archive with nothing in it."""
    with opened(path) as archive:
        yield archive


def keep(archive: Archive, of: Content, at: float, document: str = "d", **fields: Any) -> Version:
    """Keep one version at a time."""
    (version,) = archive.keep_versions(document, [draft(of, written(at), **fields)])
    return version


def ingest(archive: Archive, at: float, document: str = "d") -> None:
    """Keep both sides of an outside edit, and the baseline after it."""
    file = content("same", f"{at} " * 50)
    sides = [
        draft(content("same", f"{at}"), written(at), "external", side="document"),
        draft(file, written(at), "external", side="file"),
    ]
    archive.keep_versions(document, sides)
    archive.keep_baseline(document, baseline(file, written(at)))


def texts(archive: Archive, document: str = "d") -> list[str]:
    """The last cells of all versions, oldest first."""
    ids = [version.id for version in reversed(archive.versions(document))]
    return [sources(archive.read_version(id)[1])[-1] for id in ids]


def test_of_each_kind_the_newest_are_kept_and_all_young_ones(archive: Archive) -> None:
    for kind in ("conflict", "discard", "named"):
        for day in range(100, 20, -1):
            keep(archive, content(f"{kind} {day}"), START - day * DAY, kind=kind)
    archive.thin("d", written(START))
    assert sorted(texts(archive)) == sorted(
        [f"{kind} {day}" for kind in ("conflict", "discard") for day in range(70, 20, -1)]
        + [f"named {day}" for day in range(100, 20, -1)]
    )


def test_limits_are_those_configured(path: Path) -> None:
    with opened(path, keep=Keep(versions=2, days=10)) as archive:
        for day in (15, 14, 13, 12, 11):
            keep(archive, content(f"{day}"), START - day * DAY, kind="conflict")
        keep(archive, content("9"), START - 9 * DAY, kind="conflict")
        archive.thin("d", written(START))
        assert texts(archive) == ["11", "9"]


def test_one_of_any_kind_that_got_a_name_stays(archive: Archive) -> None:
    keep(archive, content("no name"), START - 90 * DAY, kind="conflict")
    named = keep(archive, content("name"), START - 80 * DAY, kind="conflict")
    archive.rename_version(named.id, "mine")
    for day in range(70, 20, -1):
        keep(archive, content(f"{day}"), START - day * DAY, kind="conflict")
    archive.thin("d", written(START))
    assert texts(archive) == ["name", *(f"{day}" for day in range(70, 20, -1))]


def test_one_that_gets_a_name_while_it_is_decided_stays(
    archive: Archive, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = keep(archive, content("old"), START - 90 * DAY, kind="conflict")
    newer = [keep(archive, content("b"), START - 60 * DAY + n, kind="conflict") for n in range(51)]
    with opened(path) as other:
        decide = retention.outdated

        def naming(*arguments: Any) -> Any:
            gone = decide(*arguments)
            other.rename_version(old.id, "mine")
            return gone

        monkeypatch.setattr(thinning, "outdated", naming)
        archive.thin("d", written(START))
    assert [version.id for version in archive.versions("d")] == [
        *(version.id for version in reversed(newer[1:])),
        old.id,
    ]


def test_a_noisy_notebook_evicts_nothing_of_a_quiet_one(archive: Archive) -> None:
    keep(archive, content("quiet"), START - 300 * DAY, "quiet", kind="save")
    for number in range(300):
        keep(archive, content(f"{number}"), START - 100 * DAY + number, "noisy", kind="conflict")
    keep(archive, content("now"), START, "noisy", kind="conflict")
    keep(archive, content("now"), START, "quiet", kind="save")
    assert texts(archive, "noisy") == [*(f"{number}" for number in range(251, 300)), "now"]
    assert texts(archive, "quiet") == ["quiet", "now"]


def test_what_a_tool_rewrites_all_day_stays_small(path: Path) -> None:
    """Every three seconds for hours; what is left is an hour whole, and 5 minutes each before."""
    hours, pause = 4, 3
    with opened(path) as archive:
        for second in range(0, hours * 3600, pause):
            ingest(archive, START + second)
            if second == 2 * 3600:
                early = path.stat().st_size
        size, versions = path.stat().st_size, texts(archive)
    assert size < 1.3 * early
    before = [
        START,
        *(START + second for second in range(300 - pause, (hours - 1) * 3600 - 600, 300)),
    ]
    assert versions[: 2 * len(before)] == [
        text for at in before for text in (f"{at}", f"{at} " * 50)
    ]
    assert len(versions) <= 2 * (len(before) + (3600 + 600) / pause)


def test_baselines_that_were_forgotten_leave_nothing_behind(archive: Archive, path: Path) -> None:
    """Each autosave makes one; what they had held was there until the server was started again."""
    for second in range(0, 3 * 3600, 10):
        made = content("same", f"{second}")
        archive.keep_baseline("d", baseline(made, written(START + second)))
    assert rows(path, "manifests") < 1.3 * rows(path, "baselines")
    assert rows(path, "baselines") == 361


def test_a_version_is_kept_where_nothing_can_be_removed(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any) -> None:
        raise OSError("The disk failed")

    with monkeypatch.context() as patch:
        patch.setattr(archives, "thin", fail)
        first = keep(archive, content("a"), START)
        patch.setattr(archives, "sweep", fail)
        second = keep(archive, content("b"), START + 1)
    assert archive.versions("d") == [second, first]
    assert texts(archive) == ["a", "b"]


def test_a_time_that_is_none_is_refused_before_anything_is_kept(archive: Archive) -> None:
    with pytest.raises(ValueError, match="soon"):
        archive.keep_versions("d", [draft(content("a")), draft(content("b"), "soon")])
    assert archive.versions("d") == []


def test_on_a_full_disk_what_can_be_done_without_is_not_kept(path: Path) -> None:
    free = [RESERVE - 1.0]
    with opened(path, free=lambda _: free[0]) as archive:
        for kind in ("save", "external"):
            with pytest.raises(DiskLow, match=r"Only 64 MB are free .* Free some space"):
                keep(archive, content(kind), START, kind=kind)
        assert archive.versions("d") == []
        for kind in ("named", "conflict", "loss", "damaged", "discard", "restore", "cleared"):
            keep(archive, content(kind), START, kind=kind)
        archive.keep_baseline("d", baseline(content("base")))
        free[0] = RESERVE
        keep(archive, content("save"), START, kind="save")
        assert texts(archive)[-1] == "save"
        assert len(archive.versions("d")) == 8


def test_a_disk_that_is_low_is_an_archive_that_cannot_be_used() -> None:
    assert issubclass(DiskLow, ArchiveUnavailable)


def test_the_space_of_a_disk_is_looked_at(path: Path) -> None:
    assert free_space(str(path)) == float("inf")
    path.parent.mkdir()
    assert 0 < free_space(str(path)) < 1e18


def test_sweeping_in_little_time_goes_on_where_it_ended(archive: Archive, path: Path) -> None:
    chance = random.Random(1)
    for number in range(40):
        keep(archive, content(cell(f"{number}", chance.randrange(20_000))), START, "gone")
    kept = keep(archive, content("kept"), START)
    archive.forget("gone")
    calls = 0
    while rows(path, "parts") > 1 or rows(path, "manifests") > 1:
        archive.sweep(0)
        calls += 1
    assert 2 <= calls <= 40
    assert sources(archive.read_version(kept.id)[1]) == ["kept"]


def test_noon_is_noon() -> None:
    assert written(START) == NOON
