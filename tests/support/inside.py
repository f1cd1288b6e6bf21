"""A Jupyter server in this process, with everything in reach, started and stopped in no time."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from traitlets.config import Config

from .server import TOKEN

EXTENSIONS = {
    "jupyter_crdt_autosave": True,
    "jupyter_server_ydoc": True,
    "jupyter_server_fileid": True,
}


class InnerServer:
    """One running server. `home` outlives it: another can be started on the same data."""

    def __init__(self, home: Path, app: Any, port: int) -> None:
        self.home = home
        self.app = app
        self.port = port
        self.root = home / "notebooks"
        self.store = home / "data" / "crdt_autosave"

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, Any]:
        """The web application's settings."""
        settings: dict[str, Any] = self.app.web_app.settings
        return settings

    @property
    def extension(self) -> Any:
        """The app that other extensions find."""
        return self.settings["jupyter_server_ydoc"]

    @property
    def rooms(self) -> dict[str, Any]:
        """The rooms by their ids."""
        rooms: dict[str, Any] = self.extension.ywebsocket_server.rooms
        return rooms

    def room_id(self, path: str, kind: str = "json:notebook") -> str:
        """The id of the room of a file."""
        return f"{kind}:{self.settings['file_id_manager'].index(path)}"

    def room(self, path: str) -> Any:
        """The room that is open under the id of a path."""
        return self.rooms[self.room_id(path)]

    def texts(self, path: str) -> list[str]:
        """The sources of the cells of a live document."""
        return [str(cell["source"]) for cell in self.room(path)._document.ycells]

    async def request(
        self, method: str, path: str, body: Any = None, token: str | None = TOKEN, **headers: str
    ) -> httpx.Response:
        """One request, authenticated unless `token` is None."""
        if token is not None:
            headers["Authorization"] = f"token {token}"
        async with httpx.AsyncClient(headers=headers, timeout=30) as client:
            content = None if body is None else json.dumps(body)
            return await client.request(method, self.url + path, content=content)

    async def get(self, path: str) -> Any:
        """The JSON at `path`."""
        answer = await self.request("GET", path)
        answer.raise_for_status()
        return answer.json()

    async def status(self, path: str) -> Any:
        """`GET status` of a notebook."""
        return await self.get(f"/api/crdt-autosave/status/{path}")

    def listen(self, schema: str) -> list[dict[str, Any]]:
        """A list that fills with the events of a schema."""
        events: list[dict[str, Any]] = []

        async def on_event(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
            events.append(data)

        self.app.event_logger.add_listener(schema_id=schema, listener=on_event)
        return events

    def write(self, name: str, *sources: str) -> Path:
        """A notebook file with these code cells."""
        notebook = nbformat.v4.new_notebook()
        notebook.cells = [
            nbformat.v4.new_code_cell(source, id=f"cell-{index}")
            for index, source in enumerate(sources)
        ]
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path

    def sources(self, name: str) -> list[str]:
        """The sources of the cells in a notebook file."""
        return [cell.source for cell in nbformat.read(self.root / name, as_version=4).cells]


def isolate(home: Path, patch: pytest.MonkeyPatch) -> None:
    """Let nothing of this machine's own Jupyter count, and nothing be written to it."""
    for name in [name for name in os.environ if name.startswith("JUPYTER")]:
        patch.delenv(name)
    patch.setenv("JUPYTER_NO_CONFIG", "1")
    for name in ("data", "config", "runtime"):
        (home / name).mkdir()
        patch.setenv(f"JUPYTER_{name.upper()}_DIR", str(home / name))
    for name in ("cwd", "notebooks"):
        (home / name).mkdir()
    patch.chdir(home / "cwd")


@asynccontextmanager
async def serving(
    home: Path, *argv: str, extensions: dict[str, bool] | None = None, **config: dict[str, Any]
) -> AsyncIterator[InnerServer]:
    """Run a server for as long as the block runs; `config` by class name."""
    whole = Config(
        {
            "IdentityProvider": {"token": TOKEN},
            "ServerApp": {"jpserver_extensions": extensions or EXTENSIONS},
            "CRDTAutosave": {"strict_merge": True},
            "BaseFileIdManager": {"db_path": str(home / "data" / "file_id_manager.db")},
        }
    )
    whole.merge(Config(config))
    ServerApp.clear_instance()
    app: Any = ServerApp.instance(
        log=logging.getLogger("ServerApp"),
        config=whole,
        root_dir=str(home / "notebooks"),
        open_browser=False,
        allow_root=True,
        disable_check_xsrf=True,
    )
    app.init_signal = lambda: None
    app.initialize(list(argv), new_httpserver=False)
    logging.getLogger("AutosaveYDocExtension").propagate = True
    socket, port = bind_unused_port()
    http = HTTPServer(app.web_app)
    http.add_socket(socket)
    try:
        await app.extension_manager.start_all_extensions()
        yield InnerServer(home, app, port)
    finally:
        await app._cleanup()
        http.stop()
        await asyncio.wait_for(http.close_all_connections(), 10)
        ServerApp.clear_instance()
