"""Whatever step a kill -9 comes at, an archive holds what it held before, or what it is to hold."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_crdt_autosave.storage.archive import Archive
from jupyter_crdt_autosave.storage.checking import verify
from jupyter_crdt_autosave.storage.moment import written
from tests.storage.archives import NOON, baseline, cell, content, draft, opened, sources
from tests.storage.killed import LATER, OPERATIONS
from tests.storage.test_formats import FIRST

ROOT = Path(__file__).parents[2]

State = dict[str, list[tuple[object, ...]]]
"""All that can be seen of an archive."""


def fill(archive: Archive) -> None:
    """Much to be thinned, swept and cleared, in a document that has things in common with another.

    Some outside edits of one burst, and more of a kind that is not thinned than are kept.
    """
    archive.keep_versions("d", [draft(content("mine", cell("large", 9000)), name="mine")])
    for number in range(12):
        at = written(1_772_366_400.0 + 60 * number)
        sides = [
            draft(content("same", f"{number}"), at, "external", side="document"),
            draft(content("same", f"{number} theirs"), at, "external", side="file"),
        ]
        archive.keep_versions("d", sides)
    for number in range(55):
        at = written(1_772_366_400.0 + number)
        archive.keep_versions("d", [draft(content("same", f"x{number}"), at, "conflict")])
    archive.keep_baseline("d", baseline(content("base", cell("large", 9000))))
    archive.keep_versions("e", [draft(content("other", cell("large", 9000), "same"))])
    archive.keep_versions("gone", [draft(content(f"gone {n}", "same"), NOON) for n in range(6)])
    archive.forget("gone")


def state(path: Path) -> State:
    """Everything, read back."""
    with opened(path) as archive:
        found: State = {}
        for document in "de":
            found[document] = [
                (each.kind, each.side, each.name, each.created, *_sources(archive, each.id))
                for each in archive.versions(document)
            ]
            found[f"bases of {document}"] = [
                (each.at, *sources(each.content), *sources(each.document))
                for each in archive.baselines(document, "")
            ]
        return found


def _sources(archive: Archive, id: str) -> list[str]:
    return sources(archive.read_version(id)[1])


def killed(scratch: Path, template: Path, operation: str) -> tuple[Path, list[Path]]:
    """Do something to copies of an archive: the one that was not killed, and all that were."""
    folder = scratch / operation
    folder.mkdir()
    command = [sys.executable, "-m", "tests.storage.killed", str(template), str(folder), operation]
    subprocess.run(command, cwd=ROOT, check=True)
    copies = [each / "archive.db" for each in folder.iterdir() if each.name != "done"]
    return folder / "done" / "archive.db", copies


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name != "look"])
def test_old_or_new_but_nothing_between(scratch: Path, operation: str) -> None:
    template = scratch / "template.db"
    with opened(template) as archive:
        fill(archive)
        if operation in ("keep", "baseline"):
            # Otherwise done by the way, as a step of its own.
            archive.thin("d", LATER)
    done, copies = killed(scratch, template, operation)
    before, after = state(template), state(done)
    assert (before != after) == (operation != "sweep")
    assert len(copies) > 10
    found_before = 0
    for copy in copies:
        assert verify(str(copy.parent)).findings == ()
        found = state(copy)
        assert found in (before, after)
        found_before += found == before
        with opened(copy) as archive:
            archive.sweep()
        assert state(copy) == found
    assert found_before > 5


def test_what_a_kill_left_of_a_purge_is_purged_by_the_next(scratch: Path) -> None:
    template = scratch / "template.db"
    with opened(template) as archive:
        fill(archive)
        archive.keep_versions("d", [draft(content("a secret"), name="my secret")])
    done, copies = killed(scratch, template, "purge")
    assert b"secret" in template.read_bytes()
    for copy in copies:
        with opened(copy) as archive:
            archive.purge("d")
        assert not any(b"secret" in each.read_bytes() for each in copy.parent.iterdir())
        assert state(copy) == state(done)


def test_a_migration_is_done_or_not(scratch: Path) -> None:
    template = scratch / "template.db"
    with closing(sqlite3.connect(template)) as db:
        db.executescript(FIRST)
    done, copies = killed(scratch, template, "look")
    assert len(copies) > 10
    for copy in copies:
        assert verify(str(copy.parent)).findings == ()
        assert state(copy) == state(done)
        with opened(copy) as archive:
            assert archive.sweep() == 0
        assert state(copy) == state(done)


def test_later_is_late_enough() -> None:
    """Or nothing would be thinned."""
    assert written(1_772_366_400.0 + 31 * 86400) < LATER
