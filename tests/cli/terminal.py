"""Commands, run as a user runs them: in processes of their own."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

    def seen(self, *arguments: str) -> str:
        """What a command shows on a terminal beside its answer."""
        ours, theirs = os.openpty()
        try:
            subprocess.run(
                [*MODULE, *arguments],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=theirs,
                timeout=60,
                check=True,
            )
            os.write(theirs, b"\0")
            return os.read(ours, 65536).decode().rstrip("\0")
        finally:
            os.close(ours)
            os.close(theirs)

    @contextmanager
    def dying(self, *arguments: str, typed: str = "") -> Iterator[Callable[[int], int]]:
        """What runs a command that is killed before its change of the disk of a number.

        It gives the exit code, or minus the signal.
        """
        with subprocess.Popen(
            [sys.executable, "-m", "tests.cli.dying", *arguments],
            cwd=self.folder.parent,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            ways = process.stdin, process.stdout

            def attempt(step: int) -> int:
                print(step, typed, file=ways[0], flush=True)
                return int(ways[1].readline())

            yield attempt
            process.stdin.close()

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
