"""Changed values woven into the text of a file, which elsewhere stays as it is."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .align import Traced, align
from .change import Change
from .dump import Dumper
from .frame import Frame, Part
from .items import Item, items
from .lines import resplit
from .members import Member, members
from .style import Style
from .values import clean_text, same


class Weaver:
    """Rewrites values of one file.

    As in ``Dumper``, loops are no comprehensions.

    Args:
        text: The file.
        style: How to lay out what is new in it.
    """

    def __init__(self, text: str, style: Style) -> None:
        self._text = text
        self._style = style
        self._dumper = Dumper(style)

    def value(self, item: Item, change: Change, margin: str) -> str:
        """Give the text of a value: as it is in the file, but for what changed.

        Args:
            item: The item of the file that has the value.
            change: What became of the value.
            margin: The indentation of the line on which it begins.
        """
        old, new, form = change
        if same(old, new) and not _is_reordered(new):
            return self._text[item.value : item.end]
        match self._text[item.value], old, new:
            case "{", dict(), dict():
                return self._object(self._items(item), change, margin)
            case "[", list(), list():
                return self._array(self._items(item), change, margin)
            case "[", str(), str():
                return self._lines(self._items(item), old, new, margin)
            case '"', str(), str() if old:
                return self._dumper.dump(new)
        return self._dumper.dump(form, margin)

    def _array(self, found: Sequence[Item], change: Change, margin: str) -> str:
        frame = Frame(self._text, self._style, found, margin)
        parts = []
        for place, origin in enumerate(align(change.old, change.new)):
            inner = frame.margin_of(origin)
            if origin is None:
                text = self._dumper.dump(change.form[place], inner)
            else:
                text = self.value(found[origin], change.at(origin, place), inner)
            parts.append(Part(origin, text))
        return frame.enclose("[", parts, "]")

    def _object(self, found: Sequence[Item], change: Change, margin: str) -> str:
        frame = Frame(self._text, self._style, found, margin)
        keys = [item.key for item in found]
        parts = []
        for member in members(keys, change.old, change.new, self._style):
            parts.append(Part(member.origin, self._member(found, member, change, frame)))
        return frame.enclose("{", parts, "}")

    def _member(self, found: Sequence[Item], member: Member, change: Change, frame: Frame) -> str:
        name, margin = member.name, frame.margin_of(member.origin)
        if member.origin is None:
            text = self._dumper.dump(change.form[name], margin)
            return self._dumper.member(str(name), text)
        item = found[member.origin]
        if name is None:
            return self._text[item.start : item.end]
        head = self._text[item.start : item.value]
        if name in change.old:
            return head + self.value(item, change.at(name, name), margin)
        return head + self._dumper.dump(change.form[name], margin)

    def _lines(self, found: Sequence[Item], old: str, new: str, margin: str) -> str:
        """Give the text of a list of lines; lines that are in the file already look the same."""
        texts = [self._text[item.value : item.end] for item in found]
        values = [clean_text(json.loads(text)) for text in texts]
        known = dict(zip(values, texts, strict=True))
        wanted = resplit(values, old, new)
        frame = Frame(self._text, self._style, found, margin)
        texts = [known.get(line) or self._dumper.dump(line) for line in wanted]
        return frame.enclose("[", list(map(Part, align(values, wanted), texts)), "]")

    def _items(self, item: Item) -> list[Item]:
        return items(self._text, item.value)


def _is_reordered(new: object) -> bool:
    """Tell whether cells changed places that differ in nothing but their ids."""
    cells = new.get("cells") if isinstance(new, dict) else new
    return isinstance(cells, Traced) and cells.origins != [*range(len(cells))]
