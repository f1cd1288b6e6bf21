"""Our app stands in the host's own extension point, or nowhere."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from jupyter_server.extension.manager import ExtensionPackage
from jupyter_server_ydoc.app import YDocExtension
from jupyter_server_ydoc.stores import SQLiteYStore, TempFileYStore

from jupyter_crdt_autosave.app import AutosaveYDocExtension
from jupyter_crdt_autosave.link import HOST, REMEDY, RIVAL, link
from tests.support.client import Client
from tests.support.inside import EXTENSIONS, serving
from tests.support.loop import in_loop


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged as an error."""
    return [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


@pytest.fixture
def rival(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that stands for jupyter-server-documents."""
    module: Any = ModuleType(RIVAL)
    module._jupyter_server_extension_points = lambda: [{"module": RIVAL}]
    module._load_jupyter_server_extension = lambda serverapp: None
    monkeypatch.setitem(sys.modules, RIVAL, module)


@in_loop
async def test_the_host_stays_enabled_and_the_app_in_its_point_is_ours(home: Path) -> None:
    async with serving(home) as server:
        manager = server.app.extension_manager
        assert manager.extensions[HOST].enabled
        assert type(server.extension) is AutosaveYDocExtension
        assert isinstance(server.extension, YDocExtension)
        assert manager.extension_points[HOST].app is server.extension


@in_loop
async def test_there_is_exactly_one_app(home: Path) -> None:
    async with serving(home) as server:
        apps = server.app.extension_manager.extension_apps
        assert [
            app for found in apps.values() for app in found if isinstance(app, YDocExtension)
        ] == [server.extension]


@in_loop
async def test_the_settings_that_others_look_for_are_as_before(home: Path) -> None:
    names = ["collaborative_file_poll_interval", "collaborative_document_cleanup_delay"]
    async with serving(home, extensions={HOST: True, "jupyter_server_fileid": True}) as server:
        assert type(server.extension) is YDocExtension
        stock = dict(server.settings["jupyter_server_ydoc_config"])
        stock_settings = {name: server.settings[name] for name in names}
    async with serving(home) as server:
        assert dict(server.settings["jupyter_server_ydoc_config"]) == stock
        assert {name: server.settings[name] for name in names} == stock_settings
        assert server.settings["page_config_data"]["disableRTC"] is False


@in_loop
async def test_the_configuration_of_the_host_applies(home: Path) -> None:
    config = {"document_cleanup_delay": 7.0, "disable_rtc": True, "file_poll_interval": 2.0}
    async with serving(home, YDocExtension=config) as server:
        settings = server.settings["jupyter_server_ydoc_config"]
        assert {name: settings[name] for name in config} == config
        assert {name: getattr(server.extension, name) for name in config} == config
        assert server.settings["page_config_data"]["disableRTC"] is True


@in_loop
async def test_the_command_line_of_the_host_applies(home: Path) -> None:
    async with serving(home, "--YDocExtension.document_cleanup_delay=9") as server:
        assert server.extension.document_cleanup_delay == 9


@in_loop
async def test_a_configured_store_of_text_files_is_left_as_configured(home: Path) -> None:
    async with serving(home, YDocExtension={"ystore_class": TempFileYStore}) as server:
        assert server.extension.ystore_class is TempFileYStore


@in_loop
async def test_the_store_of_text_files_is_configured_as_the_hosts(home: Path) -> None:
    config = {"squash_after_inactivity_of": 3600, "db_path": str(home / "elsewhere.db")}
    async with serving(home, SQLiteYStore=config) as server:
        store = server.extension.ystore_class(path="x")
        assert issubclass(server.extension.ystore_class, SQLiteYStore)
        assert store.db_path == str(home / "elsewhere.db")
        assert store.squash_after_inactivity_of == 3600


@in_loop
async def test_where_another_keeps_notebooks_nothing_is_registered_or_written(
    home: Path, rival: None, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(home, extensions={**EXTENSIONS, RIVAL: True}) as server:
        assert type(server.extension) is YDocExtension
        assert server.settings["page_config_data"]["crdtAutosaveConflict"] == REMEDY
        assert (
            await server.request("GET", "/api/crdt-autosave/status/nb.ipynb")
        ).status_code == 404
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            client.type(0, "b")
        assert not server.store.exists()
    (complaint,) = complaints(caplog)
    assert REMEDY in complaint


@in_loop
async def test_another_that_is_not_enabled_is_no_reason_to_stay_away(
    home: Path, rival: None, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(home, extensions={**EXTENSIONS, RIVAL: False}) as server:
        assert type(server.extension) is AutosaveYDocExtension
        assert "crdtAutosaveConflict" not in server.settings.get("page_config_data", {})
    assert complaints(caplog) == []


@in_loop
async def test_where_the_host_is_disabled_one_line_says_what_to_do(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(home, extensions={**EXTENSIONS, HOST: False}) as server:
        assert "jupyter_server_ydoc" not in server.settings
        assert not server.store.exists()
    (complaint,) = complaints(caplog)
    assert f"jupyter server extension enable {HOST}" in complaint


def test_a_host_that_is_linked_already_is_left_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    package: Any = ExtensionPackage
    host = package(name=HOST, enabled=True)
    stock = host.extension_points[HOST]
    stock.app._linked = True
    extensions = {HOST: host}
    serverapp = SimpleNamespace(
        extension_manager=SimpleNamespace(extensions=extensions), log=logging.getLogger("ServerApp")
    )
    link(serverapp)
    assert host.extension_points == {HOST: stock}
    (complaint,) = complaints(caplog)
    assert "linked before" in complaint


@pytest.mark.parametrize("value", [{"interval": 0.0}, {"interval": "soon"}, {"store_path": ""}])
@in_loop
async def test_a_configuration_that_makes_no_sense_ends_the_server_with_its_name(
    home: Path, caplog: pytest.LogCaptureFixture, value: dict[str, Any]
) -> None:
    with pytest.raises(SystemExit):
        async with serving(home, CRDTAutosave=value):
            pass
    (complaint,) = [r.getMessage() for r in caplog.records if r.levelname == "CRITICAL"]
    assert next(iter(value)) in complaint


@in_loop
async def test_a_server_whose_extension_did_not_load_still_stops(home: Path) -> None:
    await AutosaveYDocExtension().stop_extension()
