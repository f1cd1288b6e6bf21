"""Which document belongs to which notebook."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from jupyter_crdt_autosave.storage.about import About
from jupyter_crdt_autosave.storage.lock import exclusive
from jupyter_crdt_autosave.storage.store import Store
from tests.storage.documents import Server
from tests.storage.stores import A, B, about_file, pointers
from tests.support.disks import FaultyDisk, HookedDisk, QuickDisk, everything_of


def test_a_notebook_has_no_document_until_one_is_made(store: Store) -> None:
    assert store.find(A) is None
    about = store.create(A, "a.ipynb")
    assert (about.identity, about.path) == (A, "a.ipynb")
    assert store.find(A) == about
    assert store.create(A, "a.ipynb") == about
    assert store.create(B, "b.ipynb").id != about.id


def test_a_store_is_for_nobody_but_its_owner(root: str) -> None:
    umask = os.umask(0)
    try:
        store = Store(QuickDisk(), root)
        store.open()
        about = store.create(A, "a.ipynb")
        with store.lock(about.id):
            pass
    finally:
        os.umask(umask)
    for place, _, files in os.walk(os.path.dirname(root)):
        assert stat.S_IMODE(os.stat(place).st_mode) == 0o700
        for name in files:
            assert stat.S_IMODE(os.stat(os.path.join(place, name)).st_mode) == 0o600


def test_two_servers_that_open_a_notebook_at_once_share_its_document(root: str) -> None:
    found: list[str] = []

    def open_notebook() -> None:
        store = Store(QuickDisk(), root)
        store.open()
        found.append(store.create(A, "a.ipynb").id)

    threads = [threading.Thread(target=open_notebook) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_what_is_known_of_a_document_reads_back(store: Store) -> None:
    about = store.create(A, "a.ipynb")
    known = replace(about, inode=(3, 2**60), hash="ab", settled=True, stored=5, fresh=2)
    store.write(known)
    assert store.about(about.id) == known
    assert store.find(A) == known
    assert store.of_inode((3, 2**60)) == [known]
    assert store.of_inode((3, 1)) == []


def test_a_document_follows_its_notebook(store: Store) -> None:
    about = store.create(A, "a.ipynb")
    moved = store.move(about, B, "b.ipynb")
    assert moved == replace(about, identity=B, path="b.ipynb")
    assert store.find(B) == moved
    assert store.find(A) is None
    assert [pointer["identity"] for pointer in pointers(store).values()] == [B]


def test_a_document_whose_old_pointer_cannot_be_removed_is_not_moved(root: str) -> None:
    """The pointer stayed, and led to the document from where another notebook was now."""
    disk = FaultyDisk()
    store = Store(disk, root)
    store.open()
    about = store.create(A, "a.ipynb")
    disk.fail("unlink", 1, errno.EIO)
    with pytest.raises(OSError):
        store.move(about, B, "b.ipynb")
    assert store.find(A) == about
    assert store.find(B) is None


def test_a_document_moved_over_another_releases_that(store: Store) -> None:
    one, two = store.create(A, "a.ipynb"), store.create(B, "b.ipynb")
    store.move(one, B, "b.ipynb")
    found, released = store.find(B), store.about(two.id)
    assert found is not None and found.id == one.id
    assert released is not None and released.released == "replaced"


def test_a_released_document_is_kept_without_its_notebook(store: Store) -> None:
    about = store.create(A, "a.ipynb")
    released = store.release(about, "deleted")
    assert released.released == "deleted"
    assert store.find(A) is None
    assert list(store.all()) == [released]
    assert pointers(store) == {}
    assert store.create(A, "a.ipynb").id != about.id


def test_released_documents_are_listed_with_their_time_the_last_one_first(root: str) -> None:
    now = [1_772_366_400.0]
    store = Store(QuickDisk(), root, lambda: now[0])
    store.open()
    one, two, three = (store.create(f"/{name}.ipynb", f"{name}.ipynb") for name in "abc")
    store.release(two, "deleted")
    now[0] += 60
    store.release(one, "damaged")
    assert [(each.id, each.released, each.released_at) for each in store.released()] == [
        (one.id, "damaged", "2026-03-01T12:01:00.000Z"),
        (two.id, "deleted", "2026-03-01T12:00:00.000Z"),
    ]
    now[0] += 60
    store.write(replace(one, hash="new"))
    assert store.release(two, "replaced").released_at == "2026-03-01T12:00:00.000Z"
    assert store.move(two, "/d.ipynb", "d.ipynb").released_at is None
    (left,) = store.released()
    assert (left.id, left.hash, left.released_at) == (one.id, "new", "2026-03-01T12:01:00.000Z")
    assert three.released_at is None


def test_a_document_that_an_earlier_version_released_has_no_time(store: Store) -> None:
    about = store.release(store.create(A, "a.ipynb"), "deleted")
    file = about_file(store, about)
    fields = json.loads(file.read_bytes())
    del fields["released_at"]
    file.write_text(json.dumps(fields))
    assert store.released() == [replace(about, released_at=None)]


def test_a_released_document_takes_its_notebook_back(store: Store) -> None:
    about = store.release(store.create(A, "a.ipynb"), "deleted")
    other = store.create(A, "a.ipynb")
    assert store.move(about, A, "a.ipynb").released is None
    found, replaced = store.find(A), store.about(other.id)
    assert found is not None and found.id == about.id
    assert replaced is not None and replaced.released == "replaced"


def test_a_new_document_is_not_hidden_by_a_released_one(store: Store) -> None:
    """Without its pointer it was not found: the search ended at the one that had been released."""
    for _ in range(5):
        store.release(store.create(A, "a.ipynb"), "deleted")
    about = store.create(A, "a.ipynb")
    for path in pointers(store):
        os.unlink(path)
    assert store.find(A) == about


def test_a_document_that_another_server_moved_is_not_moved_back(store: Store) -> None:
    """Noting the hash of the file made it forget where the notebook was."""
    stale = store.create(A, "a.ipynb")
    store.move(stale, B, "b.ipynb")
    store.write(replace(stale, hash="new"))
    found = store.find(B)
    assert found is not None and (found.path, found.hash) == ("b.ipynb", "new")


def test_a_document_that_another_server_released_is_not_taken_back(store: Store) -> None:
    stale = store.create(A, "a.ipynb")
    store.release(stale, "deleted")
    store.write(replace(stale, hash="new"))
    assert store.find(A) is None


def test_a_document_that_another_server_moved_is_not_released_with_its_old_place(
    store: Store,
) -> None:
    stale = store.create(A, "a.ipynb")
    moved = store.move(stale, B, "b.ipynb")
    assert store.release(stale, "deleted") == moved
    assert store.find(B) == moved


def test_a_document_that_another_server_moved_leaves_its_last_place(store: Store) -> None:
    stale = store.create(A, "a.ipynb")
    store.move(stale, B, "b.ipynb")
    store.move(stale, "/home/c.ipynb", "c.ipynb")
    assert store.find(B) is None
    assert len(pointers(store)) == 1


def test_a_document_that_is_placed_releases_the_one_that_stood_there(store: Store) -> None:
    standing = store.create(A, "a.ipynb")
    store.place(About("f" * 32, A, "a.ipynb"))
    found, released = store.find(A), store.about(standing.id)
    assert found is not None and found.id == "f" * 32
    assert released is not None and released.released == "replaced"


def test_the_documents_in_a_folder_are_found(store: Store) -> None:
    names = ["/home/x/a.ipynb", "/home/x/y/b.ipynb", "/home/x.ipynb", "/home/xy/c.ipynb"]
    for name in names:
        store.create(name, name)
    store.release(store.create("/home/x/gone.ipynb", ""), "deleted")
    assert {about.identity for about in store.below("/home/x")} == set(names[:2])
    assert {about.identity for about in store.below("/home/x/")} == set(names[:2])
    assert [about.identity for about in store.below("/home/x.ipynb")] == ["/home/x.ipynb"]


CHANGES: dict[str, Callable[[Store, About], object]] = {
    "create": lambda store, about: store.create(B, ""),
    "place": lambda store, about: store.place(About("f" * 32, B, "")),
    "write": lambda store, about: store.write(about),
    "move": lambda store, about: store.move(about, B, ""),
    "release": lambda store, about: store.release(about, "deleted"),
    "drop": lambda store, about: store.drop(about),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_of_the_store_waits_for_that_of_another_server(
    store: Store, monkeypatch: pytest.MonkeyPatch, change: Callable[[Store, About], object]
) -> None:
    about = store.create(A, "")
    monkeypatch.setattr(
        "jupyter_crdt_autosave.storage.store.exclusive", lambda path: exclusive(path, patience=0)
    )
    before = everything_of(store.root)
    lock = exclusive(os.path.join(store.root, "lock"))
    with lock, pytest.raises(OSError, match="Another server"):
        change(store, about)
    assert everything_of(store.root) == before
    change(store, about)


def test_a_dropped_document_is_gone_with_its_journal(store: Store) -> None:
    about, other = store.create(A, ""), store.create(B, "")
    server = Server(QuickDisk(), store.folder(about.id))
    assert server.close()
    store.drop(about)
    assert store.find(A) is None
    assert list(store.all()) == [other]
    assert os.listdir(os.path.join(store.root, "documents")) == [other.id]
    assert not os.path.exists(os.path.join(store.root, "dropped"))


def test_a_document_that_is_being_removed_is_never_found_half(root: str) -> None:
    """Its journal went file by file, and who opened the notebook just then got a part of it."""
    plain = Store(QuickDisk(), root)
    plain.open()
    about = plain.create(A, "")
    server = Server(QuickDisk(), plain.folder(about.id))
    server.edit()
    assert server.close()
    whole = everything_of(plain.folder(about.id))
    seen: list[bool] = []

    def look(operation: str) -> None:
        found = plain.find(A)
        seen.append(found is not None)
        assert found is None or everything_of(plain.folder(found.id)).items() >= whole.items()

    store = Store(HookedDisk(look), root)
    store.drop(about)
    assert seen[0]
    assert plain.find(A) is None
