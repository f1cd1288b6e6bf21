"""What the README promises about settings, events and the API is what the code has."""

from __future__ import annotations

import json
import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from jupyter_crdt_autosave.cli.commands import ALL
from jupyter_crdt_autosave.cli.main import parser
from jupyter_crdt_autosave.config import CRDTAutosave
from jupyter_crdt_autosave.model import JournalHealth, Saved, Status

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_described_with_its_default() -> None:
    settings = CRDTAutosave.class_own_traits(config=True)
    assert {f"CRDTAutosave.{name}" for name in settings} == set(
        re.findall(r"^\| `(CRDTAutosave\.\w+)`", README, re.MULTILINE)
    )
    assert f"| `CRDTAutosave.interval` | `{CRDTAutosave().interval}` |" in README


def test_the_status_that_is_shown_has_the_keys_of_the_answer() -> None:
    shown = json.loads(re.search(r"```json\n(.*?)```", README, re.DOTALL)[1])  # type: ignore[index]
    healthy = JournalHealth(True, None, 0.0)
    status = Status("a", "b", False, "none", None, None, Saved("c"), None, healthy, None).to_json()
    assert shown.keys() == status.keys()
    assert shown["journal"].keys() == status["journal"].keys()
    assert shown["last_autosave"].keys() == status["last_autosave"].keys()


def test_every_event_that_is_named_has_a_schema() -> None:
    schemas = (ROOT / "jupyter_crdt_autosave" / "events").glob("*.yaml")
    assert all(f"`{schema.stem}`" in README for schema in schemas)


def test_every_command_is_described() -> None:
    section = README.split("## When JupyterLab itself is the problem")[1].split("\n## ")[0]
    described = re.findall(r"^\| `(\w+)", section, re.MULTILINE)
    assert described == list(ALL)
    options = {option for name in ALL for option in re.findall(r"--[a-z]+", helped(name))}
    assert set(re.findall(r"--[a-z]+", section)) <= options


def helped(command: str) -> str:
    """The help of one command."""
    with pytest.raises(SystemExit), redirect_stdout(StringIO()) as shown:
        parser().parse_args([command, "--help"])
    return shown.getvalue()


def test_the_pictures_are_there() -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)
    assert pictures
    assert all((ROOT / picture).stat().st_size > 10_000 for picture in pictures)
