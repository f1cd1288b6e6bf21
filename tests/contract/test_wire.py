"""Answers as the front end expects them: it is tested against the same files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_crdt_autosave.merge.comparison import CellChange
from jupyter_crdt_autosave.model import JournalHealth, Saved, Status
from jupyter_crdt_autosave.room.offer import Offer, Source, told

GOLDEN = Path(__file__).parent / "wire"

STATUS = Status(
    path="work/analysis.ipynb",
    lineage="4503599627370497",
    unsaved=True,
    kernel="idle",
    deferred=None,
    due_at="2026-03-01T09:15:41.000Z",
    last_autosave=Saved("2026-03-01T09:15:30.250000Z"),
    last_save="2026-03-01T09:10:02Z",
    journal=JournalHealth(healthy=True, error=None, lag=0.0123),
    export_error=None,
)
DEFERRED = replace(STATUS, kernel="busy", deferred="2026-03-01T09:15:41.000Z", due_at=None)
NOT_KEPT = Status(
    path="work/analysis.ipynb",
    lineage="4503599627370497",
    unsaved=True,
    kernel="none",
    deferred=None,
    due_at="2026-03-01T09:15:41.000Z",
    last_autosave=None,
    last_save=None,
    journal=JournalHealth(healthy=False, error="No space left on device", lag=12.5),
    export_error="No space left on device",
)


def golden(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("status.json", STATUS),
        ("status-deferred.json", DEFERRED),
        ("status-not-kept.json", NOT_KEPT),
    ],
)
def test_a_status_is_sent_as_in_the_golden_file(name: str, status: Status) -> None:
    assert json.loads(json.dumps(status.to_json())) == golden(name)


def test_every_golden_file_has_its_test() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {
        "status.json",
        "status-deferred.json",
        "status-not-kept.json",
        "recovery.json",
        "recovery-none.json",
    }


def _change(told_of: dict[str, Any]) -> CellChange:
    """The change that is told so."""
    return CellChange(**told_of, edit=True)


def test_an_offer_is_told_as_the_front_end_expects_it() -> None:
    wanted = json.loads((GOLDEN / "recovery.json").read_text(encoding="utf-8"))
    standing = Offer(
        id=wanted["id"],
        source=Source(wanted["source"]),
        recovered={},
        file={},
        listed=tuple(map(_change, wanted["changes"])),
        recovered_at=wanted["recovered_at"],
        file_modified=wanted["file_modified"],
    )
    assert told(wanted["path"], standing) == wanted


def test_so_is_that_there_is_none() -> None:
    wanted = json.loads((GOLDEN / "recovery-none.json").read_text(encoding="utf-8"))
    assert told(wanted["path"], None) == wanted
