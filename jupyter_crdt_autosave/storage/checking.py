"""Checking an archive: everything is read, and what is wrong is told. Nothing is changed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from urllib.parse import quote

from ..errors import ArchiveUnavailable
from .archive import path_in
from .database import PATIENCE, is_damage
from .parts import decode, unpack
from .pieces import batches, key_of, numbers_of, part_of, present
from .schema import check_format
from .sweeping import UNUSED
from .transaction import reading

Progress = Callable[[int, int], None]
"""Is told how many rows were checked, of how many."""

_MOST = 20
"""How many findings about the structure of the file are told."""


@dataclass(frozen=True)
class Finding:
    """Something that is wrong.

    ``kind`` is ``structure`` (of the database itself), ``reference`` (to a row that is not there),
    ``damaged`` (bytes are other than were kept), ``missing`` (a part that a content needs) or
    ``unlinked`` (a part that a content needs could be removed). ``table`` and ``number`` say where,
    ``versions`` are the ids of those that cannot be shown for it.
    """

    kind: str
    table: str
    number: int | None
    message: str
    versions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """What an archive holds, and what is wrong with it.

    ``size`` is that of the file in bytes. ``unused`` are rows that nothing refers to any more: they
    are no fault, and are removed in time.
    """

    versions: int = 0
    baselines: int = 0
    contents: int = 0
    parts: int = 0
    unused: int = 0
    size: int = 0
    findings: tuple[Finding, ...] = ()


def verify(root: str, progress: Progress | None = None) -> Check:
    """Check the archive of the store in a folder, beside servers that use it. Blocks.

    One that was never made is sound.

    Raises:
        ArchiveUnavailable: it cannot be read now.
        FormatTooNew: a later version of this package made it.
    """
    path = path_in(root)
    if not os.path.exists(path):
        return Check()
    found, findings = Check(size=os.path.getsize(path)), list[Finding]()
    try:
        with closing(_opened(path)) as db:
            linked = check_format(db, path) > 1
            found = _counted(db, linked, found.size)
            tick = _counting(progress, found.contents + found.parts)
            # Those before a row that cannot be read are told, too.
            findings.extend(_all_of(db, linked, tick))
    except sqlite3.DatabaseError as error:
        if not is_damage(error) and "no such table" not in str(error):
            raise ArchiveUnavailable(
                f"The versions in {path} cannot be checked: {error}. See that the folder can be "
                "read and that no other program keeps the file locked; then try again."
            ) from error
        findings.append(Finding("structure", "", None, str(error)))
    return replace(found, findings=tuple(findings))


def _opened(path: str) -> sqlite3.Connection:
    # Not read-only, which could not be read after a crash in the middle of a change.
    db = sqlite3.connect(
        f"file:{quote(path)}?mode=rw", uri=True, timeout=PATIENCE, isolation_level=None
    )
    db.execute("PRAGMA query_only = ON")
    return db


def _counted(db: sqlite3.Connection, linked: bool, size: int) -> Check:
    """What is there, before it is checked."""

    def count(table: str, condition: str = "TRUE") -> int:
        query = f"SELECT count(*) FROM {table} WHERE {condition}"
        return int(db.execute(query).fetchone()[0])

    unused = [count(*each) for each in UNUSED.items() if linked or each[0] != "parts"]
    return Check(
        versions=count("versions", "removed IS NULL" if linked else "TRUE"),
        baselines=count("baselines"),
        contents=count("manifests"),
        parts=count("parts"),
        unused=sum(unused),
        size=size,
    )


def _all_of(db: sqlite3.Connection, linked: bool, tick: Callable[[], None]) -> Iterator[Finding]:
    for (line,) in db.execute(f"PRAGMA integrity_check({_MOST})").fetchall():
        if line != "ok":
            yield Finding("structure", "", None, line)
    for table, number, parent, _ in db.execute("PRAGMA foreign_key_check").fetchall():
        yield Finding("reference", table, number, f"A row of {parent} is not there.")
    for number in _numbers(db, "parts"):
        tick()
        yield from _check_part(db, number, linked)
    for number in _numbers(db, "manifests"):
        tick()
        with reading(db):
            found = list(_check_manifest(db, number, linked))
        yield from found


def _check_part(db: sqlite3.Connection, number: int, linked: bool) -> Iterator[Finding]:
    row = _row(db, "parts", number)
    if row is None:
        return
    try:
        decode(unpack(part_of(*row)))
    except ValueError as error:
        query = "SELECT manifest FROM pieces WHERE part = ?"
        manifests = [each for (each,) in db.execute(query, (number,))] if linked else []
        yield Finding("damaged", "parts", number, str(error), _versions(db, manifests))


def _check_manifest(db: sqlite3.Connection, number: int, linked: bool) -> Iterator[Finding]:
    row = _row(db, "manifests", number)
    if row is None:
        return
    try:
        cells = decode(unpack(part_of(*row)))["cells"]
    except ValueError as error:
        yield Finding("damaged", "manifests", number, str(error), _versions(db, [number]))
        return
    needed = numbers_of(map(key_of, cells))
    if missing := sorted(needed - present(db, needed)):
        text = f"Parts {missing} are not there."
        yield Finding("missing", "manifests", number, text, _versions(db, [number]))
    if linked:
        query = "SELECT part FROM pieces WHERE manifest = ?"
        held = {part for (part,) in db.execute(query, (number,))}
        if loose := sorted(needed - held - set(missing)):
            yield Finding("unlinked", "manifests", number, f"Parts {loose} could be removed.")


def _row(db: sqlite3.Connection, table: str, number: int) -> tuple[bytes, int, bytes] | None:
    """A row that may have been removed meanwhile."""
    query = f"SELECT hash, packed, data FROM {table} WHERE number = ?"
    row: tuple[bytes, int, bytes] | None = db.execute(query, (number,)).fetchone()
    return row


def _numbers(db: sqlite3.Connection, table: str) -> list[int]:
    return [number for (number,) in db.execute(f"SELECT number FROM {table} ORDER BY number")]


def _versions(db: sqlite3.Connection, manifests: Iterable[int]) -> tuple[str, ...]:
    """The ids of the versions that have one of these contents."""
    found: list[str] = []
    for batch in batches(sorted(manifests)):
        places = ",".join("?" * len(batch))
        rows = db.execute(f"SELECT id FROM versions WHERE manifest IN ({places})", batch)
        found += [id for (id,) in rows]
    return tuple(sorted(found))


def _counting(progress: Progress | None, total: int) -> Callable[[], None]:
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    return tick
