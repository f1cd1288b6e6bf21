"""A file that a user wants something in."""

from __future__ import annotations

import os
from contextlib import suppress

from ..disk import Disk
from ..errors import ExportFailed, PathTaken
from ..file.scratch import Scratch
from .words import place


def write_out(disk: Disk, path: str, data: bytes, force: bool) -> str:
    """Write a file, whole or not at all, and give its real path.

    Raises:
        PathTaken: something is there, and `force` was not given.
        ExportFailed: it could not be written.
    """
    target = os.path.realpath(path)
    try:
        like = _claim(disk, target, force)
        try:
            _put(disk, target, data, like)
        except BaseException:
            if not force:
                with suppress(OSError):
                    disk.unlink(target)
            raise
    except FileExistsError as error:
        raise PathTaken(
            f"{place(target)} is there already. Choose another name, or replace it with --force."
        ) from error
    except OSError as error:
        raise ExportFailed(
            f"{place(target)} was not written: {error.strerror or error}."
        ) from error
    return target


def _claim(disk: Disk, target: str, force: bool) -> os.stat_result | None:
    """Take the name, so that nobody else can; what the new file is to be like."""
    if not force:
        disk.close(disk.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    with suppress(FileNotFoundError):
        return os.stat(target)
    return None


def _put(disk: Disk, target: str, data: bytes, like: os.stat_result | None) -> None:
    scratch = Scratch(disk, target)
    fresh = scratch.prepare(data, like)
    try:
        disk.rename(fresh, target)
    except BaseException:
        scratch.remove(fresh)
        raise
    finally:
        scratch.tidy()
    disk.sync_folder(os.path.dirname(target))
