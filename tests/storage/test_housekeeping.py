"""Documents that nobody has opened for long: dropped if nothing at all is lost by it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import xxhash

from jupyter_crdt_autosave.model import Fingerprint
from jupyter_crdt_autosave.retention import Keep
from jupyter_crdt_autosave.storage.about import About
from jupyter_crdt_autosave.storage.archive import archive_in
from jupyter_crdt_autosave.storage.housekeeping import BLOAT, WEEK, tidy
from jupyter_crdt_autosave.storage.moment import seconds_of, written
from jupyter_crdt_autosave.storage.store import Store
from tests.storage.archives import content, draft
from tests.storage.documents import Server, baseline
from tests.support.disks import QuickDisk

CONTENT = b'{"cells": []}'


@pytest.fixture
def about(store: Store, tmp_path: Path) -> About:
    """A document that may be dropped: large, in its file, and closed."""
    file = tmp_path / "nb.ipynb"
    file.write_bytes(CONTENT)
    about = store.create(str(file), "nb.ipynb")
    server = Server(QuickDisk(), store.folder(about.id))
    server.edit()
    mark = Fingerprint(xxhash.xxh3_128_hexdigest(CONTENT), len(CONTENT))
    server.journal.confirm(baseline("x", file=mark, position=server.journal.position()))
    assert server.close(settled=True)
    return close(store, about, mark.hash)


def close(store: Store, about: About, file_hash: str) -> About:
    store.write(replace(about, hash=file_hash, settled=True, fresh=10, stored=10 * BLOAT + 1))
    closed = store.about(about.id)
    assert closed is not None
    return closed


def later(store: Store) -> float:
    """A week after the last change."""
    times = [path.stat().st_mtime for path in Path(store.root).rglob("*")]
    return max(times) + WEEK


def kept(store: Store, about: About) -> bool:
    found = store.about(about.id)
    return found is not None and os.path.isdir(store.folder(about.id))


def test_a_large_document_that_is_in_its_file_is_dropped_after_a_week(
    store: Store, about: About
) -> None:
    assert tidy(store, later(store) - 1) == []
    assert kept(store, about)
    assert tidy(store, later(store)) == [about.id]
    assert not kept(store, about)
    assert store.find(about.identity) is None


CHANGES: dict[str, Callable[[Store, About], object]] = {
    "the file was changed": lambda store, about: Path(about.identity).write_bytes(b"other"),
    "the file is gone": lambda store, about: os.unlink(about.identity),
    "it was not settled": lambda store, about: store.write(replace(about, settled=False)),
    "it is not large": lambda store, about: store.write(replace(about, stored=10 * BLOAT)),
    "its size is not known": lambda store, about: store.write(replace(about, fresh=0)),
    "it was released": lambda store, about: store.release(about, "deleted"),
    "something was damaged": lambda store, about: os.mkdir(
        os.path.join(store.folder(about.id), "damaged")
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_document_is_kept_if(
    store: Store, about: About, change: Callable[[Store, About], object]
) -> None:
    change(store, about)
    assert tidy(store, later(store)) == []
    assert kept(store, about)


def test_a_document_that_was_edited_after_its_last_clean_closing_is_kept(
    store: Store, about: About
) -> None:
    """A server was killed; what it had kept was dropped, for the closing before had been clean."""
    server = Server(QuickDisk(), store.folder(about.id), client=2)
    server.edit()
    assert server.close(settled=False)
    assert tidy(store, later(store)) == []
    assert kept(store, about)


def test_a_document_that_keeps_something_aside_is_kept(store: Store, about: About) -> None:
    server = Server(QuickDisk(), store.folder(about.id), client=2)
    server.keep(b"their bytes")
    server.journal.confirm(server.history.baselines[-1])
    assert server.close(settled=True)
    assert tidy(store, later(store)) == []
    assert kept(store, about)


def test_a_document_that_a_server_has_open_is_kept(store: Store, about: About) -> None:
    server = Server(QuickDisk(), store.folder(about.id), client=2)
    assert tidy(store, later(store)) == []
    assert kept(store, about)
    assert server.close()


def test_a_document_that_is_opened_while_we_look_is_kept(
    store: Store, about: About, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had been looked at before its lock was held, and was dropped under a live server."""
    servers: list[Server] = []
    lock = Store.lock

    def opened_just_then(self: Store, document: str, patience: float = 10.0) -> object:
        if not servers:
            servers.append(Server(QuickDisk(), store.folder(about.id), client=2))
        return lock(self, document, patience)

    monkeypatch.setattr(Store, "lock", opened_just_then)
    assert tidy(store, later(store)) == []
    assert kept(store, about)
    assert servers[0].close()


def test_a_document_that_another_server_is_at_is_not_waited_for(store: Store, about: About) -> None:
    with store.lock(about.id):
        assert tidy(store, later(store)) == []
    assert kept(store, about)


def test_a_journal_of_a_later_version_is_kept(
    store: Store, about: About, later_head: bytes
) -> None:
    Path(store.folder(about.id), "00000009-00112233445566aa.journal").write_bytes(later_head)
    assert tidy(store, later(store)) == []
    assert kept(store, about)


def test_what_a_crash_left_of_a_removal_is_removed(store: Store) -> None:
    left = Path(store.root, "dropped", "x")
    left.mkdir(parents=True)
    (left / "about.json").write_bytes(b"{}")
    assert tidy(store, 0) == []
    assert not left.exists()


def test_a_store_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    assert tidy(Store(QuickDisk(), str(tmp_path / "missing")), 0) == []


DAYS = 30 * 86400.0


def given_up(store: Store, about: About, reason: str = "deleted") -> float:
    """Release a document; when that was, in seconds."""
    released = store.release(about, reason)
    assert released.released_at is not None
    return seconds_of(released.released_at)


@pytest.mark.parametrize("reason", ["deleted", "overwritten", "replaced"])
def test_a_document_whose_notebook_was_given_up_is_kept_for_a_month(
    store: Store, about: About, reason: str
) -> None:
    at = given_up(store, about, reason)
    assert tidy(store, at + DAYS - 1) == []
    assert kept(store, about)
    assert tidy(store, at + DAYS + 2) == [about.id]
    assert not kept(store, about)


def test_it_is_kept_for_as_long_as_versions_are(store: Store, about: About) -> None:
    at = given_up(store, about)
    assert tidy(store, at + DAYS + 2, Keep(days=60)) == []
    assert tidy(store, at + 2 * DAYS - 1, Keep(days=60)) == []
    assert tidy(store, at + 2 * DAYS + 2, Keep(days=60)) == [about.id]


def test_it_is_kept_for_a_month_even_if_versions_are_not(store: Store, about: About) -> None:
    at = given_up(store, about)
    assert tidy(store, at + DAYS - 1, Keep(days=0)) == []
    assert tidy(store, at + DAYS + 2, Keep(days=0)) == [about.id]


def test_a_document_that_was_copied_with_old_times_is_kept(store: Store, about: About) -> None:
    """The times of the files say nothing where they were set by somebody else."""
    at = given_up(store, about)
    for path in Path(store.folder(about.id)).iterdir():
        os.utime(path, (0, 0))
    assert tidy(store, at + DAYS - 1) == []
    assert kept(store, about)


LATER: dict[str, Callable[[Store, About], object]] = {
    "it was not given up": lambda store, about: store.release(about, "unreadable"),
    "its notebook is there again": lambda store, about: store.move(about, about.identity, "x"),
    "something was damaged": lambda store, about: os.mkdir(
        os.path.join(store.folder(about.id), "damaged")
    ),
    "it has a named version": lambda store, about: keep_version(store, about, "mine"),
}


def keep_version(store: Store, about: About, name: str | None) -> None:
    """Keep a version of a document."""
    with closing(archive_in(store.root)) as archive:
        archive.keep_versions(about.id, [draft(content("a"), kind="save", name=name)])


@pytest.mark.parametrize("change", LATER.values(), ids=LATER.keys())
def test_a_document_without_a_notebook_is_kept_for_ever_if(
    store: Store, about: About, change: Callable[[Store, About], object]
) -> None:
    store.write(replace(about, settled=False))
    at = given_up(store, about)
    change(store, about)
    assert tidy(store, at + 12 * DAYS) == []
    assert kept(store, about)


def test_one_that_is_shown_is_kept_while_a_server_has_it(store: Store, about: About) -> None:
    at = given_up(store, about)
    server = Server(QuickDisk(), store.folder(about.id), client=2)
    assert tidy(store, at + 12 * DAYS) == []
    assert kept(store, about)
    assert server.close()


def test_versions_go_with_their_document(store: Store, about: About) -> None:
    keep_version(store, about, None)
    keep_version(store, store.create("/other.ipynb", "other.ipynb"), None)
    at = given_up(store, about)
    assert tidy(store, at + DAYS + 2) == [about.id]
    with closing(archive_in(store.root)) as archive:
        assert archive.versions(about.id) == []
        (other,) = archive.documents()
        (version,) = archive.versions(other)
        assert archive.read_version(version.id)[1] == content("a")


def test_versions_that_have_had_their_time_go(store: Store) -> None:
    document = store.create("/nb.ipynb", "nb.ipynb").id
    with closing(archive_in(store.root)) as archive:
        for number in range(6):
            at = written(1000.0 + number)
            archive.keep_versions(document, [draft(content(f"{number}"), at, "conflict")])
        tidy(store, 40 * 86400.0 + 1000, Keep(versions=2))
        newest = archive.versions(document)
        assert [archive.read_version(each.id)[1] for each in newest] == [
            content("5"),
            content("4"),
        ]
