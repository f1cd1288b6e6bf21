"""The bytes of a notebook file, of which only the cells that changed are written anew."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import xxhash

from .dump import Dumper
from .form import Cell, Content, cell_form, encode, frame_form, has_ids
from .normal import dicts
from .style import NBFORMAT

_CELL_MARGIN = "  "
_BETWEEN = b",\n" + _CELL_MARGIN.encode()


@dataclass(frozen=True)
class _Written:
    """A cell, which is held so that no other can have its identity, and the JSON written for it."""

    cell: Cell
    with_id: bool
    text: bytes
    digest: bytes


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
        return self.before + _BETWEEN.join(self.cells) + self.after


class Sheet:
    """Writes one notebook again and again.

    Cells are known by what they are, not by their value: a cell that was rendered once must never
    be changed, only replaced. Not for several threads at a time.
    """

    def __init__(self) -> None:
        self._dumper = Dumper(NBFORMAT)
        self._written: dict[int, _Written] = {}

    def render(self, content: Content) -> Rendering:
        """Write content as ``render`` in ``export`` does for a new file. It is not changed."""
        with_ids = has_ids(content)
        written = [self._write(cell, with_ids) for cell in dicts(content.get("cells"))]
        # Only these: what is no longer in the notebook would pile up.
        self._written = {id(each.cell): each for each in written}
        before, after = self._around(content, bool(written))
        digests = [xxhash.xxh3_128_digest(before), *(each.digest for each in written)]
        digest = xxhash.xxh3_128_hexdigest(b"".join([*digests, xxhash.xxh3_128_digest(after)]))
        return Rendering(before, tuple(each.text for each in written), after, digest)

    def _write(self, cell: Cell, with_id: bool) -> _Written:
        known = self._written.get(id(cell))
        if known is not None and known.with_id == with_id:
            return known
        text = encode(self._dumper.dump(cell_form(cell, with_id), _CELL_MARGIN))
        return _Written(cell, with_id, text, xxhash.xxh3_128_digest(text))

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
