"""Several use one archive at the same time, and some of them die."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_crdt_autosave.model import Version
from jupyter_crdt_autosave.storage.archive import Archive
from tests.storage.archives import draft, opened, sources
from tests.storage.keeper import SHARED, TOGETHER, notebook

ROOT = Path(__file__).parents[2]
ENDLESS = 10**9

Start = Callable[[str, int], "subprocess.Popen[str]"]


@pytest.fixture
def path(scratch: Path) -> Path:
    """Where an archive is going to be."""
    return scratch / "store" / "archive.db"


@pytest.fixture
def start(path: Path) -> Iterator[Start]:
    """Starts processes that keep versions, and ends them."""
    processes: list[subprocess.Popen[str]] = []

    def start(name: str, count: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.storage.keeper", str(path), name, str(count)]
        processes.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        return processes[-1]

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
            process.communicate()


def check(archive: Archive, document: str) -> dict[str, Version]:
    """Read every version of a document and compare it with what was kept; all by their ids."""
    found = archive.versions(document)
    for version in found:
        listed, back = archive.read_version(version.id)
        assert listed == version
        if version.details:
            assert back == notebook(version.details["name"], version.details["number"])
        else:
            assert len(sources(back)) == 2
    return {version.id: version for version in found}


def test_two_archives_in_two_threads_keep_all(path: Path) -> None:
    def work(name: str) -> list[str]:
        ids = []
        with opened(path) as archive:
            for number in range(25):
                made = notebook(name, number)
                ids += [v.id for v in archive.keep_versions(name, [draft(made)])]
                ids += [v.id for v in archive.keep_versions("other", [draft(made)])]
                archive.forget("other")
                if number % 3 == 0:
                    archive.sweep()
        return ids

    with ThreadPoolExecutor(2) as threads:
        made = dict(zip("ab", threads.map(work, "ab"), strict=True))
    with opened(path) as archive:
        for name in "ab":
            kept = [version.id for version in archive.versions(name)][::-1]
            assert kept == made[name][::2]
            for number, id in enumerate(kept):
                assert archive.read_version(id)[1] == notebook(name, number)


def test_two_processes_keep_all(path: Path, start: Start) -> None:
    one, two = start("one", 30), start("two", 30)
    said = {"one": one.communicate()[0], "two": two.communicate()[0]}
    assert one.returncode == two.returncode == 0
    with opened(path) as archive:
        for name, lines in said.items():
            found = check(archive, name)
            numbers = {found[id].details["number"] for id in lines.split()[1::2]}
            assert numbers == set(range(30))
            assert len(found) == 30 * TOGETHER
            assert archive.baselines(name, "")[0].content == notebook(name, 29)
        shared = check(archive, SHARED).values()
        assert sorted((v.details["name"], v.details["number"]) for v in shared) == [
            (name, number) for name in ("one", "two") for number in range(30)
        ]


@pytest.mark.parametrize("seed", range(6))
def test_after_a_kill_every_version_is_whole(path: Path, start: Start, seed: int) -> None:
    process = start("killed", ENDLESS)
    assert process.stdout is not None
    chance = random.Random(seed)
    lines = [process.stdout.readline() for _ in range(chance.randrange(1, 12))]
    # Wherever in the next one it is by then.
    for _ in range(chance.randrange(200_000)):
        pass
    process.send_signal(signal.SIGKILL)
    lines += process.communicate()[0].splitlines(keepends=True)
    said = [line.split()[1] for line in lines if line.endswith("\n")]
    with opened(path) as archive:
        found = check(archive, "killed")
        assert set(said) <= set(found)
        assert len(found) % TOGETHER == 0
        assert len(found) // TOGETHER - len(said) in (0, 1)
        check(archive, SHARED)
        assert archive.sweep() >= 0
        assert check(archive, "killed") == found
        (again,) = archive.keep_versions("killed", [draft(notebook("killed", 0))])
        assert archive.read_version(again.id)[1] == notebook("killed", 0)
