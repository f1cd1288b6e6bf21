"""The bytes of a notebook file, of which only the cells that changed are written anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from operator import is_
from typing import Any

import xxhash

from .dump import Dumper
from .form import Cell, Content, cell_form, encode, frame_form, has_ids
from .normal import dicts
from .style import NBFORMAT

_CELL_MARGIN = "  "
_BETWEEN = b",\n" + _CELL_MARGIN.encode()


@dataclass(frozen=True)
class _Page:
    """Cells, the JSON that was written for each, and its digest.

    The cells are held so that no others can have their identities.
    """

    with_ids: bool = False
    cells: list[Cell] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)


@dataclass(frozen=True)
class Rendering:
    """A notebook file in pieces.

    ``digest`` is made of the xxh3_128 digests of what is around the cells and of each cell: equal
    digests mean equal files.
    """

    before: bytes
    cells: tuple[bytes, ...]
    after: bytes
    digest: str

    @cached_property
    def data(self) -> bytes:
        """The file: byte for byte what nbformat would write."""
        if not self.cells:
            return self.before + self.after
        # All is copied once.
        pieces = [*self.cells]
        pieces[0] = self.before + pieces[0]
        pieces[-1] += self.after
        return _BETWEEN.join(pieces)


class Sheet:
    """Writes one notebook again and again.

    Cells are known by what they are, not by their value: a cell that was rendered once must never
    be changed, only replaced. Not for several threads at a time.
    """

    def __init__(self) -> None:
        self._dumper = Dumper(NBFORMAT)
        self._page = _Page()

    def render(self, content: Content) -> Rendering:
        """Write content as ``render`` in ``export`` does for a new file. It is not changed."""
        page = self._page = self._turn(dicts(content.get("cells")), has_ids(content))
        before, after = self._around(content, bool(page.cells))
        ends = [xxhash.xxh3_128_digest(before), xxhash.xxh3_128_digest(after)]
        digest = xxhash.xxh3_128_hexdigest(b"".join([*ends, *page.digests]))
        return Rendering(before, tuple(page.texts), after, digest)

    def _turn(self, cells: list[Cell], with_ids: bool) -> _Page:
        """Write what is not on the last page."""
        last = self._page if self._page.with_ids == with_ids else _Page()
        if len(cells) == len(last.cells):
            texts, digests = last.texts.copy(), last.digests.copy()
            pairs = enumerate(map(is_, cells, last.cells))
            news = [place for place, same in pairs if not same]
        else:
            texts, digests, news = [b""] * len(cells), [b""] * len(cells), [*range(len(cells))]
        known = {id(cell): place for place, cell in enumerate(last.cells)} if news[1:] else {}
        for place in news:
            old = known.get(id(cells[place]))
            if old is None:
                texts[place] = self._text(cells[place], with_ids)
                digests[place] = xxhash.xxh3_128_digest(texts[place])
            else:
                texts[place], digests[place] = last.texts[old], last.digests[old]
        return _Page(with_ids, cells, texts, digests)

    def _text(self, cell: Cell, with_id: bool) -> bytes:
        return encode(self._dumper.dump(cell_form(cell, with_id), _CELL_MARGIN))

    def _around(self, content: Content, has_cells: bool) -> tuple[bytes, bytes]:
        """Write what is before the first cell, and what is behind the last."""
        frame = frame_form(content)
        names = sorted([*frame, "cells"])
        members = {name: self._member(name, frame[name]) for name in frame}
        members["cells"] = '"cells": ['
        place = names.index("cells") + 1
        head = ",\n ".join(members[name] for name in names[:place])
        tail = "".join(f",\n {members[name]}" for name in names[place:])
        opener, closer = ("\n" + _CELL_MARGIN, "\n ]") if has_cells else ("", "]")
        return encode("{\n " + head + opener), encode(closer + tail + "\n}\n")

    def _member(self, name: str, value: Any) -> str:
        return self._dumper.member(name, self._dumper.dump(value, " "))
