"""What is damaged or cannot be read in a store hides no notebook."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from jupyter_crdt_autosave.errors import FormatTooNew, StoreUnavailable
from jupyter_crdt_autosave.storage.about import About, decode_about, encode_about
from jupyter_crdt_autosave.storage.store import Store
from tests.storage.documents import Server
from tests.storage.stores import A, B, about_file, pointers
from tests.support.disks import FaultyDisk, QuickDisk, everything_of


@pytest.mark.parametrize(
    "junk", [b"", b"{", b"[]", b"3", b'{"id": 3}', b'{"id": "../x"}', b'{"id": ""}', b"\xff", b"{}"]
)
def test_a_damaged_pointer_is_none(store: Store, junk: bytes) -> None:
    """A notebook could not be opened because of two odd bytes in a file of ours."""
    about = store.create(A, "a.ipynb")
    (path,) = pointers(store)
    Path(path).write_bytes(junk)
    assert store.find(A) == about
    assert store.create(A, "a.ipynb") == about
    store.move(about, B, "b.ipynb")
    assert store.find(B) is not None


def test_a_pointer_to_nothing_is_none(store: Store) -> None:
    about = store.create(A, "a.ipynb")
    about_file(store, about).unlink()
    os.rmdir(store.folder(about.id))
    assert store.find(A) is None
    assert store.create(A, "a.ipynb").id != about.id


def test_a_pointer_that_the_document_does_not_confirm_is_stale(store: Store) -> None:
    """Two notebooks shared one document."""
    about = store.create(A, "a.ipynb")
    (path,) = pointers(store)
    stale = Path(path).read_bytes()
    store.move(about, B, "b.ipynb")
    Path(path).write_bytes(stale)
    assert store.find(A) is None
    assert store.create(A, "a.ipynb").id != about.id


JUNK = [
    b"",
    b"{",
    b"[]",
    b"3",
    b"\xff",
    b"{}",
    b'{"identity": 3}',
    b'{"identity": null, "id": "x"}',
]


@pytest.mark.parametrize("junk", JUNK)
def test_a_document_whose_description_is_damaged_is_still_found(store: Store, junk: bytes) -> None:
    about = store.create(A, "a.ipynb")
    server = Server(QuickDisk(), store.folder(about.id))
    assert server.close()
    about_file(store, about).write_bytes(junk)
    found = store.find(A)
    assert found == About(about.id, A, "nb.ipynb")
    assert store.create(A, "a.ipynb") == found


@pytest.mark.parametrize("junk", JUNK)
def test_a_damaged_description_is_kept_aside(store: Store, junk: bytes) -> None:
    about = store.create(A, "a.ipynb")
    about_file(store, about).write_bytes(junk)
    store.write(about)
    assert store.find(A) == about
    aside = [path for path in Path(store.folder(about.id)).iterdir() if path.suffix == ".damaged"]
    assert [path.read_bytes() for path in aside] == [junk]


def test_a_lost_description_is_no_damage(store: Store) -> None:
    about = store.create(A, "a.ipynb")
    about_file(store, about).unlink()
    found = store.find(A)
    assert found is not None and found.id == about.id
    store.write(about)
    assert store.about(about.id) == about


def test_other_things_in_the_store_are_no_documents(store: Store) -> None:
    Path(store.root, "documents", ".DS_Store").write_bytes(b"x")
    os.mkdir(store.folder("empty"))
    assert list(store.all()) == []
    assert store.about("missing") is None


def test_a_document_that_cannot_be_read_hides_no_other(root: str) -> None:
    """One bad sector, and no new notebook was kept any more."""
    made = Store(QuickDisk(), root)
    made.open()
    first, second = sorted([made.create(A, ""), made.create(B, "")], key=lambda about: about.id)
    bad = os.path.join(made.folder(first.id), "about.json")

    class BadSpot(QuickDisk):
        def read(self, path: str, offset: int = 0) -> bytes:
            if path == bad:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return super().read(path, offset)

    store = Store(BadSpot(), root)
    assert [about.id for about in store.all()] == [second.id]
    assert store.create("/home/new.ipynb", "").identity == "/home/new.ipynb"
    with pytest.raises(StoreUnavailable):
        store.find(first.identity)
    with pytest.raises(OSError):
        store.create(first.identity, "")


def test_too_many_open_files_are_no_empty_store(root: str) -> None:
    """For a moment nothing could be read; a second document was made for the notebook."""
    Store(QuickDisk(), root).open()
    disk = FaultyDisk()
    store = Store(disk, root)
    store.create(A, "")
    for path in pointers(store):
        os.unlink(path)
    disk.fail("read", disk.calls["read"] + 2, errno.EMFILE)
    with pytest.raises(StoreUnavailable):
        store.find(A)


@pytest.mark.parametrize(
    "identity", ["manager:path", "/home/ü.ipynb", "/home/\udcff.ipynb", "s3:\ud800", "x" * 5000]
)
def test_any_name_of_a_notebook_will_do(store: Store, identity: str) -> None:
    about = store.create(identity, identity)
    assert store.find(identity) == about
    for path in pointers(store):
        os.unlink(path)
    assert store.find(identity) == about


def test_a_store_of_a_later_version_is_left_as_it_is(root: str) -> None:
    Store(QuickDisk(), root).open()
    Path(root, "store.json").write_bytes(b'{"format": 2, "more": 1}')
    before = everything_of(root)
    with pytest.raises(FormatTooNew, match="format 2"):
        Store(QuickDisk(), root).open()
    assert everything_of(root) == before


def test_a_format_that_cannot_be_read_now_is_not_replaced(root: str) -> None:
    """A failing disk looked like a store without a format, and a later one was marked as ours."""
    Store(QuickDisk(), root).open()
    Path(root, "store.json").write_bytes(b'{"format": 2}')
    disk = FaultyDisk()
    disk.fail("read", 1, errno.EIO)
    with pytest.raises(StoreUnavailable, match="cannot be kept"):
        Store(disk, root).open()
    assert Path(root, "store.json").read_bytes() == b'{"format": 2}'


@pytest.mark.parametrize("junk", [b"", b"[]", b"{}", b"3", b'{"format": "x"}', b"\xff"])
def test_a_damaged_format_does_not_close_the_store(root: str, junk: bytes) -> None:
    Store(QuickDisk(), root).open()
    Path(root, "store.json").write_bytes(junk)
    store = Store(QuickDisk(), root)
    store.open()
    assert store.create(A, "") == store.find(A)


def test_a_store_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnavailable, match="store_path"):
        Store(QuickDisk(), str(tmp_path / "file" / "store")).open()


def test_a_store_is_opened_again_after_it_was_removed(store: Store) -> None:
    store.create(A, "")
    os.rename(store.root, store.root + ".gone")
    with pytest.raises(StoreUnavailable):
        store.find(A)
    with pytest.raises(OSError):
        store.create(A, "")
    store.open()
    assert store.find(A) is None
    store.create(A, "")


def test_unknown_fields_of_a_description_are_passed_over() -> None:
    about = About("x", A, "a.ipynb", inode=(1, 2), hash="h", released="deleted", stored=3)
    fields = json.loads(encode_about(about)) | {"later": [1]}
    assert decode_about("x", json.dumps(fields).encode()) == about


def test_fields_of_the_wrong_kind_are_not_known() -> None:
    odd = {"path": 3, "inode": [1], "hash": None, "released": 1, "settled": "x", "stored": "y"}
    data = json.dumps({"id": "x", "identity": A} | odd).encode()
    assert decode_about("x", data) == About("x", A, "")


def test_a_document_is_known_by_its_folder() -> None:
    """A folder that was copied led into the original."""
    data = encode_about(About("original", A, ""))
    assert decode_about("copy", data).id == "copy"
