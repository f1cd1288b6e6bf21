"""Live notebooks in this process: real files, a real store, no wire."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from jupyter_server.services.contents.filemanager import AsyncFileContentsManager
from pycrdt import Subscription, TransactionEvent

from jupyter_crdt_autosave.disk import Disk, OSDisk
from jupyter_crdt_autosave.document.untracked import UntrackedNotebook
from jupyter_crdt_autosave.file import file_of
from jupyter_crdt_autosave.file.watch import Watch
from jupyter_crdt_autosave.kernel import Presence
from jupyter_crdt_autosave.model import Settings
from jupyter_crdt_autosave.room.live import LiveNotebook
from jupyter_crdt_autosave.room.offer import Offer
from jupyter_crdt_autosave.room.surroundings import Surroundings
from jupyter_crdt_autosave.schedule import Tick, Wish
from jupyter_crdt_autosave.storage.history import read_history
from jupyter_crdt_autosave.storage.record import decode_kept
from jupyter_crdt_autosave.storage.store import Store
from jupyter_crdt_autosave.worker import Worker

from .versions import Entry, versions_in


class Clock:
    """A clock that stands still between its hands being turned."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time in seconds."""
        return self.now


class FakeKernels:
    """The kernels of a server, which do what a test says."""

    def __init__(self) -> None:
        self.presence: dict[str, Presence] = {}
        self.observers: list[Callable[[], None]] = []

    def state(self, path: str) -> Presence:
        """How a notebook stands with its kernels."""
        return self.presence.get(path, Presence.NONE)

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Tell of changes."""
        self.observers.append(observer)
        return lambda: self.observers.remove(observer)

    def moved(self, old: str, new: str) -> None:
        """Sessions follow."""
        if old in self.presence:
            self.presence[new] = self.presence.pop(old)

    def turn(self, presence: Presence, path: str = "nb.ipynb") -> None:
        """A cell begins to run, or all are done."""
        self.presence[path] = presence
        for observer in list(self.observers):
            observer()


class Tab:
    """One live notebook and the keys that are typed into it."""

    def __init__(self, live: LiveNotebook, subscription: Subscription, clock: Clock) -> None:
        self.live = live
        self.clock = clock
        self._subscription = subscription

    @property
    def sources(self) -> list[str]:
        """The sources of the cells."""
        return [str(cell["source"]) for cell in self.live.notebook.ycells]

    @property
    def state(self) -> dict[str, Any]:
        """The shared document's state map."""
        return dict(self.live.notebook.ystate.to_py() or {})

    def type(self, cell: int, text: str) -> None:
        """Type at the end of a cell."""
        source = self.live.notebook.ycells[cell]["source"]
        source.insert(len(source), text)

    async def elapse(self, seconds: float) -> None:
        """Let time pass, and what is due then be done."""
        self.clock.now += seconds
        self.live._autosave.tell(Tick())
        await self.rest()

    async def rest(self) -> None:
        """Wait until what is due has been done, and told."""
        await asyncio.sleep(0)
        await self.live._autosave.rest()
        await asyncio.sleep(0)

    async def autosave(self) -> None:
        """Let so much time pass that an autosave is due, whatever it had to wait for."""
        await self.elapse(self.live.settings.interval + 1000.0)

    async def offer(self) -> Offer | None:
        """What JupyterLab is told to offer."""
        return await self.live.recovery.offered()

    async def answer(self, action: str) -> None:
        """Somebody restores or discards what is offered."""
        standing = await self.offer()
        assert standing is not None
        await getattr(self.live.recovery, action)(standing.id)

    async def crash(self) -> None:
        """The process dies: what the operating system has been given stays, nothing else."""
        self.live.notebook.ydoc.unobserve(self._subscription)
        segment = self.live._journal._writer._segment
        if segment is not None:
            fcntl.flock(segment.fd, fcntl.LOCK_UN)

    async def vanish(self) -> None:
        """Free what a dead process would not hold, without a look at the notebook's file."""
        await self.crash()
        live, writing = self.live, self.live._autosave._task
        assert writing is not None
        writing.cancel()
        await asyncio.wait([writing])
        live._kernels.close()
        live.noticing.close()
        await live._worker.run(live._journal.close, False, 5)
        await live._worker.run(live._workings.archive.close)
        live._worker.stop()

    async def close(self) -> None:
        """The room is evicted."""
        assert await self.live.close(5)
        self.live.notebook.ydoc.unobserve(self._subscription)


_WATCHES: list[Watch] = []


def stop_watching() -> None:
    """End the watches of all desks: the system has few of them."""
    while _WATCHES:
        _WATCHES.pop().stop()


class Desk:
    """A folder of notebooks, a store, and a contents manager, as one server has them."""

    def __init__(self, home: Path, disk: Disk | None = None, manager: Any = None) -> None:
        self.root = home / "notebooks"
        self.root.mkdir(parents=True, exist_ok=True)
        self.store_path = home / "store"
        self.disk: Disk = disk or OSDisk()
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.autosaves = True
        self.kernels = FakeKernels()
        self.watch = Watch(logging.getLogger("test"))
        _WATCHES.append(self.watch)
        self.manager = manager or AsyncFileContentsManager(root_dir=str(self.root))

    async def open(self, path: str = "nb.ipynb", **settings: Any) -> Tab:
        """Open a notebook."""
        worker, clock = Worker("test"), Clock()
        around = Surroundings(
            store=Store(self.disk, str(self.store_path)),
            disk=self.disk,
            settings=Settings(str(self.store_path), **{"strict_merge": True, **settings}),
            log=logging.getLogger("test"),
            report=lambda topic, data: self.events.append((topic, data)),
            watch=self.watch,
            compact=lambda folder: None,
            kernels=lambda: self.kernels,
            clock=clock,
        )
        live = LiveNotebook(
            UntrackedNotebook(),
            file_of(self.manager, path, self.disk, worker),
            worker,
            around,
        )
        live.tabs((Wish(autosaves=self.autosaves),))
        await live.open()

        def observe(event: TransactionEvent) -> None:
            live.keep(event.update)

        subscription = live.notebook.ydoc.observe(observe)
        await live.arrive()
        return Tab(live, subscription, clock)

    async def kill(self, tab: Tab) -> None:
        """Kill the server with -9: the files are what they were then, and nobody holds a lock."""
        then = self.store_path.with_name("then")
        shutil.copytree(self.store_path, then)
        await tab.vanish()
        shutil.rmtree(self.store_path)
        then.rename(self.store_path)

    def clear(self) -> None:
        """Remove the store, and all notebooks but their folder; none may be open."""
        shutil.rmtree(self.store_path)
        for path in self.root.iterdir():
            path.unlink()
        self.kernels.presence.clear()
        self.events.clear()

    def write(self, *sources: str, name: str = "nb.ipynb", **extra: Any) -> Path:
        """A notebook file of code cells."""
        notebook = nbformat.v4.new_notebook(**extra)
        notebook.cells = [
            nbformat.v4.new_code_cell(source, id=f"cell-{index}")
            for index, source in enumerate(sources)
        ]
        path = self.root / name
        nbformat.write(notebook, path)
        return path

    def sources(self, name: str = "nb.ipynb") -> list[str]:
        """The sources of the cells in a notebook file."""
        data = json.loads((self.root / name).read_text(encoding="utf-8"))
        return ["".join(cell["source"]) for cell in data["cells"]]

    def checkpoint(self, name: str = "nb.ipynb") -> list[str] | None:
        """The sources of the cells in the checkpoint beside a notebook; None if there is none."""
        path = self.root / ".autosave" / name
        return self.sources(f".autosave/{name}") if path.exists() else None

    def kept(self, tab: Tab) -> list[bytes]:
        """What was set aside for a notebook, the oldest first."""
        history = read_history(self.disk, tab.live.folder)
        return [decode_kept(note.payload).data for note in history.kept]

    def versions(self) -> list[Entry]:
        """The versions of all notebooks, the oldest of each first."""
        return versions_in(self.store_path)

    def timeline(self) -> list[tuple[str, str | None, list[str]]]:
        """Kind, side and sources of all versions."""
        return [(version.kind, version.side, version.sources) for version in self.versions()]

    def is_in_version(self, source: str) -> bool:
        """Whether some version has a cell with this text."""
        return any(source in version.sources for version in self.versions())

    def topics(self) -> list[tuple[str, str]]:
        """Topic and event of everything that was reported."""
        return [(topic, data["event"]) for topic, data in self.events]
