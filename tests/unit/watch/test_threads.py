"""Those who are told, and the end, on several threads."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from jupyter_crdt_autosave.file.watch import Followed, Watch

from ...storage.documents import until
from .ear import LOG, NAME, Ear, Slow, said, settle, watches


def test_one_who_raises_keeps_nobody_else_from_being_told(
    watch: Watch, path: Path, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ValueError("not today")

    watch.follow(str(path), fail)
    watch.follow(str(path), ear)
    for _ in range(3):
        ear.hears(path.touch)
        settle(watch, path.parent)
    assert "not today" in caplog.text
    assert str(path.parent) in caplog.text


def test_one_who_is_slow_does_not_keep_anybody_from_following(
    watch: Watch, path: Path, ear: Ear
) -> None:
    slow = Slow()
    watch.follow(str(path), slow)
    slow.hears(path.touch)
    followed = watch.follow(str(path.with_name("b")), ear)
    watch.follow(str(path.parent.parent / "c"), ear).close()
    assert followed.active
    path.with_name("b").touch()
    assert ear.calls == 0
    slow.may.set()
    until(lambda: ear.calls > 0)


def test_one_who_is_closed_while_another_is_told_is_not_told(
    watch: Watch, path: Path, ear: Ear
) -> None:
    class Closing(Ear):
        def __call__(self) -> None:
            followed.close()
            super().__call__()

    closing = Closing()
    watch.follow(str(path), closing)
    followed = watch.follow(str(path), ear)
    closing.hears(path.touch)
    settle(watch, path.parent)
    assert ear.calls == 0


def test_nothing_runs_before_the_first_file_and_after_the_end(path: Path, ear: Ear) -> None:
    before = set(threading.enumerate())
    watch = Watch(LOG)
    assert set(threading.enumerate()) <= before
    followed = watch.follow(str(path), ear)
    ear.hears(path.touch)
    ours = set(threading.enumerate()) - before
    assert ear.threads <= ours
    assert all(thread.daemon for thread in ours)
    watch.stop()
    watch.stop()
    until(lambda: not any(thread.is_alive() for thread in ours))
    assert not followed.active
    assert watches(path.parent) == 0
    followed.close()


def test_nothing_is_told_and_nothing_begun_after_the_end(
    path: Path, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    watch = Watch(LOG)
    watch.follow(str(path), ear)
    watch.stop()
    path.touch()
    late = watch.follow(str(path.parent.parent / NAME), ear)
    assert not late.active
    until(lambda: watches(path.parent) == 0)
    assert ear.calls == 0
    assert said(caplog) == []


def test_a_watch_that_was_never_used_ends(path: Path, ear: Ear) -> None:
    before = set(threading.enumerate())
    watch = Watch(LOG)
    watch.stop()
    assert not watch.follow(str(path), ear).active
    assert set(threading.enumerate()) <= before


def test_the_end_does_not_wait_for_one_who_is_slow(path: Path) -> None:
    watch = Watch(LOG)
    slow = Slow()
    watch.follow(str(path), slow)
    slow.hears(path.touch)
    watch.stop()
    assert not slow.may.is_set()
    slow.may.set()
    until(lambda: watches(path.parent) == 0)


def test_files_come_and_go_on_many_threads_while_they_change(watch: Watch, tmp_path: Path) -> None:
    paths = [tmp_path / f"{index}" / "deep" / NAME for index in range(3)]

    def work(path: Path) -> None:
        kept: list[Followed] = []
        for _ in range(15):
            path.parent.mkdir(parents=True, exist_ok=True)
            kept.append(watch.follow(str(path), lambda: None))
            path.write_text("new")
            watch.follow(str(path.with_name("b")), lambda: None).close()
            shutil.rmtree(path.parent)
        for followed in kept:
            followed.close()

    threads = [threading.Thread(target=work, args=(path,), daemon=True) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    until(
        lambda: watches(tmp_path) == 0 and all(watches(path.parent.parent) == 0 for path in paths)
    )
    for path in paths:
        path.parent.mkdir(parents=True)
        ear = Ear()
        assert watch.follow(str(path), ear).active
        ear.hears(path.touch)
