"""What happens to the file itself: not whole, older, replaced, rewritten, touched."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.client import Client, until
from tests.support.loop import in_loop
from tests.support.server import RealServer

from . import kept
from .reads import Reads
from .story import OPTIONS, Story, half, told

pytestmark = pytest.mark.timeout(180)


def empty(path: Path) -> bytes:
    """No byte at all."""
    return b""


def in_conflict(path: Path) -> bytes:
    """What git leaves of a merge in conflict."""
    lines = path.read_bytes().splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if b"last = 1" in line)
    theirs = lines[place].replace(b"1", b"2")
    lines[place : place + 1] = [
        b"<<<<<<< HEAD\n", lines[place], b"=======\n", theirs, b">>>>>>> other\n",
    ]  # fmt: skip
    return b"".join(lines)


def edited(path: Path, old: str, new: str) -> bytes:
    """The notebook's bytes with one text replaced by another."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    return text.replace(old, new).encode()


async def an_interval(server: RealServer) -> None:
    """Wait until an edit that is made now, in another notebook, is in that one's file."""
    server.write("beside.ipynb", "beside")
    beside = Client(server, "beside.ipynb")
    async with beside.connected():
        beside.type(0, "!")
        await until(lambda: server.sources("beside.ipynb") == beside.sources)


BROKEN = pytest.mark.parametrize("broken", [empty, half, in_conflict])


@BROKEN
def test_a_file_that_is_no_notebook_stays_until_somebody_mends_it(
    server: RealServer, broken: Callable[[Path], bytes]
) -> None:
    @in_loop
    async def mend() -> None:
        async with told(server, f"mend-{broken.__name__}/nb.ipynb") as story:
            await story.typist.type_words(10)
            await story.settled()
            whole = edited(story.path, "last = 1", "last = 'p00001'")
            bad = broken(story.path)
            story.path.write_bytes(bad)
            async with story.typist.typing():
                assert "nb.ipynb" in await story.halted()
                await an_interval(server)
                assert story.path.read_bytes() == bad
                story.typist.check_so_far(story.sources)
                assert story.client.notebook.ystate["dirty"] is True
                story.path.write_bytes(whole)
                await story.has("p00001")
                await story.exports(1)
            await story.settled("p00001")

    mend()


@BROKEN
def test_a_file_that_is_no_notebook_is_replaced_by_an_explicit_save_and_kept(
    server: RealServer, broken: Callable[[Path], bytes]
) -> None:
    @in_loop
    async def save() -> None:
        async with told(server, f"save-{broken.__name__}/nb.ipynb") as story:
            await story.typist.type_words(10)
            await story.settled()
            bad = broken(story.path).replace(b"import math", b"import " + broken.__name__.encode())
            story.path.write_bytes(bad)
            await story.halted()
            await story.typist.type_words(10)
            assert (await story.client.save())["status"] == "success"
            await story.settled()
            assert not bad or bad in kept.set_aside(server.store)
            async with story.typist.typing():
                await story.exports(1)
            await story.settled()

    save()


@in_loop
async def test_a_burst_of_rewrites_ends_equal_to_the_last_and_then_all_is_quiet(
    server: RealServer,
) -> None:
    async with told(server, "burst/nb.ipynb") as story:
        text = story.path.read_text(encoding="utf-8")
        for number in range(1, 51):
            story.path.write_text(text.replace("last = 1", f"last = 'p{number:05d}'"))
        await story.settled("p00050")
        await nothing_is_sent(story, lambda: os.utime(story.path))


@in_loop
async def test_a_burst_of_rewrites_does_not_disturb_who_types(server: RealServer) -> None:
    async with told(server, "burst-typing/nb.ipynb") as story:
        async with story.typist.typing():
            await story.exports(1)
            text = story.path.read_text(encoding="utf-8")
            for number in range(1, 51):
                other = story.path.with_suffix(".new")
                other.write_text(text.replace("last = 1", f"last = 'p{number:05d}'"))
                os.replace(other, story.path)
            await story.has("p00050")
            await story.exports(1)
        await story.settled("p00050")


async def nothing_is_sent(story: Story, act: Callable[[], object]) -> None:
    """The server looks at a file that something was done to, and no update comes of it."""
    received = len(story.client.received)
    with Reads(story.path) as reads:
        act()
        await until(lambda: reads.count)
    # The answer comes after everything that the look led to.
    assert (await story.client.save())["status"] == "success"
    assert story.client.received[received:] == []


def rewrite(path: Path) -> None:
    """Write the same bytes again, in place."""
    path.write_bytes(path.read_bytes())


def replace(path: Path) -> None:
    """Put another file with the same bytes there."""
    path.with_suffix(".new").write_bytes(path.read_bytes())
    os.replace(path.with_suffix(".new"), path)


@pytest.mark.parametrize("act", [os.utime, rewrite, replace])
def test_a_file_that_did_not_change_makes_no_update(
    server: RealServer, act: Callable[[Path], object]
) -> None:
    @in_loop
    async def look() -> None:
        async with told(server, f"same-{act.__name__}/nb.ipynb") as story:
            await story.typist.type_words(10)
            await story.settled()
            await nothing_is_sent(story, lambda: act(story.path))
            await story.settled()

    look()


@in_loop
async def test_a_notebook_in_other_bytes_changes_only_what_the_file_is_known_by(
    server: RealServer,
) -> None:
    async with told(server, "reformatted/nb.ipynb") as story:
        await story.typist.type_words(10)
        await story.settled()
        received = len(story.client.received)
        story.path.write_text(json.dumps(json.loads(story.path.read_bytes())))
        await story.undisturbed()
        assert len(story.client.received) == received + 1
        await story.settled()


@in_loop
async def test_a_file_that_says_it_is_older_counts(server: RealServer) -> None:
    async with told(server, "older/nb.ipynb") as story:
        async with story.typist.typing():
            await story.exports(1)
            for number, age in enumerate((86_400, 3_600, 10)):
                when = story.path.stat().st_mtime - age
                other = story.path.with_suffix(".new")
                before = "1" if number == 0 else f"'p0000{number - 1}'"
                other.write_bytes(edited(story.path, f"last = {before}", f"last = 'p0000{number}'"))
                os.utime(other, (when, when))
                os.replace(other, story.path)
                await story.has(f"p0000{number}")
                await story.exports(1)
        await story.settled("p00002")


@in_loop
async def test_a_change_of_the_same_length_at_the_same_time_counts(server: RealServer) -> None:
    async with told(server, "same-size/nb.ipynb") as story:
        await story.typist.type_words(10)
        await story.settled()
        seen = story.path.stat()
        story.path.write_bytes(edited(story.path, "last = 1", "last = 2"))
        os.utime(story.path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
        await story.has("last = 2")
        await story.settled("last = 2")


async def in_place_and_in_a_version(story: Story) -> None:
    """What was typed stands in the cell, what the program wrote in a version."""
    store = story.server.store
    await until(lambda: "last = 2" in kept.sources(store), 30)
    await story.at_rest()
    assert story.sources[6] == story.server.sources(story.name)[6] == "last = 'typed here'"
    found = {
        (version.kind, version.side)
        for version, content in kept.versions(store)
        if "last = 2" in ("".join(cell["source"]) for cell in content["cells"])
    }
    assert ("conflict", "file") in found
    await story.settled()


def retype(story: Story) -> None:
    """Type another value into the last cell."""
    source = story.client.notebook.ycells[6]["source"]
    del source[7:8]
    story.client.type(6, "'typed here'")


@in_loop
async def test_the_same_words_changed_on_both_sides_stand_in_place_and_in_a_version(
    tmp_path: Path,
) -> None:
    server = RealServer(tmp_path, "--CRDTAutosave.interval=5").start()
    try:
        async with told(server, "nb.ipynb") as story:
            retype(story)
            await story.programs.edit(("replace", "last", "last = 1=>last = 2"))
            await in_place_and_in_a_version(story)
    finally:
        server.close()


@in_loop
async def test_an_agent_rewrites_the_words_that_were_typed_while_it_was_thinking(
    tmp_path: Path,
) -> None:
    server = RealServer(tmp_path, *OPTIONS).start()
    try:
        async with told(server, "nb.ipynb") as story:
            async with story.programs.thinking(("replace", "last", "last = 1=>last = 2")):
                retype(story)
                await story.typist.type_words(10)
                await story.exports(1)
            await in_place_and_in_a_version(story)
    finally:
        server.close()
