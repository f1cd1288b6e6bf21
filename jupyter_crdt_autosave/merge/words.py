"""Lines and words: what a text is merged by."""

from __future__ import annotations

import re

_CLUSTER = "[\u0300-\u036f\u1ab0-\u1aff\u200d\u20d0-\u20ff\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]"
"""What belongs to the character before it: accents, joiners, variants, skin tones."""

_IDEOGRAPHS = (
    "\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
"""Scripts that are written without blanks: each character is a word."""

_WORD = re.compile(
    rf"\r?\n"
    rf"|(?:(?![{_IDEOGRAPHS}])\w{_CLUSTER}*)+"
    rf"|[^\S\n]+(?=\r\n)|(?:(?!\r\n)[^\S\n])+"
    rf"|.(?:\u200d.|{_CLUSTER})*",
    re.DOTALL,
)

_ASCII_WORD = re.compile(r"\r?\n|\w+|[^\S\n]+(?=\r\n)|(?:(?!\r\n)[^\S\n])+|.", re.DOTALL)
"""The same, where there is nothing else than ASCII."""


def lines(text: str) -> list[str]:
    """The lines of a text, each with a line feed, which the last one has not in the text."""
    return [f"{line}\n" for line in text.split("\n")]


def joined(parts: list[str]) -> str:
    """The text of which `parts` are the lines."""
    return "".join(parts)[:-1]


def words(text: str) -> list[str]:
    """The words of a text: what is changed as a whole or not at all. Joined they are the text.

    A run of letters, digits and underscores, a run of blanks, a line end, or any other single
    character, with what combines with it.
    """
    return (_ASCII_WORD if text.isascii() else _WORD).findall(text)
