"""JSON text of values that are new in a file."""

from __future__ import annotations

import json
from collections.abc import Collection
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

from .style import Style

_SCALARS = frozenset({str, int, float, bool, type(None)})


class Dumper:
    """Writes JSON in one style, as the standard library would, but quicker.

    Its loops are no comprehensions, which would make nested values use up the stack sooner.
    """

    def __init__(self, style: Style) -> None:
        self.style = style
        self.string = encode_basestring_ascii if style.ascii else encode_basestring

    def dump(self, value: Any, margin: str = "") -> str:
        """Write a JSON value.

        Args:
            value: The value, in file form.
            margin: The indentation of the line on which it begins.
        """
        if isinstance(value, str):
            return self.string(value)
        if isinstance(value, dict):
            return self._object(value, margin)
        if isinstance(value, (list, tuple)):
            return self._array(value, margin)
        return json.dumps(value, default=str)

    def member(self, key: str, text: str) -> str:
        """Write a key with a value that is JSON text already."""
        return self.string(key) + self.style.colon + text

    def _object(self, value: dict[str, Any], margin: str) -> str:
        inner = self._inner(margin)
        members = []
        for key in self.style.sorted(value):
            members.append(self.member(key, self.dump(value[key], inner)))
        return self._enclose("{", members, "}", margin)

    def _array(self, value: Collection[Any], margin: str) -> str:
        kinds = set(map(type, value))
        items: list[str] = []
        if kinds <= {str}:
            items += map(self.string, value)
        elif kinds <= _SCALARS:
            items = self._scalars(value)
        else:
            for item in value:
                items.append(self.dump(item, self._inner(margin)))
        return self._enclose("[", items, "]", margin)

    def _scalars(self, value: Collection[Any]) -> list[str]:
        """Write many scalars at once: a line end is never inside a JSON string."""
        text = json.dumps(value, ensure_ascii=self.style.ascii, separators=("\n", ""))
        return text[1:-1].split("\n")

    def _inner(self, margin: str) -> str:
        return margin + (self.style.indent or "")

    def _enclose(self, opener: str, items: list[str], closer: str, margin: str) -> str:
        style = self.style
        if not items or style.indent is None:
            return opener + style.comma.join(items) + closer
        start = style.newline + self._inner(margin)
        body = (style.comma + start).join(items)
        return f"{opener}{start}{body}{style.newline}{margin}{closer}"
