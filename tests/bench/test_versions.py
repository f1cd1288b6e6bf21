"""What a long timeline costs: space, the time to list it, and the time to keep it short."""

from __future__ import annotations

import json
import random
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jupyter_crdt_autosave.storage.archive import Archive, Content, Draft, archive_in
from jupyter_crdt_autosave.storage.moment import written

from .measure import best, report, seconds, slowness

pytestmark = pytest.mark.bench

START = 1_772_366_400.0
OUTPUTS = 20_000_000
CELLS = 40
VERSIONS = 50


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive with nothing in it."""
    with closing(archive_in(str(tmp_path))) as archive:
        yield archive


def notebook(cells: int, outputs: int = 0) -> Content:
    """A notebook whose outputs have so many bytes together, half of which compresses away."""
    chance, size = random.Random(1), outputs // cells
    return {
        "cells": [_cell(number, chance.randbytes(size // 2).hex()) for number in range(cells)],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(number: int, text: str) -> dict[str, Any]:
    stream = {"output_type": "stream", "name": "stdout", "text": text}
    return {
        "cell_type": "code",
        "id": f"c{number}",
        "metadata": {},
        "execution_count": 1,
        "source": f"compute({number})",
        "outputs": [stream] if text else [],
    }


def edited(made: Content, number: int) -> Content:
    """The same notebook with another source in one cell; the others are the same objects."""
    cells = list(made["cells"])
    place = number % len(cells)
    cells[place] = {**cells[place], "source": f"compute({place}, {number})"}
    return {**made, "cells": cells}


def draft(made: Content, number: int, kind: str = "conflict") -> Draft:
    """A version that is going to be kept, a second after the one before."""
    return Draft(kind, None, written(START + number), made)


def test_unchanged_outputs_are_stored_once(archive: Archive, tmp_path: Path) -> None:
    """Baseline: the notebook compressed once."""
    made = notebook(CELLS, OUTPUTS)
    baseline = len(zlib.compress(json.dumps(made).encode(), 1))
    for number in range(VERSIONS):
        made = edited(made, number)
        archive.keep_versions("d", [draft(made, number)])
    assert len(archive.versions("d")) == VERSIONS
    size = (tmp_path / "archive.db").stat().st_size
    assert report("50 versions with 20 MB of outputs", size, baseline, "bytes", 1.1) <= 1.1
    oldest = archive.versions("d")[-1]
    assert archive.read_version(oldest.id)[1]["cells"][0]["source"] == "compute(0, 0)"


def test_a_thousand_versions_are_listed_at_once(archive: Archive) -> None:
    """Baseline: 50 ms."""
    made = notebook(100)
    for start in range(0, 1000, 100):
        drafts = []
        for number in range(start, start + 100):
            made = edited(made, number)
            drafts.append(draft(made, number))
        archive.keep_versions("d", drafts)
    assert len(archive.versions("d")) == 1000

    def listing() -> float:
        began = time.perf_counter()
        archive.versions("d")
        return time.perf_counter() - began

    taken = best(listing) / slowness()
    assert report("listing 1,000 versions", taken, 0.05, "s", 1) <= 1


def test_keeping_versions_takes_no_longer_for_removing_others(archive: Archive) -> None:
    """A tool rewrites a notebook every two seconds for three hours. Baseline: its first hour."""
    made, taken = notebook(50), [0.0, 0.0, 0.0]
    for number in range(3 * 1800):
        made = edited(made, number)
        sides = [
            Draft("external", side, written(START + 2 * number), made)
            for side in ("document", "file")
        ]
        taken[number // 1800] += seconds(lambda: archive.keep_versions("d", sides))  # noqa: B023
    assert report("an hour in which others go", taken[2], taken[0], "s", 2.5) <= 2.5


def test_the_links_to_parts_cost_little(archive: Archive) -> None:
    """Of a notebook of 5,000 cells, one of which was edited. Baseline: to encode its cells."""
    made = notebook(5000)
    archive.keep_versions("d", [draft(made, 0)])
    encoding = best(lambda: seconds(lambda: [json.dumps(each) for each in made["cells"]]))
    number = 0

    def keeping() -> float:
        nonlocal made, number
        number += 1
        made = edited(made, number)
        return seconds(lambda: archive.keep_versions("d", [draft(made, number)]))

    limit = 4.0
    assert report("a version of 5,000 cells", best(keeping), encoding, "s", limit) <= limit
