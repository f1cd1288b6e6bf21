"""Which store a command looks into, and what it says where there is none."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.support.desk import Desk
from tests.support.loop import in_loop

from .documents import left_unsaved
from .terminal import Terminal, fingerprints

pytestmark = pytest.mark.timeout(120)

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


@in_loop
async def test_the_store_is_the_one_that_the_configuration_of_servers_names(
    desk: Desk, terminal: Terminal
) -> None:
    desk.write("a")
    await left_unsaved(desk, "00")
    settings = terminal.configuration / "jupyter_server_config.json"
    settings.unlink()
    assert terminal.run("export", "nb.ipynb").code == 1
    text = f"c.CRDTAutosave.store_path = {str(desk.store_path)!r}\n"
    for name in ("jupyter_server_config.py", "jupyter_lab_config.py", "jupyter_config.py"):
        (terminal.configuration / name).write_text(text)
        assert terminal.run("export", "nb.ipynb").sources == ["a00"]
        (terminal.configuration / name).unlink()
    (terminal.folder / "mine.py").write_text(text)
    assert terminal.run("export", "nb.ipynb", "--config", "mine.py").sources == ["a00"]


@in_loop
async def test_a_store_named_on_the_command_line_wins(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    await left_unsaved(desk, "00")
    terminal.configure(desk.root / "elsewhere")
    store = str(desk.store_path)
    for options in (["--store", store], [f"--CRDTAutosave.store_path={store}"]):
        assert terminal.run("export", "nb.ipynb", *options).sources == ["a00"]
        assert terminal.run(*options, "export", "nb.ipynb").sources == ["a00"]


@in_loop
async def test_the_default_is_the_folder_of_the_data(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    await left_unsaved(desk, "00")
    (terminal.configuration / "jupyter_server_config.json").unlink()
    shutil.copytree(desk.store_path, desk.root.parent / "data" / "crdt_autosave")
    assert terminal.run("export", "nb.ipynb").sources == ["a00"]


def test_a_store_that_is_not_there_is_not_made(desk: Desk, terminal: Terminal) -> None:
    for command in (["list"], ["verify"], ["compact"], ["clear", "--all", "--yes"]):
        ran = terminal.run(*command)
        assert (ran.code, ran.out) == (1, "")
        assert f"There is no store in {desk.store_path}" in ran.err
    assert not desk.store_path.exists()
    assert terminal.run("list", "--store", ".").code == 1
    assert list(desk.root.iterdir()) == []


def test_a_store_that_cannot_be_read_is_told(desk: Desk, terminal: Terminal) -> None:
    desk.store_path.mkdir()
    (desk.store_path / "documents").write_text("no folder")
    (desk.store_path / "store.json").write_text('{"format": 1}')
    ran = terminal.run("list", "--json")
    assert ran.code == 1
    assert ran.json["reason"] == "store_unavailable"
    assert str(desk.store_path) in ran.err


@in_loop
async def test_a_store_of_a_later_version_is_left_alone(desk: Desk, terminal: Terminal) -> None:
    desk.write("a")
    await left_unsaved(desk, "00")
    (desk.store_path / "store.json").write_text(json.dumps({"format": 99}))
    shutil.rmtree(desk.store_path / "paths")
    before = fingerprints(desk.root.parent)
    for command in (
        ["list"], ["show", "nb.ipynb"], ["export", "nb.ipynb"], ["verify"], ["compact"],
        ["clear", "--all", "--yes"], ["purge", "nb.ipynb"],
    ):  # fmt: skip
        ran = terminal.run(*command, typed="nb.ipynb\n")
        assert ran.code == 1
        assert "format 99" in ran.err
        assert "Upgrade" in ran.err
    assert fingerprints(desk.root.parent) == before
    assert not (desk.store_path / "paths").exists()


def test_a_configuration_that_fails_is_told_rather_than_passed_over(
    desk: Desk, terminal: Terminal
) -> None:
    (terminal.configuration / "jupyter_server_config.py").write_text("raise RuntimeError('broken')")
    ran = terminal.run("list", "--json")
    assert ran.code == 1
    assert ran.json["reason"] == "configuration"
    assert "broken" in ran.err
    (terminal.configuration / "jupyter_server_config.py").write_text("c.CRDTAutosave.interval = 0")
    assert "CRDTAutosave.interval" in terminal.run("list").err


@pytest.mark.parametrize(
    "arguments",
    [[], ["mend"], ["show"], ["restore", "nb.ipynb"], ["clear"], ["clear", "nb.ipynb", "--all"]],
    ids=" ".join,
)
def test_a_command_that_makes_no_sense_is_told_apart(
    desk: Desk, terminal: Terminal, arguments: list[str]
) -> None:
    ran = terminal.run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "usage: jupyter crdt-autosave" in ran.err


def test_jupyter_finds_the_command(desk: Desk, terminal: Terminal, tmp_path: Path) -> None:
    script = re.search(
        r'^jupyter-crdt-autosave = "([\w.]+):(\w+)"$', PYPROJECT.read_text(), re.MULTILINE
    )
    assert script is not None
    program = tmp_path / "jupyter-crdt-autosave"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nfrom {script[1]} import {script[2]}\n"
        f"sys.exit({script[2]}())\n"
    )
    program.chmod(0o755)
    terminal.path = [str(tmp_path)]
    jupyter = (sys.executable, "-m", "jupyter", "crdt-autosave")
    ran = terminal.run("--help", program=jupyter)
    assert ran.code == 0
    for command in (
        "list", "show", "versions", "export", "restore", "verify", "compact", "clear", "purge",
    ):  # fmt: skip
        assert f"\n    {command} " in ran.out
    assert terminal.run("list", program=jupyter).code == 1
