"""A checkpoint where folders take no files, disks are full, and processes die."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from jupyter_crdt_autosave.errors import CheckpointFailed
from jupyter_crdt_autosave.file.checkpoint import CheckpointFile
from jupyter_crdt_autosave.file.scratch import Scratch
from tests.support.disks import OPERATIONS, FaultyDisk, HookedDisk, QuickDisk

from .shelf import Shelf, notebook

AB, ABC = notebook("ab"), notebook("abc")


class Guarded(HookedDisk):
    """A disk on which one folder takes no files, whoever we are."""

    def __init__(self, folder: Path) -> None:
        super().__init__(lambda operation: None)
        self.folder: str | None = str(folder)

    def mkdir(self, path: str, mode: int = 0o700) -> None:
        self._refuse(path)
        super().mkdir(path, mode)

    def rename(self, source: str, target: str) -> None:
        self._refuse(target)
        super().rename(source, target)

    def unlink(self, path: str) -> None:
        self._refuse(path)
        super().unlink(path)

    def _refuse(self, path: str) -> None:
        if self.folder is not None and path.startswith(self.folder):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


class Apart(HookedDisk):
    """A disk on which every folder is a file system of its own."""

    def __init__(self) -> None:
        super().__init__(lambda operation: None)

    def rename(self, source: str, target: str) -> None:
        if os.path.dirname(source) != os.path.dirname(target):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        super().rename(source, target)


@pytest.fixture
def guarded(tmp_path: Path) -> tuple[Shelf, Guarded]:
    """A notebook whose folder is read-only."""
    disk = Guarded(tmp_path / "notebooks")
    return Shelf(tmp_path, disk=disk), disk


def test_beside_a_notebook_in_a_read_only_folder_the_store_keeps_it_and_says_so(
    guarded: tuple[Shelf, Guarded],
) -> None:
    shelf, _ = guarded
    shelf.write(AB)
    assert shelf.stored.read_bytes() == AB == shelf.file.read(shelf.known)
    assert shelf.file.trouble == "Permission denied"
    assert os.listdir(shelf.root) == ["nb.ipynb"]
    shelf.remove()
    assert list(shelf.everything()) == ["notebooks/nb.ipynb"]
    assert shelf.file.read() is None


def test_a_folder_that_takes_files_again_gets_it_back(guarded: tuple[Shelf, Guarded]) -> None:
    shelf, disk = guarded
    shelf.write(AB)
    disk.folder = None
    shelf.write(ABC)
    assert shelf.beside.read_bytes() == ABC
    assert not shelf.stored.exists()
    assert shelf.file.trouble is None


def test_of_two_the_newest_counts(guarded: tuple[Shelf, Guarded]) -> None:
    """The folder became read-only while a checkpoint was in it."""
    shelf, disk = guarded
    disk.folder, folder = None, disk.folder
    shelf.write(AB)
    disk.folder = folder
    shelf.write(ABC)
    assert (shelf.beside.read_bytes(), shelf.stored.read_bytes()) == (AB, ABC)
    assert shelf.file.read(shelf.known) == ABC
    again = CheckpointFile(disk, str(shelf.path), str(shelf.stored))
    assert again.read(shelf.known) == ABC
    with pytest.raises(CheckpointFailed, match="Permission denied"):
        shelf.remove()
    disk.folder = None
    shelf.remove()
    assert list(shelf.everything()) == ["notebooks/nb.ipynb"]


def test_something_else_in_the_way_sends_it_to_the_store(shelf: Shelf) -> None:
    (shelf.root / ".autosave").write_bytes(b"a file of that name")
    shelf.write(AB)
    assert shelf.stored.read_bytes() == AB
    assert (shelf.root / ".autosave").read_bytes() == b"a file of that name"


def test_it_follows_to_another_file_system(shelf: Shelf) -> None:
    shelf.write(AB)
    old = shelf.beside
    shelf.file._disk = Apart()
    shelf.move("elsewhere/nb.ipynb")
    assert shelf.beside.read_bytes() == AB
    assert not old.exists()


def test_without_any_place_it_says_so_and_the_earlier_one_stays(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, disk=(disk := FaultyDisk()))
    shelf.write(AB)
    disk.fail("write", 1, errno.ENOSPC)
    with pytest.raises(CheckpointFailed, match="No space left"):
        shelf.write(ABC)
    assert shelf.everything() == {
        "notebooks/.autosave/.gitignore": b"*\n",
        "notebooks/.autosave/nb.ipynb": AB,
        "notebooks/nb.ipynb": notebook("a"),
    }
    disk.heal()
    shelf.write(ABC)
    assert shelf.beside.read_bytes() == ABC


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_whatever_call_fails_the_newest_of_the_checkpoints_is_found_whole(
    tmp_path: Path, operation: str, number: int
) -> None:
    disk = FaultyDisk()
    shelf = Shelf(tmp_path, disk=disk)
    shelf.write(AB)
    disk.calls.clear()
    disk.fail(operation, number, errno.EIO, times=1)
    try:
        shelf.write(ABC)
        expected = {ABC}
    except CheckpointFailed:
        expected = {AB, ABC}
    disk.heal()
    assert CheckpointFile(disk, str(shelf.path), str(shelf.stored)).read(shelf.known) in expected
    shelf.write(ABC)
    assert shelf.file.read(shelf.known) == ABC
    shelf.remove()
    assert list(shelf.everything()) == ["notebooks/nb.ipynb"]


class Died(BaseException):
    """The process was killed."""


@pytest.mark.parametrize("step", ["first", "write", "move", "remove"])
def test_at_whatever_call_the_process_dies_a_whole_checkpoint_is_found(
    tmp_path: Path, step: str
) -> None:
    number = 0
    while True:
        number += 1
        left = number

        def die(operation: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Died

        shelf = Shelf(tmp_path / str(number))
        if step != "first":
            shelf.write(AB)
        shelf.file._disk = HookedDisk(die)
        try:
            if step == "move":
                shelf.move("deep/other.ipynb")
            elif step == "remove":
                shelf.remove()
            else:
                shelf.write(ABC)
        except Died:
            assert_whole(shelf, step)
        else:
            break
    assert number > 4


MAY_BE: dict[str, set[bytes | None]] = {
    "first": {None, ABC},
    "write": {AB, ABC},
    "move": {AB},
    "remove": {AB, None},
}


def assert_whole(shelf: Shelf, step: str) -> None:
    """Look at everything as the next process does, and clear it away."""
    places = [str(shelf.path), str(shelf.root / "nb.ipynb")]
    files = [CheckpointFile(QuickDisk(), place, str(shelf.stored)) for place in places]
    assert {file.read(shelf.known) for file in files} & MAY_BE[step]
    for file, place in zip(files, places, strict=True):
        file.remove(shelf.known, shelf.keep)
        scratch = Scratch(QuickDisk(), place)
        scratch.clear()
        scratch.tidy()
    assert shelf.kept == []
    left = [name for name in shelf.everything() if "checkpoint.ipynb." not in name]
    assert left in (["notebooks/nb.ipynb"], ["notebooks/deep/other.ipynb"])
