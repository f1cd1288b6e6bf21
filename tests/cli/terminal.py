"""Commands, run as a user runs them: in processes of their own."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

MODULE = (sys.executable, "-m", "jupyter_crdt_autosave.cli")


@dataclass(frozen=True)
class Ran:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer of one that was given ``--json``."""
        return json.loads(self.out)

    @property
    def sources(self) -> list[str]:
        """The sources of the cells of the notebook that it wrote."""
        notebook = nbformat.reads(self.out, as_version=4)
        nbformat.validate(notebook)
        return [cell.source for cell in notebook.cells]


class Terminal:
    """Runs commands. The store is named by the Jupyter configuration, as it is for a server."""

    def __init__(self, folder: Path, store: Path) -> None:
        self.folder = folder
        self.store = store
        self.configuration = folder.parent / "config"
        self.configuration.mkdir(exist_ok=True)
        self.path: list[str] = []
        self.configure(store)

    def configure(self, store: Path) -> None:
        """Let the configuration of servers name a store."""
        settings = {"CRDTAutosave": {"store_path": str(store)}}
        (self.configuration / "jupyter_server_config.json").write_text(json.dumps(settings))

    @property
    def environment(self) -> dict[str, str]:
        """Environment in which nothing of this machine's own configuration counts."""
        env = {key: value for key, value in os.environ.items() if not key.startswith("JUPYTER")}
        return {
            **env,
            "JUPYTER_DATA_DIR": str(self.folder.parent / "data"),
            "JUPYTER_CONFIG_DIR": str(self.configuration),
            "PATH": os.pathsep.join([*self.path, env.get("PATH", "")]),
            "TZ": "UTC",
        }

    def run(self, *arguments: str, typed: str = "", program: tuple[str, ...] = MODULE) -> Ran:
        """Run a command, at which a user types something."""
        ran = subprocess.run(
            [*program, *arguments],
            cwd=self.folder,
            env=self.environment,
            input=typed.encode(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())

    def json(self, *arguments: str) -> Any:
        """What a command that succeeds answers in JSON."""
        ran = self.run(*arguments, "--json")
        assert ran.code == 0, ran
        return ran.json


def listed(terminal: Terminal) -> dict[str, dict[str, Any]]:
    """What `list` says of each notebook, by the name of its file."""
    notebooks = terminal.run("list", "--json").json["notebooks"]
    return {os.path.basename(each["path"] or each["name"]): each for each in notebooks}


def fingerprints(folder: Path) -> dict[str, str]:
    """The bytes of all files below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def holding(folder: Path, *texts: bytes) -> list[str]:
    """The files below a folder that have some bytes in them."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(text in path.read_bytes() for text in texts)]
