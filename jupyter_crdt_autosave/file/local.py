"""A notebook file under one of jupyter_server's own local managers."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Any

from tornado.web import HTTPError

from ..disk import Disk, write_all
from ..errors import ExportFailed, FileUnavailable, PathTaken
from ..model import Fingerprint
from ..worker import Worker
from .base import Export, Exported, Keep
from .handles import in_use
from .hooks import Hooks, message_of
from .scratch import Scratch
from .sight import MISSING, SETTLING, Sight, fingerprint


class LocalFile:
    """Reads and replaces the file itself; hooks, trust and events go as in the manager's save."""

    def __init__(self, manager: Any, path: str, disk: Disk, worker: Worker) -> None:
        """`manager` is a local ``ContentsManager``; everything that blocks runs on `worker`."""
        self.path = path
        self._manager = manager
        self._disk = disk
        self._worker = worker
        self._hooks = Hooks(manager)

    @property
    def identity(self) -> str:
        """The real path."""
        return self._real()

    @property
    def watched(self) -> str | None:
        """The real path."""
        return self._real()

    async def signature(self) -> object:
        """Inode, size and times; None if the file is missing."""
        return await self._worker.run(self._signature)

    async def look(self) -> Sight:
        """Read the file."""
        return await self._worker.run(self._look)

    async def export(self, export: Export) -> Exported:
        """Write beside the file, put it in the file's place, and read it back."""
        content = self._hooks.before(export.content, self.path)
        data = await self._worker.run(export.render, content)
        signature = await self._worker.run(self._hooks.sign, data, content)
        in_place = await self._worker.run(self._in_place)
        await export.announce(fingerprint(data), in_place)
        sight, mark = await self._worker.run(self._write, data, export, in_place)
        self._hooks.trust(signature)
        warning = await self._hooks.after(self.path, self._real())
        return Exported(sight, mark, warning, whole=content is export.content)

    async def trusted(self, sight: Sight) -> bool:
        """Whether the user has trusted exactly these bytes."""
        return self._hooks.trusts(await self._worker.run(self._hooks.signature_of, sight.data))

    async def sweep(self, known: tuple[Fingerprint, ...], keep: Keep) -> bool:
        """Clear what exports left; True if another program is not done with some of it."""
        return await self._worker.run(self._sweep, known, keep)

    async def clear_leftover(self, data: bytes) -> None:
        """Remove ``.~name`` or ``name.invalid``, if it has these bytes."""
        await self._worker.run(self._clear_leftover, data)

    async def leftovers(self) -> list[Sight]:
        """``.~name`` and ``name.invalid``."""
        return await self._worker.run(self._leftovers)

    def _real(self) -> str:
        try:
            return os.path.realpath(str(self._manager._get_os_path(self.path.strip("/"))))
        except HTTPError as error:
            raise FileUnavailable(message_of(error)) from error

    def _signature(self) -> object:
        try:
            info = os.stat(self._real())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FileUnavailable(f"{self.path} cannot be read: {error.strerror}.") from error
        return info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns

    def _look(self) -> Sight:
        real = self._real()
        try:
            info = os.stat(real)
            data = self._disk.read(real)
        except (FileNotFoundError, NotADirectoryError):
            return MISSING
        except OSError as error:
            raise FileUnavailable(f"{self.path} cannot be read: {error.strerror}.") from error
        return Sight(data, (info.st_dev, info.st_ino), self._hash(data), info.st_mtime)

    def _hash(self, data: bytes) -> str | None:
        compute = getattr(self._manager, "_get_hash", None)
        return str(compute(data)["hash"]) if compute else None

    def _in_place(self) -> bool:
        """Whether the file has to be written where it is.

        Its other names must see the change, or nothing can be made beside it.
        """
        real = self._real()
        try:
            return os.stat(real).st_nlink > 1 or not os.access(os.path.dirname(real), os.W_OK)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise ExportFailed(f"{self.path} cannot be written: {error.strerror}.") from error

    def _write(self, data: bytes, export: Export, in_place: bool) -> tuple[Sight, object]:
        real = self._real()
        try:
            if export.only_new:
                self._create(real, data)
            else:
                (self._overwrite if in_place else self._replace)(real, data, export)
            signature, sight = self._signature(), self._look()
        except OSError as error:
            raise ExportFailed(f"{self.path} was not saved: {error.strerror or error}.") from error
        except FileUnavailable as error:
            raise ExportFailed(f"{self.path} was written, but not read back: {error}") from error
        if sight.data != data:
            raise ExportFailed(f"{self.path} does not hold what was written to it.")
        return sight, signature

    def _create(self, real: str, data: bytes) -> None:
        """Make the file, whole, where nothing is.

        Raises:
            PathTaken: something is there.
        """
        scratch = Scratch(self._disk, real)
        fresh = scratch.prepare(data, None)
        try:
            self._place_new(fresh, real)
        except FileExistsError as error:
            raise PathTaken(f"{self.path} exists already. Choose another path.") from error
        finally:
            scratch.remove(fresh)
            scratch.tidy()
        self._disk.sync_folder(os.path.dirname(real))

    def _place_new(self, fresh: str, real: str) -> None:
        try:
            self._disk.link(fresh, real)
        except FileExistsError:
            raise
        except OSError:
            # Without links, a last look has to do.
            if os.path.lexists(real):
                raise FileExistsError(17, "File exists", real) from None
            self._disk.rename(fresh, real)

    def _replace(self, real: str, data: bytes, export: Export) -> None:
        like = _writable(real)
        if like is None and export.known:
            raise _deleted(self.path)
        scratch = Scratch(self._disk, real)
        fresh = scratch.prepare(data, like)
        held: str | None = None
        try:
            held = self._hold(scratch, real, export) if like is not None else None
            if not export.wanted():
                raise _deleted(self.path)
            self._disk.rename(fresh, real)
        except BaseException:
            for path in (fresh, held):
                if path is not None:
                    scratch.remove(path)
            raise
        self._disk.sync_folder(os.path.dirname(real))
        # The file is written: what cannot be looked at now is swept later.
        with suppress(OSError):
            if held and self._over(held, export.known, export.keep):
                scratch.remove(held)
        scratch.tidy()

    def _hold(self, scratch: Scratch, real: str, export: Export) -> str | None:
        """A second name for what is about to be replaced; without links, a last look at it."""
        try:
            return scratch.hold()
        except FileNotFoundError as error:
            raise _deleted(self.path) from error
        except OSError:
            self._insist(real, export)
            return None

    def _overwrite(self, real: str, data: bytes, export: Export) -> None:
        self._insist(real, export)
        fd = self._disk.open(real, os.O_WRONLY)
        try:
            write_all(self._disk, fd, data)
            os.ftruncate(fd, len(data))
            self._disk.sync(fd)
        finally:
            self._disk.close(fd)

    def _insist(self, real: str, export: Export) -> None:
        if not self._settled(real, export.known, export.keep):
            raise ExportFailed(
                f"{self.path} was changed by another program, and its bytes could not be kept."
            )

    def _settled(self, path: str, known: tuple[Fingerprint, ...], keep: Keep) -> bool:
        """Whether the bytes at `path` may go: they are known, or they have been kept now."""
        data = self._disk.read(path)
        mark = fingerprint(data)
        return any(mark.same_bytes(one) for one in known) or keep(data)

    def _over(self, path: str, known: tuple[Fingerprint, ...], keep: Keep) -> bool:
        """Whether nobody writes what an export replaced any more, and its bytes may go.

        A program that had opened the file before, to read it and to write it, goes on under the
        second name.
        """
        data = self._disk.read(path)
        if any(fingerprint(data).same_bytes(one) for one in known):
            return not in_use(path, SETTLING)
        broken = Sight(data).error is not None
        return not (broken and time.time() - os.stat(path).st_mtime < SETTLING) and keep(data)

    def _sweep(self, known: tuple[Fingerprint, ...], keep: Keep) -> bool:
        scratch = Scratch(self._disk, self._real())
        scratch.clear()
        for path in scratch.held():
            # What cannot be looked at now is looked at again.
            with suppress(OSError):
                if self._over(path, known, keep):
                    scratch.remove(path)
        scratch.tidy()
        return bool(scratch.held())

    def _left(self) -> tuple[str, str]:
        """Where interrupted saves leave what they were about to write."""
        folder, name = os.path.split(self._real())
        return os.path.join(folder, f".~{name}"), os.path.join(folder, f"{name}.invalid")

    def _leftovers(self) -> list[Sight]:
        found = []
        for path in self._left():
            with suppress(OSError):
                modified = os.stat(path).st_mtime
                found.append(Sight(self._disk.read(path), modified=modified))
        return found

    def _clear_leftover(self, data: bytes) -> None:
        try:
            for path in self._left():
                with suppress(FileNotFoundError):
                    if self._disk.read(path) == data:
                        self._disk.unlink(path)
                        self._disk.sync_folder(os.path.dirname(path))
        except OSError as error:
            raise FileUnavailable(
                f"What an interrupted save of {self.path} left cannot be removed: {error.strerror}."
            ) from error


def _deleted(path: str) -> ExportFailed:
    return ExportFailed(f"{path} was deleted while it was being saved. Save again to write it.")


def _writable(real: str) -> os.stat_result | None:
    """The present file, if we may replace it; None if there is none.

    Raises:
        OSError: it is read-only, or something else than a file.
    """
    try:
        info = os.stat(real)
    except FileNotFoundError:
        return None
    if not os.access(real, os.W_OK):
        raise PermissionError(13, "the file is read-only")
    if os.path.isdir(real):
        raise IsADirectoryError(21, "a folder is in its place")
    return info
