"""git in the folder of a notebook in which somebody is typing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.client import until
from tests.support.loop import in_loop
from tests.support.server import RealServer

from . import kept
from .repository import Repository
from .story import OPTIONS, Story, no_alarm, told

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    """A running server with a store of its own."""
    server = RealServer(tmp_path, *OPTIONS)
    try:
        yield server.start()
    finally:
        server.close()
    no_alarm(server)


@asynccontextmanager
async def in_git(server: RealServer) -> AsyncIterator[tuple[Story, Repository]]:
    """A story whose notebook is committed as it was."""
    async with told(server, "nb.ipynb") as story:
        repository = Repository(story.programs)
        await repository.begin()
        yield story, repository


@in_loop
async def test_a_branch_is_checked_out_and_left_again(server: RealServer) -> None:
    async with in_git(server) as (story, repository):
        await repository.branch("other", ("append", "log", "log.append('p00001')"))
        async with story.typist.typing():
            await story.exports(2)
            await repository.save()
            await repository.move_to("other")
            await story.has("p00001")
            await story.exports(1)
        await story.settled("p00001")


@in_loop
async def test_a_branch_is_merged(server: RealServer) -> None:
    async with in_git(server) as (story, repository):
        await repository.branch("other", ("replace", "last", "1=>'p00001'"))
        async with story.typist.typing():
            await story.exports(2)
            await repository.merge("other")
            await story.has("p00001")
            await story.exports(1)
        await story.settled("p00001")


def everywhere(story: Story) -> None:
    """Every word is in the document, at most once, or in a version."""
    old = kept.sources(story.server.store)
    for place in story.typist.places:
        now = place.found(story.sources)
        assert len(set(now)) == len(now)
        assert set(now) <= set(place.words)
        assert set(place.words) <= {*now, *place.found(old)}


@in_loop
async def test_a_stash_is_pushed_and_popped(server: RealServer) -> None:
    async with in_git(server) as (story, _):
        await story.typist.type_words(20)
        await story.programs.edit(("replace", "last", "1=>'p00001'"))
        await story.settled("p00001")
        await story.programs.git("stash")
        await until(lambda: story.sources[2] == "# typed: ", 30)
        assert "p00001" not in "".join(story.sources)
        everywhere(story)
        await story.programs.git("stash", "pop")
        await story.has("p00001")
        await story.settled("p00001")


@in_loop
async def test_a_stash_is_pushed_and_popped_while_somebody_types(server: RealServer) -> None:
    async with in_git(server) as (story, repository):
        await story.programs.edit(("replace", "last", "1=>'p00001'"))
        async with story.typist.typing():
            await story.exports(2)
            await story.has("p00001")
            await story.programs.git("stash")
            await until(lambda: "last = 1" in story.sources, 30)
            await repository.pop()
            await story.has("p00001")
            before = story.typist.count
            await story.exports(1)
            await until(lambda: story.typist.count > before + 10)
        await story.at_rest()
        everywhere(story)
        assert story.client.closed is None


@in_loop
async def test_a_stash_is_popped_over_what_was_pulled_meanwhile(server: RealServer) -> None:
    async with in_git(server) as (story, repository):
        await repository.branch("other", ("append", "messy", "# p00002"))
        await story.typist.type_words(40)
        await story.programs.edit(("replace", "last", "1=>'p00001'"))
        await story.settled("p00001")
        await story.programs.git("stash")
        await until(lambda: story.sources[2] == "# typed: ", 30)
        await story.programs.git("merge", "--quiet", "other")
        await story.has("p00002")
        await story.programs.git("stash", "pop")
        await story.has("p00001")
        await story.settled("p00001", "p00002")


@in_loop
async def test_a_branch_is_left_for_one_that_went_on_meanwhile(server: RealServer) -> None:
    async with in_git(server) as (story, repository):
        await repository.branch("other", ("append", "messy", "# p00002"))
        await story.typist.type_words(40)
        await story.programs.edit(("replace", "last", "1=>'p00001'"))
        await story.settled("p00001")
        await repository.save()
        await story.programs.git("checkout", "--quiet", "HEAD~1")
        await until(lambda: story.sources[2] == "# typed: ", 30)
        await repository.go_on("other", ("append", "log", "# p00003"))
        await repository.move_to("other")
        await story.has("p00001", "p00002", "p00003")
        await story.settled("p00001", "p00002", "p00003")


@in_loop
async def test_an_earlier_revision_is_checked_out_on_purpose(server: RealServer) -> None:
    async with in_git(server) as (story, _):
        await story.typist.type_words(20)
        await story.settled()
        await story.programs.git("checkout", "HEAD", "--", "nb.ipynb")
        await until(lambda: story.sources[2] == "# typed: ", 30)
        everywhere(story)
        await story.at_rest()
        assert story.server.sources("nb.ipynb")[2] == "# typed: "


@in_loop
async def test_conflict_markers_of_a_merge_are_left_to_the_person(server: RealServer) -> None:
    async with in_git(server) as (story, repository):
        await repository.branch("other", ("replace", "last", "1=>'p00001'"))
        await story.programs.edit(("replace", "last", "1=>'p00002'"))
        await story.has("p00002")
        await repository.save()
        output = await repository.merge_in_conflict("other")
        assert b"<<<<<<<" in story.path.read_bytes(), output
        async with story.typist.typing():
            await story.halted()
            marked = story.path.read_bytes()
            assert b"<<<<<<<" in marked and b"k000" not in marked
            await story.programs.git("checkout", "--theirs", "nb.ipynb")
            await story.has("p00001")
            await story.exports(1)
        await story.settled("p00001")
