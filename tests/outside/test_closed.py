"""Files that change while their notebook is not open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.loop import in_loop
from tests.support.server import RealServer

from .story import Story, eventually, no_alarm, told

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    """A running server that writes files when it is asked, and forgets closed notebooks soon."""
    server = RealServer(
        tmp_path,
        "--CRDTAutosave.interval=600",
        "--YDocExtension.document_cleanup_delay=0.1",
    )
    try:
        yield server.start()
    finally:
        server.close()
    no_alarm(server)


async def forgotten(story: Story) -> None:
    """Wait until the notebook's room has ended."""

    async def gone() -> bool:
        path = f"/api/crdt-autosave/status/{story.name}"
        return story.server.request("GET", path)[0] == 404

    await eventually(gone)


@in_loop
async def test_a_closed_notebook_that_changed_outside_equals_its_file(server: RealServer) -> None:
    async with told(server, "nb.ipynb") as story:
        await story.typist.type_words(20)
        assert (await story.client.save())["status"] == "success"
    await forgotten(story)
    await story.programs.edit(
        ("replace", "last", "1=>'p00001'"), ("delete", "plain", ""), ("move", "log", "0")
    )
    async with Story(server, "nb.ipynb").client.connected() as fresh:
        assert fresh.sources == server.sources("nb.ipynb")
        assert "last = 'p00001'" in fresh.sources
        story.typist.check(fresh.sources)
    async with story.client.connected():
        assert story.sources == server.sources("nb.ipynb")
        await story.check("p00001")


@in_loop
async def test_edits_that_were_in_no_file_and_a_change_outside_are_both_there(
    server: RealServer,
) -> None:
    async with told(server, "nb.ipynb") as story:
        await story.typist.type_words(20)
        assert (await story.client.save())["status"] == "success"
        await story.typist.type_words(20)

        async def unsaved() -> bool:
            return bool((await story.status())["unsaved"])

        await eventually(unsaved)
        async with Story(server, "nb.ipynb").client.connected() as witness:
            story.typist.check(witness.sources)
        server.kill()
    await story.programs.edit(
        ("replace", "last", "1=>'p00001'"), ("append", "typed", "# p00002"), ("move", "log", "0")
    )
    server.start()
    async with Story(server, "nb.ipynb").client.connected() as fresh:
        story.typist.check(fresh.sources)
        for text in ("p00001", "# p00002"):
            assert "\n".join(fresh.sources).count(text) == 1
    async with story.client.connected():
        assert (await story.client.save())["status"] == "success"
        await story.settled("p00001", "# p00002")


@in_loop
async def test_outside_edits_while_the_server_is_away_meet_what_is_typed_meanwhile(
    server: RealServer,
) -> None:
    async with told(server, "nb.ipynb") as story:
        await story.typist.type_words(20)
        assert (await story.client.save())["status"] == "success"
        server.kill()
    await story.typist.type_words(20)
    await story.programs.edit(
        ("replace", "last", "1=>'p00001'"), ("replace", "shared", "p0=>p00002")
    )
    server.start()
    async with story.client.connected():
        await story.has("p00001", "p00002")
        assert (await story.client.save())["status"] == "success"
        await story.settled("p00001", "p00002")
