"""Somebody who types numbered words, so that what is lost, doubled or torn apart shows."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from difflib import ndiff
from itertools import cycle

from pycrdt import Text

from tests.support.client import Client

from .caret import Caret

WORDS_IN_A_LINE = 8


def differences(typed: list[str], found: list[str]) -> str:
    """How the words that are there differ from those that were typed."""
    return "\n".join(line for line in ndiff(typed, found) if not line.startswith((" ", "?")))


class Place:
    """A cell, known by a mark in its text, and the words that were typed into it.

    ``letter`` begins each of the words; ``thrown`` counts how often the caret was lost because
    the text that it stood in was replaced by another.
    """

    def __init__(self, client: Client, mark: str, letter: str) -> None:
        self.client = client
        self.mark = mark
        self.letter = letter
        self.words: list[str] = []
        self.thrown = 0
        self._number = 0
        self._caret: Caret | None = None

    def next_word(self) -> str:
        """What is to be typed next: a word, and the space or the new comment line after it."""
        word = f"{self.letter}{self._number:05d}"
        self.words.append(word)
        self._number += 1
        return word + (" " if self._number % WORDS_IN_A_LINE else "\n# ")

    def type(self, key: str) -> None:
        """Press one key where the caret is."""
        source = self._source()
        if self._caret is None or not self._caret.stands_in(str(source)):
            self._lose()
            self._caret = Caret(source)
        self._caret.type(key)

    def go_to_end(self) -> None:
        """Put the caret behind the text, wherever it stood."""
        if self._caret is not None:
            self._caret.leave()
        self._caret = Caret(self._source())

    def found(self, sources: Iterable[str]) -> list[str]:
        """The words in these texts as they stand there, whatever has been glued to them."""
        numbered = re.compile(rf"{self.letter}\d")
        return [word for text in sources for word in text.split() if numbered.search(word)]

    def cells(self, sources: Iterable[str]) -> int:
        """How many of these texts hold any of the words."""
        return sum(bool(self.found([text])) for text in sources)

    def _source(self) -> Text:
        cells = [cell for cell in self.client.notebook.ycells if self.mark in str(cell["source"])]
        assert len(cells) == 1, f"{len(cells)} cells hold {self.mark!r}"
        source = cells[0]["source"]
        assert isinstance(source, Text)
        return source

    def _lose(self) -> None:
        if self._caret is not None:
            self._caret.leave()
            self.thrown += 1


class Typist:
    """Types a word here and a word there, key by key, for as long as it is let.

    ``pause`` is in seconds, between two keys.
    """

    def __init__(self, client: Client, marks: dict[str, str], pause: float = 0.01) -> None:
        """`marks` are the places: the letter of their words, and the mark in their cell."""
        self.client = client
        self.pause = pause
        self.places = [Place(client, mark, letter) for letter, mark in marks.items()]
        self._stopped = False

    @property
    def count(self) -> int:
        """How many words were typed."""
        return sum(len(place.words) for place in self.places)

    @asynccontextmanager
    async def typing(self) -> AsyncIterator[Typist]:
        """Type while the block runs; the last word is finished."""
        self._stopped = False
        task = asyncio.create_task(self._type())
        try:
            yield self
        finally:
            self._stopped = True
            await task

    async def type_words(self, count: int) -> None:
        """Type so many words."""
        for _, place in zip(range(count), cycle(self.places), strict=False):
            await self._word(place)

    async def _type(self) -> None:
        for place in cycle(self.places):
            if self._stopped:
                return
            await self._word(place)

    async def _word(self, place: Place) -> None:
        for key in place.next_word():
            place.type(key)
            await asyncio.sleep(self.pause)

    def check(self, sources: list[str]) -> None:
        """Every word stands in these texts, in order, once, and all of a place in one cell."""
        for place in self.places:
            found = place.found(sources)
            assert found == place.words, differences(place.words, found)
            assert place.cells(sources) == min(len(place.words), 1)

    def check_so_far(self, sources: list[str]) -> None:
        """The same while the last word may not be finished."""
        for place in self.places:
            assert place.found(sources)[: len(place.words) - 1] == place.words[:-1]
