"""The checkpoint beside a notebook: there while it is needed, whole, and out of the way."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import nbformat
import pytest

from jupyter_crdt_autosave.errors import CheckpointFailed
from jupyter_crdt_autosave.file.checkpoint import CheckpointFile, place_beside

from .shelf import Shelf, notebook

AB, ABC = notebook("ab"), notebook("abc")


def test_it_lies_beside_the_notebook_and_anything_opens_it(shelf: Shelf) -> None:
    shelf.write(AB)
    assert shelf.beside.read_bytes() == AB == shelf.file.read(shelf.known)
    nbformat.validate(nbformat.read(shelf.beside, as_version=4))
    assert shelf.path.read_bytes() == notebook("a")
    assert (shelf.beside.parent / ".gitignore").read_bytes() == b"*\n"
    assert sorted(os.listdir(shelf.beside.parent)) == [".gitignore", "nb.ipynb"]
    assert shelf.file.trouble is None


@pytest.mark.parametrize(
    ("file", "checkpoint"),
    [
        ("/a/nb.ipynb", "/a/.autosave/nb.ipynb"),
        ("/a/nb.py", "/a/.autosave/nb.py.ipynb"),
        ("/a/nb.md", "/a/.autosave/nb.md.ipynb"),
        ("/nb.ipynb", "/.autosave/nb.ipynb"),
    ],
)
def test_it_is_named_after_the_file(file: str, checkpoint: str) -> None:
    assert place_beside(file) == checkpoint


def test_a_newer_one_takes_its_place(shelf: Shelf) -> None:
    shelf.write(AB)
    shelf.write(ABC)
    assert shelf.beside.read_bytes() == ABC
    assert sorted(os.listdir(shelf.beside.parent)) == [".gitignore", "nb.ipynb"]
    assert shelf.kept == []


def test_equal_bytes_are_not_written_again(shelf: Shelf) -> None:
    shelf.write(AB)
    before = os.stat(shelf.beside)
    shelf.write(AB)
    assert os.stat(shelf.beside).st_ino == before.st_ino
    assert os.stat(shelf.beside).st_mtime_ns == before.st_mtime_ns


def test_once_removed_nothing_is_left(shelf: Shelf) -> None:
    shelf.write(AB)
    shelf.remove()
    assert list(shelf.everything()) == ["notebooks/nb.ipynb"]
    assert not shelf.beside.parent.exists()
    assert shelf.file.read() is None
    shelf.remove()


def test_two_notebooks_of_one_name_in_two_folders_have_one_each(tmp_path: Path) -> None:
    one, other = Shelf(tmp_path, "one/nb.ipynb"), Shelf(tmp_path, "other/nb.ipynb")
    one.write(AB)
    other.write(ABC)
    one.remove()
    assert other.beside.read_bytes() == ABC
    assert one.file.read() is None


def test_two_notebooks_in_one_folder_have_one_each(tmp_path: Path) -> None:
    one, other = Shelf(tmp_path, "one.ipynb"), Shelf(tmp_path, "other.ipynb")
    one.write(AB)
    other.write(ABC)
    one.remove()
    assert sorted(os.listdir(other.beside.parent)) == [".gitignore", "other.ipynb"]
    assert other.beside.read_bytes() == ABC


def test_only_those_who_may_read_the_notebook_may_read_it(shelf: Shelf) -> None:
    shelf.path.chmod(0o640)
    shelf.write(AB)
    assert stat.S_IMODE(os.stat(shelf.beside).st_mode) == 0o640
    shelf.path.chmod(0o600)
    shelf.write(ABC)
    assert stat.S_IMODE(os.stat(shelf.beside).st_mode) == 0o600


def test_it_is_written_though_the_notebook_is_missing(shelf: Shelf) -> None:
    shelf.path.unlink()
    shelf.write(AB)
    assert shelf.beside.read_bytes() == AB


def test_bytes_of_others_in_its_place_are_kept_first(shelf: Shelf) -> None:
    shelf.beside.parent.mkdir()
    shelf.beside.write_bytes(b"somebody's")
    shelf.write(AB)
    assert (shelf.kept, shelf.beside.read_bytes()) == ([b"somebody's"], AB)
    shelf.beside.write_bytes(b"somebody's again")
    shelf.remove()
    assert shelf.kept == [b"somebody's", b"somebody's again"]
    assert not shelf.beside.exists()


def test_bytes_of_others_that_cannot_be_kept_stay(shelf: Shelf) -> None:
    shelf.keeps = False
    shelf.beside.parent.mkdir()
    shelf.beside.write_bytes(b"somebody's")
    shelf.write(AB)
    assert shelf.beside.read_bytes() == b"somebody's"
    assert shelf.stored.read_bytes() == AB == shelf.file.read(shelf.known)
    assert shelf.file.trouble is not None
    with pytest.raises(CheckpointFailed, match="cannot be kept"):
        shelf.remove()
    assert shelf.beside.read_bytes() == b"somebody's"


def test_it_follows_a_renamed_notebook(shelf: Shelf) -> None:
    shelf.write(AB)
    shelf.move("other.ipynb")
    assert sorted(os.listdir(shelf.beside.parent)) == [".gitignore", "other.ipynb"]
    assert shelf.beside.read_bytes() == AB
    shelf.write(ABC)
    assert shelf.beside.read_bytes() == ABC


def test_it_follows_a_moved_notebook_and_leaves_nothing_behind(shelf: Shelf) -> None:
    shelf.write(AB)
    old = shelf.beside.parent
    shelf.move("deep/down/nb.ipynb")
    assert shelf.beside.read_bytes() == AB
    assert not old.exists()
    assert (shelf.beside.parent / ".gitignore").exists()


def test_it_comes_along_with_a_moved_folder(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "old/nb.ipynb")
    shelf.write(AB)
    (shelf.root / "old").rename(shelf.root / "new")
    shelf.path = shelf.root / "new" / "nb.ipynb"
    shelf.file.follow(str(shelf.path), shelf.known, shelf.keep)
    assert shelf.beside.read_bytes() == AB == shelf.file.read()
    assert shelf.kept == []


def test_what_lies_where_it_is_moved_to_is_kept_first(tmp_path: Path) -> None:
    one, other = Shelf(tmp_path, "one.ipynb"), Shelf(tmp_path, "other.ipynb")
    one.write(AB)
    other.write(ABC)
    one.move("other.ipynb")
    assert one.kept == [ABC]
    assert one.beside.read_bytes() == AB


def test_without_a_checkpoint_a_move_leaves_no_trace(shelf: Shelf) -> None:
    shelf.move("deep/nb.ipynb")
    assert list(shelf.everything()) == ["notebooks/deep/nb.ipynb"]


def test_it_is_where_the_notebook_really_lies(shelf: Shelf) -> None:
    """A live notebook is known by its real path."""
    link = shelf.root / "link"
    link.symlink_to(shelf.root, target_is_directory=True)
    file = CheckpointFile(shelf.file._disk, os.path.realpath(link / "nb.ipynb"), str(shelf.stored))
    file.write(AB, (), shelf.keep)
    assert shelf.beside.read_bytes() == AB


def test_a_notebook_that_another_manager_keeps_has_it_in_the_store(shelf: Shelf) -> None:
    file = CheckpointFile(shelf.file._disk, None, str(shelf.stored))
    file.write(AB, (), shelf.keep)
    assert shelf.stored.read_bytes() == AB == file.read()
    assert file.trouble is None
    file.follow(None, shelf.known, shelf.keep)
    file.remove((), shelf.keep)
    assert not shelf.stored.exists()
    assert list(shelf.everything()) == ["notebooks/nb.ipynb"]
