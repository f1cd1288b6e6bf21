"""Quick random sources, and what people and programs do to them.

Every text that an edit writes has marks in it: words that stand nowhere else, and say who wrote
them. So it can be told from a result alone what became of each edit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

MARK = re.compile(r"[a-p]{6}[BCOT]")
"""A mark: of the base, of an edit that both sides made, of ours, or of theirs."""

CLUSTERS = ("👩‍👩‍👧‍👦", "👩‍👧", "👨‍💻", "👍🏽", "❤️‍🔥")
_LINES = (
    "",
    "",
    "    return 1",
    "x = 1",
    ")",
    "# ---",
    "変数 = '値' # 東京都",
    "日本語の文章は空白なしで続く。",
    "print('👩‍👧', \"é\")",
    "\tif a and not b:",
    "value = 17",
    "for i in range(3): print(i, 'x')",
)
_CHARACTERS = ("漢", "字", "仮", "名", "交", *CLUSTERS, "é", "한")
_LENGTHS = (0, 1, 1, 2, 3, 4, 5, 6, 8, 12)
_LONG = (40, 90, 400)


class Pen:
    """Writes texts that tell who wrote them."""

    def __init__(self, random: Random, sign: str) -> None:
        self.random = random
        self.sign = sign
        self.runs: list[str] = []
        """The texts that were put somewhere as a whole, more than one mark long."""

    def mark(self) -> str:
        """A word that stands nowhere else."""
        return "".join(self.random.choices("abcdefghijklmnop", k=6)) + self.sign

    def words(self, count: int) -> str:
        """Some marks in one line."""
        blank = self.random.choice((" ", " ", " = ", ", ", "(", "変", ". "))
        return self._whole(blank.join(self.mark() for _ in range(count)))

    def line(self) -> str:
        """A line with marks, or such as there are many."""
        return self._line(self.random.random() < 0.4)

    def _line(self, common: bool) -> str:
        if common and self.random.random() < 0.75:
            return self.random.choice(_LINES)
        dent = self.random.choice(("", "", "    ", "\t"))
        start = self.random.choice(("", "", "x = ", "# ", "変数 = ", "👩‍👧 ", "print('"))
        return dent + start + " ".join(self.mark() for _ in range(self.random.randint(1, 4)))

    def lines(self, count: int) -> list[str]:
        """Some lines, the first and the last with a mark."""
        made = [self._line(place % 2 == 1) for place in range(count)]
        made[0] = f"{made[0]} {self.mark()}"
        made[-1] = f"{made[-1]} {self.mark()}"
        self._whole("\n".join(made))
        return made

    def source(self) -> str:
        """The source of a cell."""
        count = self.random.choice(_LENGTHS)
        if self.random.random() < 0.02:
            count = self.random.choice(_LONG)
        end = self.random.choice(("\n", "\n", "\n", "\n", "\n", "\r\n", "\r"))
        tail = self.random.choice(("", "", "", "\n", "\n\n"))
        return end.join(self.line() for _ in range(count)) + tail

    def character(self) -> str:
        """One that is a word of its own."""
        return self.random.choice(_CHARACTERS)

    def _whole(self, text: str) -> str:
        if len(MARK.findall(text)) > 1:
            self.runs.append(text)
        return text


def edited(source: str, pen: Pen) -> str:
    """The source after one edit."""
    lines = source.split("\n")
    edit = pen.random.choice(_EDITS)
    return "\n".join(edit(lines, pen))


def texts_of(seed: int) -> tuple[str, str, str]:
    """A text, and what two sides made of it."""
    random = Random(seed)
    base = Pen(random, "B").source()
    sides = []
    for sign in "TO":
        text = base
        for _ in range(random.randint(0, 3)):
            text = edited(text, Pen(random, sign))
        sides.append(text)
    return base, sides[0], sides[1]


def _some(lines: list[str], pen: Pen) -> tuple[int, int]:
    """A stretch of lines, not empty."""
    start = pen.random.randrange(len(lines))
    return start, min(len(lines), start + pen.random.choice((1, 1, 2, 4)))


def _insert(lines: list[str], pen: Pen) -> list[str]:
    place = pen.random.randint(0, len(lines))
    return [*lines[:place], *pen.lines(pen.random.randint(1, 5)), *lines[place:]]


def _append(lines: list[str], pen: Pen) -> list[str]:
    return [*lines, *pen.lines(pen.random.randint(1, 3))]


def _delete(lines: list[str], pen: Pen) -> list[str]:
    start, stop = _some(lines, pen)
    return [*lines[:start], *lines[stop:]] or [""]


def _replace(lines: list[str], pen: Pen) -> list[str]:
    start, stop = _some(lines, pen)
    return [*lines[:start], *pen.lines(pen.random.randint(1, 3)), *lines[stop:]]


def _move(lines: list[str], pen: Pen) -> list[str]:
    start, stop = _some(lines, pen)
    rest = [*lines[:start], *lines[stop:]]
    place = pen.random.randint(0, len(rest))
    return [*rest[:place], *lines[start:stop], *rest[place:]]


def _double(lines: list[str], pen: Pen) -> list[str]:
    start, stop = _some(lines, pen)
    return [*lines[:stop], *lines[start:]]


def _reindent(lines: list[str], pen: Pen) -> list[str]:
    start, stop = _some(lines, pen) if pen.random.random() < 0.5 else (0, len(lines))
    dented = [f"    {line}" if line.strip() else line for line in lines[start:stop]]
    return [*lines[:start], *dented, *lines[stop:]]


def _split_line(lines: list[str], pen: Pen) -> list[str]:
    place, _ = _some(lines, pen)
    words = lines[place].split(" ")
    cut = pen.random.randint(0, len(words))
    return [*lines[:place], " ".join(words[:cut]), " ".join(words[cut:]), *lines[place + 1 :]]


def _join_lines(lines: list[str], pen: Pen) -> list[str]:
    place, _ = _some(lines, pen)
    return [*lines[:place], " ".join(lines[place : place + 2]), *lines[place + 2 :]]


def _rewrite(lines: list[str], pen: Pen) -> list[str]:
    del lines
    return pen.source().split("\n")


def _in_line(change: Callable[[str, Pen], str]) -> Callable[[list[str], Pen], list[str]]:
    def edit(lines: list[str], pen: Pen) -> list[str]:
        place, _ = _some(lines, pen)
        return [*lines[:place], change(lines[place], pen), *lines[place + 1 :]]

    return edit


def _in_all(change: Callable[[str], str]) -> Callable[[list[str], Pen], list[str]]:
    return lambda lines, _: [change(line) for line in lines]


def _put_words(line: str, pen: Pen) -> str:
    words = line.split(" ")
    words.insert(pen.random.randint(0, len(words)), pen.words(pen.random.randint(1, 3)))
    return " ".join(words)


def _type_on(line: str, pen: Pen) -> str:
    return line.rstrip("\r") + pen.words(1) + "\r" * line.endswith("\r")


def _put_anywhere(line: str, pen: Pen) -> str:
    """Not into a mark, nor into what is one character to a reader."""
    places = [found.end() for found in re.finditer(r"[ ,(=.'\"]", line)] or [0]
    place = pen.random.choice(places)
    return line[:place] + pen.words(pen.random.randint(1, 2)) + line[place:]


def _replace_word(line: str, pen: Pen) -> str:
    words = line.split(" ")
    words[pen.random.randrange(len(words))] = pen.words(1)
    return " ".join(words)


def _delete_word(line: str, pen: Pen) -> str:
    words = line.split(" ")
    del words[pen.random.randrange(len(words))]
    return " ".join(words)


def _change_number(line: str, pen: Pen) -> str:
    return re.sub(r"\b\d+\b", str(pen.random.randint(2, 999)), line, count=1)


def _change_character(line: str, pen: Pen) -> str:
    """A character for another one, or one more."""
    known = "|".join([*CLUSTERS, "[漢字仮名交変数値東京都日本語の文章は空白なしで続く한]"])
    found = list(re.finditer(known, line))
    if not found:
        return line + pen.character()
    place = pen.random.choice(found)
    end = place.start() if pen.random.random() < 0.3 else place.end()
    return line[: place.start()] + pen.character() + line[end:]


def _black(line: str) -> str:
    return re.sub(r" ?([=,]) ?", r" \1 ", line).replace("'", '"').rstrip()


_EDITS: tuple[Callable[[list[str], Pen], list[str]], ...] = (
    _insert,
    _insert,
    _append,
    _delete,
    _replace,
    _move,
    _double,
    _reindent,
    _split_line,
    _join_lines,
    _rewrite,
    _in_line(_put_words),
    _in_line(_put_words),
    _in_line(_type_on),
    _in_line(_put_anywhere),
    _in_line(_replace_word),
    _in_line(_replace_word),
    _in_line(_delete_word),
    _in_line(_change_number),
    _in_line(_change_number),
    _in_line(_change_character),
    _in_line(_change_character),
    _in_all(_black),
    _in_all(str.rstrip),
    _in_all(lambda line: line.rstrip("\r") + "\r"),
    _in_all(lambda line: line.rstrip("\r")),
)
