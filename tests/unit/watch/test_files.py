"""What happens to a notebook's file is told, with real files and the system's own events."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jupyter_crdt_autosave.file.watch import Watch

from ...storage.documents import until
from .ear import NAME, Ear, marks, replace, settle, watches


def truncate(path: Path) -> None:
    os.truncate(path, 1)


def rename(path: Path) -> None:
    path.rename(path.with_name("other.ipynb"))


def move_away(path: Path) -> None:
    path.rename(path.parent.parent / NAME)


def link(path: Path) -> None:
    path.with_name("target").write_text("new")
    path.unlink()
    path.symlink_to("target")


CHANGES: list[Callable[[Path], Any]] = [
    replace,
    truncate,
    rename,
    move_away,
    link,
    Path.touch,
    Path.unlink,
    lambda path: path.write_text("new"),
    lambda path: path.chmod(0o600),
    lambda path: os.utime(path, (1, 1)),
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_happens_to_the_file_is_told(
    watch: Watch, path: Path, ear: Ear, change: Callable[[Path], Any]
) -> None:
    assert watch.follow(str(path), ear).active
    ear.hears(lambda: change(path))


def test_a_file_that_is_replaced_time_and_again_is_still_followed(
    watch: Watch, path: Path, ear: Ear
) -> None:
    watch.follow(str(path), ear)
    for _ in range(5):
        ear.hears(lambda: replace(path))
        settle(watch, path.parent)


def test_a_file_that_comes_into_being_is_told(watch: Watch, folder: Path, ear: Ear) -> None:
    followed = watch.follow(str(folder / NAME), ear)
    assert followed.active
    ear.hears(lambda: (folder / NAME).write_text("new"))


def test_a_file_that_is_moved_in_is_told(watch: Watch, folder: Path, ear: Ear) -> None:
    (folder.parent / "elsewhere").write_text("new")
    watch.follow(str(folder / NAME), ear)
    ear.hears(lambda: (folder.parent / "elsewhere").rename(folder / NAME))


def test_each_piece_of_a_slow_write_is_told_and_its_end(watch: Watch, path: Path, ear: Ear) -> None:
    watch.follow(str(path), ear)
    with open(path, "wb", buffering=0) as file:
        settle(watch, path.parent)
        for piece in (b"{", b'"cells"', b"}"):
            ear.hears(partial(file.write, piece))
            settle(watch, path.parent)
        ear.hears(file.close)


def test_reading_is_not_told(watch: Watch, path: Path, ear: Ear) -> None:
    watch.follow(str(path), ear)
    for _ in range(3):
        assert path.read_text() == "old"
        assert os.listdir(path.parent) == [NAME]
    settle(watch, path.parent)
    assert ear.calls == 0


def test_other_names_are_not_told(watch: Watch, path: Path, ear: Ear) -> None:
    watch.follow(str(path), ear)
    folder = path.parent
    for name in (f".~{NAME}", f"{NAME}x", NAME.upper(), "b.ipynb", NAME[1:]):
        (folder / name).write_text("new")
        replace(folder / name)
        (folder / name).rename(folder / "gone")
        (folder / "gone").unlink()
    (folder / ".autosave").mkdir()
    (folder / ".autosave" / NAME).write_text("new")
    (folder / ".autosave" / NAME).unlink()
    (folder.parent / NAME).write_text("new")
    settle(watch, folder)
    assert ear.calls == 0


@pytest.mark.parametrize(
    "name",
    ["ünï 笔记 📓.ipynb", "[a-z]*?{b}.ipynb", "back\\slash\n'\".ipynb", os.fsdecode(b"\xff.ipynb")],
)
def test_a_name_is_a_name_whatever_is_in_it(
    watch: Watch, tmp_path: Path, ear: Ear, name: str
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    assert watch.follow(str(folder / name), ear).active
    ear.hears((folder / name).touch)
    settle(watch, folder)
    before = ear.calls
    (folder / "a.ipynb").touch()
    settle(watch, folder)
    assert ear.calls == before


def test_a_folder_that_is_reached_through_a_link_is_watched(
    watch: Watch, path: Path, ear: Ear
) -> None:
    link = path.parent.parent / "link"
    link.symlink_to(path.parent)
    assert watch.follow(str(link / NAME), ear).active
    ear.hears(path.touch)
    assert watches(path.parent) == 1


def test_notebooks_of_one_folder_share_its_watch_to_the_last(watch: Watch, folder: Path) -> None:
    ears = {name: Ear() for name in ("a", "b", "c")}
    followed = {name: watch.follow(str(folder / name), ear) for name, ear in ears.items()}
    ears["a"].hears((folder / "a").touch)
    settle(watch, folder)
    assert (ears["b"].calls, ears["c"].calls) == (0, 0)
    assert watches(folder) == watches(folder.parent) == 1
    followed["a"].close()
    followed["b"].close()
    ears["c"].hears((folder / "c").touch)
    assert watches(folder) == 1
    followed["c"].close()
    until(lambda: watches(folder) == watches(folder.parent) == 0)
    assert watch.follow(str(folder / "a"), ears["a"]).active
    ears["a"].hears((folder / "a").touch)


def test_a_folder_and_the_one_above_it_share_watches(watch: Watch, path: Path, ear: Ear) -> None:
    above = Ear()
    first = watch.follow(str(path.parent.parent / "above.ipynb"), above)
    second = watch.follow(str(path), ear)
    assert watches(path.parent.parent) == 1
    second.close()
    until(lambda: watches(path.parent) == 0)
    assert first.active
    above.hears((path.parent.parent / "above.ipynb").touch)
    assert ear.calls == 0


def test_two_who_follow_one_file_are_both_told(watch: Watch, path: Path, ear: Ear) -> None:
    other = Ear()
    followed = watch.follow(str(path), other)
    before = marks(path.parent)
    watch.follow(str(path), ear)
    assert marks(path.parent) == before, "Between two watches a change would be missed."
    other.hears(lambda: ear.hears(path.touch))
    followed.close()
    settle(watch, path.parent)
    told = other.calls
    ear.hears(path.touch)
    settle(watch, path.parent)
    assert other.calls == told


def test_nothing_is_told_after_close(watch: Watch, path: Path, ear: Ear) -> None:
    followed = watch.follow(str(path), ear)
    followed.close()
    followed.close()
    assert not followed.active
    replace(path)
    settle(watch, path.parent)
    assert ear.calls == 0
