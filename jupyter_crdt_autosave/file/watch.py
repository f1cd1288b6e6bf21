"""Notices at once that something happened to a notebook's file."""

from __future__ import annotations

import logging
import os
import queue
import stat
import threading
from collections.abc import Callable
from functools import partial

from watchdog import events as kinds
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

_Job = Callable[[], None]

_EVENTS: list[type[FileSystemEvent]] = [
    kinds.FileCreatedEvent,
    kinds.FileModifiedEvent,
    kinds.FileMovedEvent,
    kinds.FileDeletedEvent,
    kinds.FileClosedEvent,
    kinds.DirCreatedEvent,
    kinds.DirMovedEvent,
    kinds.DirDeletedEvent,
    # A part of "modified" before watchdog 7.
    getattr(kinds, "FileAttribEvent", kinds.FileModifiedEvent),
]
"""What is asked for: nothing that a mere reader causes. The same for every folder, because several
watches of one folder share its newest mask."""

_MOUNTS = "/proc/self/mountinfo"

_SILENT = {
    "9p", "afs", "beegfs", "ceph", "cifs", "fuse", "gfs2", "gpfs", "lustre", "nfs", "nfs4",
    "ocfs2", "orangefs", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs",
}  # fmt: skip
"""File systems on which what others do gives no events."""


class Watch:
    """Tells when something happened to files in the folders of open notebooks. One per server.

    Folders are watched, not files: a file that is replaced by a rename takes its watch along. The
    folder above each is watched, too, which tells when a folder comes, goes or is moved.
    """

    def __init__(self, log: logging.Logger) -> None:
        """Nothing runs before the first file is followed."""
        self._log = log
        # Held while watchdog is called, which has a lock of its own that it holds while it calls
        # us. So nothing that watchdog calls may take this one: it leaves a job on the queue.
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._folders: dict[str, _Folder] = {}
        self._mentioned: set[str] = set()
        self._observer: BaseObserver | None = None
        self._thread: threading.Thread | None = None
        self.stopped = False

    def follow(self, path: str, changed: Callable[[], None]) -> Followed:
        """Call `changed` whenever something may have happened to a file.

        It is called for what happens after this returned, on a thread of ours, and more often than
        the file changes; what it raises is logged.

        Args:
            path: The real path of a file, which need not exist. This blocks while its disk does.
            changed: Called without arguments.
        """
        folder, name = os.path.split(os.path.abspath(path))
        with self._lock:
            followed = self._enter(os.path.realpath(folder), name, changed)
            self._look_above(followed.folder)
        if not followed.active:
            self._mention(followed.folder)
        return followed

    def stop(self) -> None:
        """Call nobody any more, and end the threads without waiting for them."""
        self.stopped = True
        self._jobs.put(None)

    def part(self, followed: Followed) -> None:
        """Drop what was closed, and the watch of its folder with the last."""
        self._jobs.put(partial(self._leave, followed))

    def _enter(self, path: str, name: str, changed: Callable[[], None]) -> Followed:
        folder = self._folders.get(path)
        if folder is None:
            folder = self._folders[path] = _Folder(path, self._notice)
        followed = Followed(self, folder, name, changed)
        folder.followed = (*folder.followed, followed)
        self._renew(folder)
        return followed

    def _look_above(self, folder: _Folder) -> None:
        """Follow the folder itself as a name in the one above it."""
        above, name = os.path.split(folder.path)
        if folder.above is not None:
            self._renew(folder.above.folder)
        elif name:
            folder.above = self._enter(above, name, partial(self._replaced, folder))

    def _notice(self, folder: _Folder, names: set[str] | None) -> None:
        self._jobs.put(partial(self._tell, folder, names))

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job
        with self._lock:
            for folder in self._folders.values():
                folder.active = False
            if self._observer is not None:
                self._observer.stop()

    def _tell(self, folder: _Folder, names: set[str] | None) -> None:
        """Tell about these names, or about the folder itself and everything in it."""
        if names is None:
            self._replaced(folder, gone=True)
            return
        for followed in folder.followed:
            if followed.name in names and not followed.closed:
                self._call(followed)

    def _call(self, followed: Followed) -> None:
        try:
            followed.changed()
        except Exception:
            self._log.exception("A change in %s could not be passed on.", followed.folder.path)

    def _replaced(self, folder: _Folder, gone: bool = False) -> None:
        """Look at a folder again that may be another one now, then at all that is in it."""
        with self._lock:
            if gone:
                self._disarm(folder)
            if folder.followed:
                self._renew(folder)
        self._tell(folder, {followed.name for followed in folder.followed})

    def _leave(self, followed: Followed) -> None:
        folder = followed.folder
        with self._lock:
            folder.followed = tuple(other for other in folder.followed if other is not followed)
            if folder.followed or self._folders.get(folder.path) is not folder:
                return
            del self._folders[folder.path]
            self._disarm(folder)
        if folder.above is not None:
            folder.above.close()

    def _renew(self, folder: _Folder) -> None:
        """Watch the folder that is at this path now, if it is not watched already."""
        if self.stopped:
            return
        try:
            observer = self._running()
            identity = _identity(folder.path)
            if identity != folder.identity or not _watched(folder, observer):
                self._disarm(folder)
                self._arm(folder, identity, observer)
        except (OSError, RuntimeError) as error:
            # RuntimeError: no thread could be started.
            self._disarm(folder)
            folder.trouble = str(error)

    def _arm(self, folder: _Folder, identity: tuple[int, int], observer: BaseObserver) -> None:
        folder.watch = observer.schedule(folder, folder.path, event_filter=_EVENTS)
        folder.identity = identity
        folder.active = not _silent(identity[0])
        if folder.active:
            self._mentioned.discard(folder.path)
        else:
            folder.trouble = "its file system gives no events"

    def _disarm(self, folder: _Folder) -> None:
        watch, folder.watch, folder.active = folder.watch, None, False
        if watch is not None and self._observer is not None:
            try:
                self._observer.unschedule(watch)
            except OSError:
                self._log.debug("The watch of %s did not end well.", folder.path, exc_info=True)

    def _running(self) -> BaseObserver:
        if self._thread is None:
            thread = threading.Thread(target=self._work, name="watch", daemon=True)
            thread.start()
            self._thread = thread
        if self._observer is None:
            observer = Observer()
            observer.start()
            self._observer = observer
        return self._observer

    def _mention(self, folder: _Folder) -> None:
        if folder.path not in self._mentioned and not self.stopped:
            self._mentioned.add(folder.path)
            text = "%s cannot be watched (%s): changes to notebooks in it are noticed later."
            self._log.info(text, folder.path, folder.trouble)


class Followed:
    """A file that is being followed until `close`."""

    def __init__(
        self, watch: Watch, folder: _Folder, name: str, changed: Callable[[], None]
    ) -> None:
        """Made by `Watch.follow`."""
        self._watch = watch
        self.folder = folder
        self.name = name
        self.changed = changed
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nothing is told any more."""
        return self._closed or self._watch.stopped

    @property
    def active(self) -> bool:
        """Whether changes are told as they happen.

        Where not, the file has to be looked at from time to time. Never told are a move of a folder
        further up, and what happened while the system had more events than it could keep.
        """
        return not self.closed and self.folder.active

    def close(self) -> None:
        """Begin no further call. This waits for nothing: a call under way goes on to its end."""
        if not self._closed:
            self._closed = True
            self._watch.part(self)


class _Folder(FileSystemEventHandler):
    """A folder in which files are followed.

    ``followed`` is replaced, never changed, because watchdog's thread reads it at any time.
    """

    def __init__(self, path: str, notice: Callable[[_Folder, set[str] | None], None]) -> None:
        self.path = path
        self.followed: tuple[Followed, ...] = ()
        self.above: Followed | None = None
        self.watch: ObservedWatch | None = None
        self.identity: tuple[int, int] | None = None
        self.active = False
        self.trouble = ""
        self._notice = notice

    def dispatch(self, event: FileSystemEvent) -> None:
        """Pass on what is about a followed name, or the end of the folder itself."""
        paths = [os.fsdecode(path) for path in (event.src_path, event.dest_path) if path]
        if event.event_type in ("deleted", "moved") and self.path in paths:
            self._notice(self, None)
            return
        touched = {name for folder, name in map(os.path.split, paths) if folder == self.path}
        names = touched & {followed.name for followed in self.followed}
        if names:
            self._notice(self, names)


def _identity(path: str) -> tuple[int, int]:
    """Device and inode of a folder.

    Raises:
        OSError: there is none, it cannot be listed, or a link has taken its place. watchdog would
            watch a link itself, and says nothing where the permission is missing.
    """
    info = os.stat(path)
    if not stat.S_ISDIR(info.st_mode) or os.path.realpath(path) != path:
        raise NotADirectoryError("it is no folder")
    if not os.access(path, os.R_OK):
        raise PermissionError("it cannot be listed")
    return info.st_dev, info.st_ino


def _watched(folder: _Folder, observer: BaseObserver) -> bool:
    """Whether the folder's watch still runs: it ends with the folder that it was set on."""
    watch = folder.watch
    return watch is not None and any(
        one.watch == watch and one.is_alive() for one in observer.emitters
    )


def _silent(device: int) -> bool:
    """Whether a device's file system is one on which others can change files without events."""
    try:
        with open(_MOUNTS, encoding="utf-8", errors="replace") as mounts:
            lines = [line.split() for line in mounts]
        number = f"{os.major(device)}:{os.minor(device)}"
        found = {line[line.index("-") + 1] for line in lines if line[2] == number}
    except (OSError, ValueError, IndexError):
        # Not Linux, or not as proc(5) says.
        return False
    return any(name.split(".")[0] in _SILENT for name in found)
