"""Which outside edits are the last to show text that somebody wrote in the document.

A program that rewrites a notebook may delete what a user typed a moment before, so that only the
version from just before this edit still has it: such a version is not thinned. What a program
itself wrote and wrote over is another matter, and so is what a user replaces by typing on.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from .parts import decode, unpack
from .pieces import part_of

Lines = set[str]

_MANIFESTS = 8
"""Of how many contents the parts are known at a time: those of three moments, and some more."""


@dataclass(frozen=True)
class Moment:
    """An outside edit: the manifests of the document just before it, and of what came in."""

    at: float
    document: int | None = None
    arrived: int | None = None


class Sightings:
    """Looks at outside edits in their order. Only cells that differ are read."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._parts = lru_cache(_MANIFESTS)(self._read_parts)
        self._known: dict[int, frozenset[str]] = {}

    def last(self, moments: Sequence[Moment], candidates: set[float]) -> set[float]:
        """The candidates that are the last to show something that was written in the document.

        Args:
            moments: the outside edits of one notebook, oldest first.
            candidates: those that are asked for. The newest of all is never one of them.
        """
        places = [place for place, moment in enumerate(moments) if moment.at in candidates]
        brought: dict[str, Moment] = {}
        found: set[float] = set()
        # From the one before on, which tells where text of the first one is from.
        for place in range(max(min(places, default=0) - 1, 0), max(places, default=-1) + 1):
            moment = moments[place]
            if moment.at in candidates:
                lost = self._lost(moment, moments[place + 1])
                if not all(self._is_theirs(line, brought.get(line)) for line in lost):
                    found.add(moment.at)
            for line in self._differing(moment.arrived, moment.document):
                brought.setdefault(line, moment)
        return found

    def _lost(self, moment: Moment, after: Moment) -> Lines:
        """The lines of a document that neither came in again nor are there the next time.

        Those that did come in were deleted in the document afterwards, and those that are part of a
        longer line were typed on.
        """
        lost = self._differing(moment.document, after.document)
        lost &= self._differing(moment.document, moment.arrived)
        typed = self._differing(after.document, moment.document) if lost else set()
        typed -= self._differing(moment.arrived, moment.document) if typed else set()
        return {line for line in lost if not any(line in longer for longer in typed)}

    def _is_theirs(self, line: str, moment: Moment | None) -> bool:
        """Whether a line came in at a moment, and the document did not have it then."""
        if moment is None:
            return False
        return all(line not in self._lines([part])[0] for part in self._parts(moment.document))

    def _differing(self, manifest: int | None, other: int | None) -> Lines:
        """The lines of one content's cells that are not among those of another's other cells."""
        own, others = self._parts(manifest), self._parts(other)
        lines = set[str]().union(*self._lines(own - others))
        return lines.difference(*self._lines(others - own)) if lines else lines

    def _read_parts(self, manifest: int | None) -> frozenset[int]:
        rows = self._db.execute("SELECT part FROM pieces WHERE manifest = ?", (manifest,))
        return frozenset(part for (part,) in rows)

    def _lines(self, parts: Iterable[int]) -> list[frozenset[str]]:
        """The lines in the sources of cells; none in parts that are outputs, or damaged."""
        wanted = list(parts)
        for part in wanted:
            if part not in self._known:
                self._known[part] = frozenset(self._read_lines(part))
        return [self._known[part] for part in wanted]

    def _read_lines(self, part: int) -> Iterator[str]:
        query = "SELECT hash, packed, {} FROM parts WHERE number = ?"
        beginning = self._db.execute(query.format("substr(data, 1, 99)"), (part,)).fetchone()
        if beginning is None or not _is_cell(*beginning[1:]):
            return
        with suppress(ValueError):
            row = self._db.execute(query.format("data"), (part,)).fetchone()
            source = decode(unpack(part_of(*row))).get("source", "")
            yield from filter(None, map(str.strip, source.split("\n")))


def _is_cell(packed: int, beginning: bytes) -> bool:
    """Whether a part is a cell, as far as its beginning tells; outputs may be large."""
    with suppress(zlib.error):
        first = zlib.decompressobj().decompress(beginning, 1) if packed else beginning[:1]
        return first == b"{"
    return False
