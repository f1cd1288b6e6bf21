"""What a notebook's status tells, and which events reach those who listen."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest
from jupyter_events import EventLogger
from jupyter_events.schema import EventSchema

import jupyter_crdt_autosave
from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.errors import (
    AutosaveError,
    ExportFailed,
    FileMissing,
    FileUnavailable,
    FormatTooNew,
    JournalFailed,
    NotebookTooNew,
    NotebookUnreadable,
    NotOpen,
    StoreUnavailable,
)
from jupyter_crdt_autosave.handlers import BASE, status_of
from tests.contract.test_wire import golden
from tests.support.client import Client, until
from tests.support.inside import serving
from tests.support.loop import in_loop

TOPIC = "https://schema.jupyter.org/jupyter_crdt_autosave/{}/v1"
SCHEMAS = sorted((Path(jupyter_crdt_autosave.__file__).parent / "events").glob("*.yaml"))
REPORTS = {
    "autosave": ["deferred", "resumed", "checkpoint", "cleared", "checkpoint_failing"],
    "document": ["set_aside"],
    "export": ["done", "failing"],
    "file": ["ingested", "merged", "conflict", "unreadable"],
    "journal": ["failing", "kept", "damaged"],
    "recovery": ["offered", "restored", "discarded", "settled"],
    "version": ["kept", "refused", "renamed", "removed", "restored"],
}


def shape(value: Any) -> Any:
    """Keys and types of an answer; null stands for any type."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, bool):
        return bool
    return (int, float) if isinstance(value, (int, float)) else type(value)


def fits(answer: Any, wanted: Any) -> bool:
    """Whether an answer has the shape of a golden one; either side may be null."""
    if answer is None or wanted is None:
        return True
    if isinstance(wanted, dict):
        same_keys = isinstance(answer, dict) and list(answer) == list(wanted)
        return same_keys and all(fits(answer[key], wanted[key]) for key in wanted)
    return bool(shape(answer) == shape(wanted))


@in_loop
async def test_the_status_of_an_open_notebook_is_shaped_as_the_front_end_expects(
    home: Path,
) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            fresh = await server.status("nb.ipynb")
            assert fits(fresh, golden("status.json"))
            assert (fresh["path"], fresh["unsaved"]) == ("nb.ipynb", False)
            client.type(0, "b")
            await client.save()
            saved = await server.status("nb.ipynb")
            assert fits(saved, golden("status.json"))
            assert saved["last_save"] is not None
            assert saved["lineage"] == fresh["lineage"]


@in_loop
async def test_the_status_after_an_autosave_tells_when_it_was(home: Path) -> None:
    async with serving(home, CRDTAutosave={"interval": 1.0}) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            client.type(0, "b")
            await until(lambda: server.sources("nb.ipynb") == ["ab"])
            await until(lambda: server.room("nb.ipynb").live.status().last_autosave)
            status = await server.status("nb.ipynb")
            assert fits(status, golden("status.json"))
            assert status["last_autosave"]["target"] == "notebook"


@in_loop
async def test_a_notebook_that_is_not_open_has_no_status(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        answer = await server.request("GET", f"{BASE}/status/nb.ipynb")
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.json()["reason"] == "not_open"
        assert "nb.ipynb" in answer.json()["message"]


@in_loop
async def test_a_notebook_that_was_evicted_has_no_status(home: Path) -> None:
    async with serving(home, YDocExtension={"document_cleanup_delay": 0.05}) as server:
        server.write("nb.ipynb", "a")
        async with Client(server, "nb.ipynb").connected():
            assert (await server.request("GET", f"{BASE}/status/nb.ipynb")).status_code == 200
        await until(lambda: not server.rooms)
        answer = await server.request("GET", f"{BASE}/status/nb.ipynb")
        assert answer.json()["reason"] == "not_open"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotOpen(), 404),
        (FileMissing(), 404),
        (FileUnavailable(), 400),
        (NotebookTooNew(), 400),
        (NotebookUnreadable("", "json"), 400),
        (ExportFailed(), 507),
        (JournalFailed(), 507),
        (StoreUnavailable(), 507),
        (FormatTooNew(), 507),
        (AutosaveError(), 500),
    ],
)
def test_every_error_has_its_http_status(error: AutosaveError, status: int) -> None:
    assert status_of(error) == status


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_every_schema_of_an_event_is_valid(path: Path) -> None:
    schema = EventSchema(path)
    assert schema.id == TOPIC.format(path.stem)


def test_every_topic_that_is_reported_has_a_schema() -> None:
    assert [path.stem for path in SCHEMAS] == sorted(REPORTS)


@pytest.mark.parametrize(
    ("topic", "event"), [(topic, event) for topic, events in REPORTS.items() for event in events]
)
@pytest.mark.parametrize("reason", [None, "why"])
def test_everything_that_is_reported_is_a_valid_event(
    topic: str, event: str, reason: str | None
) -> None:
    logger = EventLogger()
    logger.register_event_schema(SCHEMAS[sorted(REPORTS).index(topic)])
    logger.emit(
        schema_id=TOPIC.format(topic), data={"path": "nb.ipynb", "event": event, "reason": reason}
    )


@in_loop
async def test_a_journal_that_fails_and_recovers_is_told(home: Path) -> None:
    blocked = home / "store"
    blocked.write_text("in the way")
    async with serving(home, CRDTAutosave={"store_path": str(blocked)}) as server:
        server.write("nb.ipynb", "a")
        events = server.listen(TOPIC.format("journal"))
        client = Client(server, "nb.ipynb")
        async with client.connected():
            await until(lambda: events)
            assert events[0]["event"] == "failing"
            assert events[0]["path"] == "nb.ipynb"
            assert events[0]["reason"]
            status = await server.status("nb.ipynb")
            assert fits(status, golden("status-not-kept.json"))
            assert status["journal"]["healthy"] is False
            client.type(0, "b")
            await until(lambda: client.notebook.dirty)
            blocked.unlink()
            await until(lambda: len(events) > 1)
            assert [event["event"] for event in events] == ["failing", "kept"]
            assert (await server.status("nb.ipynb"))["journal"]["healthy"] is True
            await until(lambda: not client.notebook.dirty)
        folder = server.room("nb.ipynb").live.folder
    assert folder.startswith(str(blocked))


@in_loop
async def test_a_full_disk_and_its_end_are_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = False

    def write(fd: int, data: bytes) -> int:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data)

    real = OSDisk.write
    monkeypatch.setattr(OSDisk, "write", staticmethod(write))
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        journal = server.listen(TOPIC.format("journal"))
        export = server.listen(TOPIC.format("export"))
        client = Client(server, "nb.ipynb")
        async with client.connected():
            full = True
            client.type(0, "b")
            reply = await client.save()
            assert reply["status"] == "failed"
            assert "No space left" in reply["reason"]
            await until(lambda: journal and export)
            assert [event["event"] for event in journal] == ["failing"]
            assert [event["event"] for event in export] == ["failing"]
            status = await server.status("nb.ipynb")
            assert "No space left" in status["journal"]["error"]
            assert "No space left" in status["export_error"]
            full = False
            await until(lambda: len(journal) == 2)
            assert (await client.save())["status"] == "success"
            await until(lambda: len(export) == 2)
            assert [event["event"] for event in journal] == ["failing", "kept"]
            assert [event["event"] for event in export] == ["failing", "done"]
            assert (await server.status("nb.ipynb"))["export_error"] is None
    assert server.sources("nb.ipynb") == ["ab"]


@in_loop
async def test_a_change_of_the_file_by_another_program_is_told(home: Path) -> None:
    async with serving(home) as server:
        path = server.write("nb.ipynb", "a")
        events = server.listen(TOPIC.format("file"))
        client = Client(server, "nb.ipynb")
        async with client.connected():
            changed = json.loads(path.read_text())
            changed["cells"][0]["source"] = "changed outside"
            path.write_text(json.dumps(changed))
            await until(lambda: events)
            assert events[0]["event"] == "ingested"
            await until(lambda: client.sources == ["changed outside"])
