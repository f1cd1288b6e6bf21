"""Numbers, times and tables as people read them."""

from __future__ import annotations

import os

import pytest

from jupyter_crdt_autosave.cli.words import moment, place, plain, size, table


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (99_949, "99.9 kB"), (99_951, "100 kB"),
        (999_499, "999 kB"), (999_500, "1.0 MB"), (3 * 10**15, "3000 TB"),
    ],
)  # fmt: skip
def test_sizes_have_a_unit_that_fits(count: int, text: str) -> None:
    assert size(count) == text


def test_columns_are_as_wide_as_what_is_seen() -> None:
    assert table(("A", "B"), [("数", "x"), ("e\u0301", "y"), ("long", "")]) == [
        "A     B",
        "数    x",
        "e\u0301     y",
        "long",
    ]


def test_a_time_that_is_none_is_shown_as_it_is() -> None:
    assert moment("no time\x1b") == "no time\\x1b"
    assert moment(None) == "-"
    assert moment("2026-03-01T09:15:30.250Z").startswith("2026-0")


def test_a_path_is_named_from_the_working_directory() -> None:
    assert place(os.path.join(os.getcwd(), "a", "b.ipynb")) == os.path.join("a", "b.ipynb")
    assert place("/elsewhere/b.ipynb") == "/elsewhere/b.ipynb"
    assert place(None) == "?"


def test_bytes_of_a_file_name_that_are_no_text_can_be_shown() -> None:
    assert plain("a\udcffb") == "a\\udcffb"
