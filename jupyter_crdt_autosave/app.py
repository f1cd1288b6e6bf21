"""Wiring: the host's app, with our rooms for notebooks."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from jupyter_server_ydoc.app import YDocExtension
from jupyter_server_ydoc.loaders import FileLoaderMapping
from jupyter_server_ydoc.stores import SQLiteYStore
from jupyter_server_ydoc.utils import encode_file_path
from jupyter_server_ydoc.websocketserver import exception_logger
from jupyter_ydoc import YNotebook
from jupyter_ydoc.ybasedoc import YBaseDoc
from pycrdt import Doc
from pycrdt.store import BaseYStore
from tornado import web
from traitlets import TraitError, default
from traitlets.config import Config

from .config import CRDTAutosave
from .disk import OSDisk
from .errors import FileMissing
from .file.watch import Watch
from .handlers import handlers, is_shown, visible
from .heap import spare_startup
from .kernel import Kernels
from .recoverable import Recoverables
from .room.room import NotebookRoom, Whereabouts
from .room.surroundings import Surroundings
from .rooms import PREFIX, Rooms
from .storage.store import Store
from .timelines import Timelines
from .visits import Visits
from .wire import Server, Socket

_CONTENTS_EVENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"
_EVENTS = "https://schema.jupyter.org/jupyter_crdt_autosave/{topic}/v1"
_SCHEMAS = Path(__file__).parent / "events"


class AutosaveYDocExtension(YDocExtension):
    """Stands in the host's own extension point: same name, same settings, one instance."""

    session_store_path: str | None
    ystore_class: Any
    handlers: Any
    ywebsocket_server: Any
    notebook_rooms: Rooms | None = None
    visits: Visits
    _kernels: Kernels | None = None

    def initialize(self) -> None:
        """Register what the host does, and our events."""
        super().initialize()
        for schema in sorted(_SCHEMAS.glob("*.yaml")):
            self.serverapp.event_logger.register_event_schema(schema)
        self.serverapp.event_logger.add_listener(
            schema_id=_CONTENTS_EVENTS, listener=self._on_contents_event
        )

    def initialize_settings(self) -> None:
        """Keep the host's record of sessions, and its store of text files, in our store."""
        try:
            self.autosave_settings = CRDTAutosave(parent=self.serverapp).settings()
        except TraitError as error:
            # As the server does with a bad value of its own.
            self.serverapp.log.critical("Bad config encountered during initialization: %s", error)
            self.serverapp.exit(1)
        folder = self.autosave_settings.store_path
        with suppress(OSError):
            # The host would make it for its record of sessions, and let everybody look into it.
            os.makedirs(folder, mode=0o700, exist_ok=True)
        if self.session_store_path is None:
            self.session_store_path = os.path.join(folder, "collaboration_sessions.json")
        if self.ystore_class is SQLiteYStore:
            self.ystore_class = text_store(folder, self.config)
        super().initialize_settings()

    def initialize_handlers(self) -> None:
        """Put our server, loaders and socket where the host put its own."""
        super().initialize_handlers()
        around, contents = self._surroundings(), self._contents
        self.notebook_rooms = rooms = Rooms(around, contents, self.serverapp.event_logger, _handled)
        recoverables = Recoverables(
            around, rooms, contents, lambda path: is_shown(contents(), path)
        )
        self.ywebsocket_server = Server(
            rooms,
            self._path_of,
            rooms_ready=False,
            auto_clean_rooms=False,
            ystore_class=self.ywebsocket_server.ystore_class,
            exception_handler=exception_logger,
            log=self.log,
        )
        self.visits = Visits(
            self.ywebsocket_server,
            rooms,
            lambda: self.serverapp.web_app.settings["file_id_manager"],
            self.document_cleanup_delay,
            self.log,
        )
        self.file_loaders = Loaders(
            self.serverapp.web_app.settings,
            self.log,
            self.file_poll_interval,
            file_stop_poll_on_errors_after=self.file_stop_poll_on_errors_after,
        )
        ours = {"ywebsocket_server": self.ywebsocket_server, "file_loaders": self.file_loaders}
        self.handlers = [
            (url, Socket if "/room/" in url else handler, *map(_with(ours), rest))
            for url, handler, *rest in self.handlers
        ] + handlers(rooms, Timelines(around, contents, rooms, self.visits.visit), recoverables)

    async def get_document(
        self,
        *,
        path: str | None = None,
        content_type: str | None = None,
        file_format: Literal["json", "text"] | None = None,
        room_id: str | None = None,
        copy: bool = True,
        create: bool = False,
    ) -> YBaseDoc | None:
        """As the host's; the room of a notebook is always ours."""
        parts = (path, content_type, file_format)
        if room_id is None and path and content_type and file_format:
            file_id = self.serverapp.web_app.settings["file_id_manager"].index(path)
            room_id = encode_file_path(file_format, content_type, file_id)
            parts = (None, None, None)
        if room_id is not None and room_id.startswith(PREFIX) and parts == (None, None, None):
            return await self._get_notebook(room_id, copy, create)
        document: YBaseDoc | None = await super().get_document(
            path=parts[0],
            content_type=parts[1],
            file_format=parts[2],
            room_id=room_id,
            copy=copy,
            create=create,
        )
        return document

    async def stop_extension(self) -> None:
        """Leave nothing unwritten, and nothing running that would keep the server from exiting."""
        if self.notebook_rooms is None:
            return
        self.ywebsocket_server.leaving = True
        # What they do from now on is no reason to write, or not to.
        await self._known_kernels().stop()
        await self.visits.stop()
        await self._leave(self.notebook_rooms)
        rooms = self.ywebsocket_server.rooms.values()
        stores = [room.ystore for room in rooms if not isinstance(room, NotebookRoom)]
        await asyncio.gather(*(_stopped(store) for store in stores if store is not None))
        await super().stop_extension()

    def _prepare_config(self) -> None:
        """The host's traits, which are inherited here, belong into its settings all the same."""
        names = YDocExtension.class_own_traits()
        self.extension_config = Config({name: getattr(self, name) for name in names})
        self.settings[f"{self.name}_config"] = self.extension_config

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """All is loaded and the event loop runs: there is time for what has been left behind."""
        spare_startup()
        await self._known_kernels().start()
        if self.notebook_rooms is not None:
            self.notebook_rooms.start_tidying()

    async def _leave(self, rooms: Rooms) -> None:
        """Close all notebooks, in the time that there is."""
        leaving = asyncio.create_task(rooms.leave())
        await asyncio.wait([leaving], timeout=self.autosave_settings.leave)
        if not leaving.done():
            self.log.error("Not all was written in time; the rest follows at the next start.")

    async def _get_notebook(self, room_id: str, copy: bool, create: bool) -> YBaseDoc | None:
        """A notebook's document, filled.

        Raises:
            HTTPError: 404, there is no such notebook.
            AutosaveError: it cannot be opened.
        """
        if not create and room_id not in self.ywebsocket_server.rooms:
            return None
        try:
            room: NotebookRoom = await self.ywebsocket_server.opened(room_id)
        except FileMissing as error:
            raise web.HTTPError(404, str(error)) from error
        if not copy:
            return room.live.notebook
        fork: Doc[Any] = Doc()
        fork.apply_update(room.ydoc.get_update())
        return YNotebook(fork)

    def _contents(self) -> Any:
        """The server's contents manager, which is made after us."""
        return self.serverapp.contents_manager

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            store=Store(OSDisk(), self.autosave_settings.store_path),
            disk=OSDisk(),
            settings=self.autosave_settings,
            log=self.log,
            report=self._report,
            watch=Watch(self.log),
            compact=self._compact,
            kernels=self._known_kernels,
        )

    def _known_kernels(self) -> Kernels:
        """What is known of the server's kernels; their managers are made after us."""
        if self._kernels is None:
            app = self.serverapp
            self._kernels = Kernels(
                app.kernel_manager, app.session_manager, app.event_logger, self.log
            )
        return self._kernels

    def _compact(self, folder: str) -> None:
        if self.notebook_rooms is not None:
            self.notebook_rooms.compact(folder)

    async def _path_of(self, file_id: str) -> str:
        """The path behind a file id; the manager of these ids is made after us.

        Raises:
            HTTPError: 404, there is none, or the contents API would not show it.
        """
        path: str | None = self.serverapp.web_app.settings["file_id_manager"].get_path(file_id)
        if path is None:
            raise web.HTTPError(404, f"There is no file behind {file_id}.")
        await visible(self.serverapp.contents_manager, path)
        return path

    def _report(self, topic: str, data: dict[str, Any]) -> None:
        self.serverapp.event_logger.emit(schema_id=_EVENTS.format(topic=topic), data=data)

    async def _on_contents_event(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        if self.notebook_rooms is not None:
            self.notebook_rooms.on_contents_event(data)


class Loaders(FileLoaderMapping):
    """The host's file loaders. A notebook needs none; the host asks for one when a room ends."""

    def __getitem__(self, file_id: str) -> Any:
        """The loader of a file; a mere stand-in for one whose id the server no longer knows."""
        if file_id not in self and self.file_id_manager.get_path(file_id) is None:
            return Whereabouts("")
        return super().__getitem__(file_id)

    async def remove(self, file_id: str) -> None:
        """End a loader, if there is one."""
        if file_id in self:
            await super().remove(file_id)


def text_store(folder: str, config: Config) -> type[SQLiteYStore]:
    """The host's store of text files, kept out of the folder in which the server was started."""

    class TextYStore(SQLiteYStore):
        """Configured as the host's."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**{"config": config, **options})

        @default("db_path")
        def _default_db_path(self) -> str:
            try:
                os.makedirs(folder, mode=0o700, exist_ok=True)
            except OSError:
                # The history of text files is a convenience: without it they open all the same.
                return ":memory:"
            return os.path.join(folder, "text_files.db")

    return TextYStore


async def _stopped(store: BaseYStore) -> None:
    """Stop the store of a text file; its threads would keep the server from exiting."""
    if store.started.is_set():
        with suppress(RuntimeError, TimeoutError, asyncio.TimeoutError):
            await asyncio.wait_for(store.stop(), 1)


def _with(ours: dict[str, Any]) -> Any:
    """Handler arguments in which ours replace the host's."""
    return lambda theirs: {**theirs, **{key: ours[key] for key in ours if key in theirs}}


def _handled(exception: Exception, log: logging.Logger) -> bool:
    """A room outlives any error of a client."""
    log.error("A client of a notebook's room failed", exc_info=exception)
    return True
