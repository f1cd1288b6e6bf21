"""What is kept in the archive, and what comes back."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_crdt_autosave.errors import VersionMissing
from jupyter_crdt_autosave.model import Fingerprint, Version
from jupyter_crdt_autosave.notebook import normalise
from jupyter_crdt_autosave.storage import contents, parts
from jupyter_crdt_autosave.storage.archive import Archive, Content, StoredBaseline
from tests.property.notebooks import notebooks
from tests.storage.archives import (
    NOON,
    baseline,
    cell,
    content,
    draft,
    opened,
    rows,
    sources,
    written,
)

on_one_archive = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NOTEBOOKS = st.lists(notebooks().map(normalise), min_size=1, max_size=3)
LONE = "a\ud800b\udcff"


@pytest.fixture
def path(scratch: Path) -> Path:
    """Where an archive is going to be; its folder is not there either."""
    return scratch / "data" / "store" / "archive.db"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    """An archive with nothing in it."""
    with opened(path) as archive:
        yield archive


def keep(archive: Archive, of: Content, document: str = "d", **fields: Any) -> Version:
    """Keep one version."""
    (version,) = archive.keep_versions(document, [draft(of, **fields)])
    return version


@on_one_archive
@given(made=NOTEBOOKS)
def test_a_version_holds_the_notebook(archive: Archive, path: Path, made: list[Content]) -> None:
    """Written by one process, read by another."""
    before = written(made)
    versions = archive.keep_versions("d", [draft(each) for each in made])
    assert written(made) == before
    with opened(path) as other:
        for version, each in zip(versions, made, strict=True):
            found, back = other.read_version(version.id)
            assert found == version
            assert written(back) == written(each)


@on_one_archive
@given(made=NOTEBOOKS)
def test_a_baseline_holds_what_file_and_document_held(
    archive: Archive, path: Path, made: list[Content]
) -> None:
    kept = StoredBaseline(Fingerprint("ab" * 16, 7), NOON, made[0], made[-1])
    archive.keep_baseline("d", kept)
    with opened(path) as other:
        (back, *_) = other.baselines("d", "9")
    assert back.file == kept.file and back.at == kept.at
    assert written(back.content) == written(kept.content)
    assert written(back.document) == written(kept.document)


def test_a_version_says_what_it_is(archive: Archive) -> None:
    details = {"cells": ["one", LONE], "n": 1}
    version = keep(
        archive, content("a", "b"), kind="external", side="file", name=LONE, details=details
    )
    assert version.size > 100
    assert version == Version(
        version.id, "d", "external", "file", LONE, NOON, 2, version.size, details
    )
    assert archive.versions("d") == [version]
    assert archive.read_version(version.id)[0] == version


def test_lone_surrogates_are_kept_as_they_are(archive: Archive) -> None:
    odd = {**content(LONE, cell(LONE, 9000)), "metadata": {LONE: LONE}}
    assert written(archive.read_version(keep(archive, odd).id)[1]) == written(odd)


def test_the_size_is_that_of_the_content(archive: Archive) -> None:
    """Of all its cells, also of those that were there before."""
    made = content("a", cell("b", 100_000), cell("c", 50_000))
    first, second = keep(archive, made), keep(archive, made)
    assert first.size == second.size
    assert 150_000 < first.size < 152_000


def test_versions_come_newest_first(archive: Archive) -> None:
    times = [f"2026-03-01T12:00:0{second}.000Z" for second in (2, 1, 3, 1)]
    kept = [keep(archive, content(str(n)), created=at) for n, at in enumerate(times)]
    assert archive.versions("d") == [kept[place] for place in (2, 0, 3, 1)]


def test_of_one_moment_the_version_kept_last_comes_first(archive: Archive, path: Path) -> None:
    kept = archive.keep_versions("d", [draft(content("a")), draft(content("b"))])
    with opened(path) as other:
        kept.append(keep(other, content("c")))
    assert archive.versions("d") == kept[::-1]
    assert [sources(archive.read_version(v.id)[1]) for v in kept] == [["a"], ["b"], ["c"]]


@pytest.mark.parametrize("id", ["", "missing", "0" * 32, LONE, "é", "\0"])
def test_there_is_no_other_version(archive: Archive, id: str) -> None:
    keep(archive, content("a"))
    with pytest.raises(VersionMissing):
        archive.read_version(id)


def test_documents_have_timelines_of_their_own(archive: Archive) -> None:
    one, two = keep(archive, content("a"), "one"), keep(archive, content("a"), "two")
    archive.keep_baseline("one", baseline(content("a")))
    assert archive.versions("one") == [one]
    assert archive.versions("two") == [two]
    assert archive.baselines("two", "") == []


def test_unchanged_outputs_are_not_kept_again(archive: Archive, path: Path) -> None:
    cells = [cell(f"x{n}", 500_000) for n in range(20)]
    first = keep(archive, content(*cells))
    before = path.stat().st_size
    changed = {**content(*cells), "cells": [*cells[:7], {**cells[7], "source": "new"}, *cells[8:]]}
    second = keep(archive, deepcopy(changed))
    assert before > 4_000_000
    assert path.stat().st_size - before < 20_000
    assert archive.read_version(first.id)[1] == content(*cells)
    assert archive.read_version(second.id)[1] == changed


def test_documents_share_what_they_have_in_common(archive: Archive, path: Path) -> None:
    made = content(*[cell(f"x{n}", 20_000) for n in range(20)])
    keep(archive, made, "one")
    before = rows(path, "parts")
    copy = keep(archive, deepcopy(made), "two")
    assert rows(path, "parts") == before
    assert archive.read_version(copy.id)[1] == made


def test_cells_that_are_known_are_not_encoded_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export of a large notebook every ten seconds kept a processor busy."""
    cells = [cell(f"x{n}") for n in range(50)]
    archive.keep_baseline("d", baseline(content(*cells)))
    encode, encoded = parts.encode, list[str]()

    def noting(value: Any) -> bytes:
        encoded.append(value["source"])
        return encode(value)

    monkeypatch.setattr(parts, "encode", noting)
    cells[3] = cell("new")
    now = content(*cells)
    archive.keep_baseline("d", baseline(now))
    assert encoded == ["new"]
    assert archive.baselines("d", "9")[0].content == now


def test_the_cells_of_so_many_documents_are_known(archive: Archive) -> None:
    """All that was ever opened stayed in memory."""
    for n in range(20):
        archive.keep_baseline(f"d{n}", baseline(content(f"{n}")))
    assert archive._contents is not None
    assert len(archive._contents._known) == contents.REMEMBERED
    assert [sources(archive.baselines(f"d{n}", "")[0].content) for n in range(20)] == [
        [f"{n}"] for n in range(20)
    ]


def test_a_new_cell_in_the_place_of_an_old_one_in_memory_is_another(archive: Archive) -> None:
    """Objects are told apart by their addresses, which are used again."""
    for n in range(200):
        version = keep(archive, content(f"cell {n}"))
        assert sources(archive.read_version(version.id)[1]) == [f"cell {n}"]


def test_baselines_share_cells_that_did_not_change(archive: Archive, path: Path) -> None:
    a, b, c = cell("a"), cell("b"), cell("c", 9000)
    archive.keep_baseline("d", baseline(content(a, c)))
    archive.keep_baseline("d", baseline(content(b, c), document=content(b, a)))
    with opened(path) as other:
        second, first = other.baselines("d", "")
    assert first.content is first.document
    assert first.content["cells"][1] is second.content["cells"][1]
    assert first.content["cells"][0] is second.document["cells"][1]
    assert sources(second.content) == ["b", "c"] and sources(second.document) == ["b", "a"]


def test_baselines_since_a_time_are_given(archive: Archive) -> None:
    times = [f"2026-03-01T12:{minute:02}:00.000Z" for minute in (0, 10, 20, 30)]
    for at in times:
        archive.keep_baseline("d", baseline(content(at), at))
    assert [each.at for each in archive.baselines("d", times[1])] == times[:0:-1]
    assert [each.at for each in archive.baselines("d", "2026-03-02")] == times[3:]
    assert [sources(each.content) for each in archive.baselines("d", times[2])] == [
        [times[3]],
        [times[2]],
    ]


def test_baselines_of_an_hour_ago_are_forgotten(archive: Archive) -> None:
    times = [
        "2026-03-01T12:00:00.000Z",
        "2026-03-01T12:10:00.000Z",
        "2026-03-01T13:10:00.000Z",
        "2026-03-01T13:10:00.001Z",
    ]
    left = []
    for at in times:
        archive.keep_baseline("d", baseline(content(at), at))
        archive.keep_baseline("other", baseline(content(at), times[0]))
        left.append([sources(each.content)[0] for each in archive.baselines("d", "")])
    assert left == [times[:1], times[1::-1], times[2:0:-1], times[:1:-1]]
    assert [sources(each.content)[0] for each in archive.baselines("other", "")] == times[::-1]


def test_the_newest_baseline_is_never_forgotten(archive: Archive) -> None:
    archive.keep_baseline("d", baseline(content("old"), "2020-01-01T00:00:00.000Z"))
    archive.keep_baseline("e", baseline(content("new"), "2026-01-01T00:00:00.000Z"))
    archive.sweep()
    (only,) = archive.baselines("d", "2026-01-01")
    assert sources(only.content) == ["old"]


def test_the_newest_baseline_is_the_one_kept_last(archive: Archive) -> None:
    """A clock was set back, and the base of a merge was one that came before."""
    archive.keep_baseline("d", baseline(content("before"), "2026-03-01T18:00:00.000Z"))
    archive.keep_baseline("d", baseline(content("last"), "2026-03-01T12:00:00.000Z"))
    found = archive.baselines("d", "2026-03-01T17:00:00.000Z")
    assert [sources(each.content) for each in found] == [["last"], ["before"]]


def test_the_file_is_private(archive: Archive, path: Path) -> None:
    keep(archive, content("a"))
    for name in os.listdir(path.parent):
        assert stat.S_IMODE((path.parent / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_an_archive_that_was_closed_is_opened_again(archive: Archive) -> None:
    first = keep(archive, content("a"))
    archive.close()
    archive.close()
    second = keep(archive, content("a"))
    assert archive.versions("d") == [second, first]
    assert sources(archive.read_version(second.id)[1]) == ["a"]
