"""Programs that change the file of a notebook in which somebody is typing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.client import until
from tests.support.loop import in_loop
from tests.support.server import RealServer

from . import kept
from .story import OPTIONS, eventually, no_alarm, told

pytestmark = pytest.mark.timeout(180)

_STRIP = """
def strip(model, **kwargs):
    if model["type"] == "notebook":
        for cell in model["content"]["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None

c.FileContentsManager.pre_save_hook = strip
"""


@in_loop
async def test_an_editor_writes_the_file_in_any_way(server: RealServer) -> None:
    async with told(server, "editor/nb.ipynb") as story:
        async with story.typist.typing():
            await story.programs.edit(("append", "log", "log.append('p00001')"))
            await story.programs.edit(("append", "log", "log.append('p00002')"), way="rename")
            await story.programs.edit(("replace", "shared", "p0=>p00003"))
            await story.programs.edit(("append", "log", "log.append('p00004')"), way="slow")
            await story.programs.edit(("replace", "last", "1=>'p00005'"), way="rename")
            await story.exports(1)
        await story.settled(*(f"p0000{number}" for number in range(1, 6)))


@in_loop
async def test_a_file_that_is_written_slowly_is_read_when_it_is_whole(server: RealServer) -> None:
    async with told(server, "slow/nb.ipynb") as story:
        async with story.typist.typing():
            await story.exports(1)
            for number in range(2):
                text = f"log.append('p0000{number}')"
                await story.programs.edit(("append", "log", text), way="slow")
                assert story.typist.places[0].mark in "".join(story.sources)
        await story.settled("p00000", "p00001")


@in_loop
async def test_an_agent_writes_back_what_it_read_two_exports_ago(server: RealServer) -> None:
    async with told(server, "agent/nb.ipynb") as story:
        async with story.typist.typing():
            await story.exports(1)
            async with story.programs.thinking(("replace", "last", "1=>'p00001'")):
                await story.exports(2)
            await story.has("p00001")
            async with story.programs.thinking(("replace", "shared", "p0=>p00002"), way="rename"):
                await story.exports(2)
            await story.has("p00002")
        await story.settled("p00001", "p00002")


@in_loop
async def test_two_agents_and_a_person_work_at_the_same_time(server: RealServer) -> None:
    async with told(server, "agents/nb.ipynb") as story:
        async with story.typist.typing():
            await story.exports(1)
            async with story.programs.thinking(("append", "log", "log.append('p00001')")):
                await story.exports(1)
                async with story.programs.thinking(("replace", "last", "1=>'p00002'")):
                    await story.exports(1)
                await story.has("p00002")
                await story.exports(1)
            await story.has("p00001", "p00002")
        await story.settled("p00001", "p00002")


@in_loop
async def test_what_an_agent_writes_over_another_programs_words_is_a_version(
    server: RealServer,
) -> None:
    async with told(server, "unseen/nb.ipynb") as story:
        async with story.typist.typing():
            await story.exports(1)
            async with story.programs.thinking(("append", "log", "log.append('p00001')")):
                await story.programs.edit(("replace", "last", "1=>'p00002'"))
                await story.has("p00002")
            await story.has("p00001")
        await story.settled("p00001")
        assert "p00002" in "".join([*story.sources, *kept.sources(server.store)])


@in_loop
async def test_an_agent_deletes_the_cell_that_is_typed_into(server: RealServer) -> None:
    async with told(server, "deleting/nb.ipynb") as story:
        async with story.typist.typing():
            await story.exports(1)
            async with story.programs.thinking(
                ("delete", "typed", ""), ("delete", "plain", ""), ("add", "last", "p00001")
            ):
                await story.exports(2)
            await story.has("p00001")
        await story.settled("p00001 = 'added'")
        assert "plain" not in story.ids


@in_loop
async def test_an_agent_moves_cells_while_they_are_typed_into(server: RealServer) -> None:
    async with told(server, "moving/nb.ipynb") as story:
        async with story.typist.typing():
            await story.exports(1)
            async with story.programs.thinking(
                ("move", "last", "0"), ("move", "title", "3"), ("replace", "log", "[]=>['p00001']")
            ):
                await story.exports(2)
            await story.has("p00001")
        await story.settled("p00001")
        assert story.ids == ["last", "messy", "typed", "title", "plain", "shared", "log"]


@in_loop
async def test_black_formats_all_cells(server: RealServer) -> None:
    async with told(server, "black/nb.ipynb") as story:
        async with story.typist.typing():
            await story.exports(1)
            await story.programs.black()
            await story.has('x = {"a": 37, "b": 42}', 'shared = "p0"')
            await story.exports(1)
        await story.settled('x = {"a": 37, "b": 42}', 'shared = "p0"')


@pytest.mark.parametrize("program", ["strip", "clear"])
def test_outputs_that_a_program_removed_stay_away(server: RealServer, program: str) -> None:
    @in_loop
    async def remove() -> None:
        async with told(server, f"{program}/nb.ipynb") as story:
            async with story.typist.typing():
                await story.exports(1)
                assert story.cell("messy")["outputs"]
                await getattr(story.programs, program)()
                await until(lambda: story.cell("messy")["outputs"] == [])
                await story.exports(1)
            await story.settled()
            assert story.cell("messy")["outputs"] == []
            assert story.cell("messy")["execution_count"] is None
            assert story.in_file().cells[1].outputs == []

    remove()


@in_loop
async def test_outputs_from_outside_come_into_the_document(server: RealServer) -> None:
    async with told(server, "outputs/nb.ipynb") as story:
        async with story.typist.typing():
            await story.exports(1)
            async with story.programs.thinking(("output", "plain", "p00001\n")):
                await story.exports(1)
            await until(lambda: story.cell("plain")["outputs"])
        await story.settled()
        for cell in (story.cell("plain"), story.in_file().cells[3]):
            assert "".join(cell["outputs"][0]["text"]) == "p00001\n"
            assert cell["execution_count"] == 7
        assert story.cell("messy")["outputs"][0]["text"] == "an output\n"


@in_loop
async def test_a_paired_script_is_synchronised(server: RealServer) -> None:
    async with told(server, "paired/nb.ipynb") as story:
        await story.programs.pair()
        async with story.typist.typing():
            for old, new in (("last = 1", "last = 'p00001'"), ("log = []", "log = ['p00002']")):
                await story.exports(1)
                await story.programs.pull()
                await story.exports(1)
                await story.programs.push(old, new)
                await story.has(new)
        await story.settled("p00001", "p00002")
        assert len(story.sources) == 7


@in_loop
async def test_papermill_runs_the_notebook(server: RealServer) -> None:
    async with told(server, "papermill/nb.ipynb") as story:
        await story.programs.edit(("replace", "last", "1=>print('p00001')"))
        async with story.typist.typing():
            await story.has("p00001")
            await story.exports(1)
            await story.programs.papermill(alpha="p00002")
            await story.has('alpha = "p00002"')
            await story.exports(1)
        await story.settled("p00001", 'alpha = "p00002"')
        assert story.cell("last")["outputs"][0]["text"] == "p00001\n"


@in_loop
async def test_what_a_hook_strips_from_the_file_is_no_deletion(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "jupyter_server_config.py").write_text(_STRIP)
    server = RealServer(tmp_path, *OPTIONS)
    server.start()
    try:
        async with told(server, "nb.ipynb") as story:
            async with story.typist.typing():
                await story.exports(1)
                assert story.in_file().cells[1].outputs == []
                async with story.programs.thinking(("replace", "last", "1=>'p00001'")):
                    await story.exports(2)
                await story.has("p00001")
                await story.programs.edit(("append", "log", "log.append('p00002')"), way="rename")
                await story.has("p00002")
            await story.settled("p00001", "p00002")
            assert story.cell("messy")["outputs"][0]["text"] == "an output\n"
            assert story.cell("messy")["execution_count"] == 3
            assert story.in_file().cells[1].outputs == []
        server.terminate()
        server.start()
        async with story.client.connected():
            assert story.cell("messy")["outputs"][0]["text"] == "an output\n"
            assert (await story.status())["unsaved"] is False
    finally:
        server.close()
    no_alarm(server)


@in_loop
async def test_metadata_that_a_program_sets_is_taken_over(server: RealServer) -> None:
    async with told(server, "metadata/nb.ipynb") as story:
        async with story.typist.typing():
            await story.exports(1)
            notebook = json.loads(story.path.read_bytes())
            notebook["metadata"]["p00001"] = {"deep": [1, 2]}
            notebook["cells"][1]["metadata"]["tags"] = ["p00002"]
            await story.exports(1)
            story.path.write_text(json.dumps(notebook, indent=1) + "\n")

            async def arrived() -> bool:
                return "p00001" in story.client.notebook.source["metadata"]

            await eventually(arrived)
        await story.settled()
        for content in (story.client.notebook.source, story.in_file()):
            assert content["metadata"]["p00001"] == {"deep": [1, 2]}
            assert content["cells"][1]["metadata"]["tags"] == ["p00002"]
