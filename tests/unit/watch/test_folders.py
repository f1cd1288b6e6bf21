"""Folders that are deleted, moved, and made anew under the notebooks in them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from jupyter_crdt_autosave.file import watch as module
from jupyter_crdt_autosave.file.watch import Watch

from ...storage.documents import until
from .ear import NAME, Ear, Slow, settle, watches


def test_a_folder_that_is_deleted_is_told_and_watched_when_it_is_back(
    watch: Watch, path: Path, ear: Ear
) -> None:
    followed = watch.follow(str(path), ear)
    ear.hears(lambda: shutil.rmtree(path.parent))
    until(lambda: not followed.active)
    ear.hears(path.parent.mkdir)
    until(lambda: followed.active)
    ear.hears(lambda: path.write_text("new"))
    settle(watch, path.parent)
    assert watches(path.parent) == 1


def test_a_folder_that_is_deleted_and_made_at_once_is_watched(
    watch: Watch, path: Path, ear: Ear
) -> None:
    """The new folder may well have the inode of the old one."""
    followed = watch.follow(str(path), ear)
    for _ in range(10):
        shutil.rmtree(path.parent)
        path.parent.mkdir()
        until(lambda: followed.active and watches(path.parent) == 1)
        again = watch.follow(str(path), Ear())
        assert again.active
        again.close()
        ear.hears(lambda: path.write_text("new"))


def test_the_end_of_a_folder_ends_its_watch_though_its_thread_may_linger(
    watch: Watch, path: Path, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else tells the old folder from the new one if that has the same inode."""
    monkeypatch.setattr(module, "_watched", lambda folder, observer: folder.watch is not None)
    monkeypatch.setattr(module, "_identity", lambda path: (os.stat(path).st_dev, 1))
    slow, other = Slow(), path.parent.with_name("other.ipynb")
    watch.follow(str(other), slow)
    followed = watch.follow(str(path), ear)
    slow.hears(other.touch)
    shutil.rmtree(path.parent)
    path.parent.mkdir()
    slow.may.set()
    until(lambda: followed.active and watches(path.parent) == 1)
    settle(watch, path.parent)
    ear.hears(path.touch)


def test_a_folder_that_is_moved_is_told_and_no_longer_watched(
    watch: Watch, path: Path, ear: Ear
) -> None:
    followed = watch.follow(str(path), ear)
    away = path.parent.with_name("away")
    ear.hears(lambda: path.parent.rename(away))
    until(lambda: not followed.active and watches(away) == 0)
    ear.hears(lambda: away.rename(path.parent))
    until(lambda: followed.active)
    ear.hears(path.touch)


def test_a_folder_that_takes_the_place_of_another_is_watched_instead(
    watch: Watch, path: Path, ear: Ear
) -> None:
    followed = watch.follow(str(path), ear)
    folder, away = path.parent, path.parent.with_name("away")
    (folder.parent / "other").mkdir()
    folder.rename(away)
    (folder.parent / "other").rename(folder)
    until(lambda: followed.active and watches(folder) == 1 and watches(away) == 0)
    settle(watch, folder)
    before = ear.calls
    (away / NAME).touch()
    settle(watch, folder)
    assert ear.calls == before
    ear.hears(path.touch)


def test_following_again_finds_a_folder_whose_parents_were_made_anew(
    watch: Watch, tmp_path: Path, ear: Ear
) -> None:
    path = tmp_path / "a" / "b" / "c" / NAME
    path.parent.mkdir(parents=True)
    followed = watch.follow(str(path), ear)
    shutil.rmtree(tmp_path / "a")
    until(lambda: not followed.active)
    path.parent.mkdir(parents=True)
    other = Ear()
    assert watch.follow(str(path), other).active
    assert followed.active
    ear.hears(lambda: other.hears(path.touch))
    ear.hears(lambda: shutil.rmtree(path.parent))
    until(lambda: not followed.active)
    ear.hears(path.parent.mkdir)
    until(lambda: followed.active)


def test_following_again_finds_a_folder_that_was_moved_with_its_parents(
    watch: Watch, tmp_path: Path, ear: Ear
) -> None:
    path = tmp_path / "a" / "b" / "c" / NAME
    path.parent.mkdir(parents=True)
    watch.follow(str(path), Ear())
    (tmp_path / "a").rename(tmp_path / "away")
    path.parent.mkdir(parents=True)
    assert watch.follow(str(path), ear).active
    ear.hears(path.touch)
    assert watches(tmp_path / "away" / "b" / "c") == 0


def test_following_again_finds_a_folder_whose_watch_has_died(
    watch: Watch, path: Path, ear: Ear
) -> None:
    followed = watch.follow(str(path), ear)
    assert watch._observer is not None
    for emitter in list(watch._observer.emitters):
        emitter.stop()
        emitter.join(20)
    until(lambda: watches(path.parent) == 0)
    other = Ear()
    assert watch.follow(str(path), other).active
    assert watches(path.parent) == 1
    ear.hears(lambda: other.hears(path.touch))
    assert followed.active


def test_a_folder_that_comes_later_is_watched(watch: Watch, tmp_path: Path, ear: Ear) -> None:
    path = tmp_path / "later" / NAME
    followed = watch.follow(str(path), ear)
    assert not followed.active
    ear.hears(path.parent.mkdir)
    until(lambda: followed.active)
    ear.hears(path.touch)


def test_a_link_in_the_place_of_a_folder_is_not_watched(watch: Watch, path: Path, ear: Ear) -> None:
    followed = watch.follow(str(path), ear)
    folder, away = path.parent, path.parent.with_name("away")
    folder.rename(away)
    ear.hears(lambda: folder.symlink_to(away))
    until(lambda: not followed.active)
    other = Ear()
    assert watch.follow(str(path), other).active
    other.hears((away / NAME).touch)
