"""A real Jupyter server in a process of its own, which can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib import metadata
from pathlib import Path
from typing import Any

import nbformat

TOKEN = "secret"
_KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


class RealServer:
    """`jupyter lab` (or `jupyter server`) with private data, started and stopped as users do."""

    def __init__(
        self, home: Path, *options: str, app: str = "server", jupytext: bool = False
    ) -> None:
        self.home = home
        self.root = home / "notebooks"
        self.data = home / "data"
        self.root.mkdir(parents=True, exist_ok=True)
        self.options = options
        self.app = app
        self.jupytext = jupytext
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.log = home / "server.log"

    @property
    def store(self) -> Path:
        """Where edits are kept."""
        return self.data / "crdt_autosave"

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """Environment in which nothing of this machine's own configuration counts."""
        env = {key: value for key, value in os.environ.items() if not key.startswith("JUPYTER")}
        return {
            **env,
            "JUPYTER_DATA_DIR": str(self.data),
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "IPYTHONDIR": str(self.home / "ipython"),
            "JUPYTERLAB_SETTINGS_DIR": str(self.home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.home / "workspaces"),
            "PYTHONUNBUFFERED": "1",
        }

    def _extensions(self) -> str:
        """Jupytext replaces everybody's contents manager: only for the tests that ask for it."""
        chosen = {"jupyterlab_jupytext": self.jupytext}
        try:
            metadata.distribution("jupyter_crdt_autosave")
        except metadata.PackageNotFoundError:
            chosen["jupyter_crdt_autosave"] = True
        return f"--ServerApp.jpserver_extensions={chosen}"

    def start(self) -> RealServer:
        """Start, and wait until it answers."""
        runtime = self.home / "runtime"
        for old in runtime.glob("jpserver-*.json"):
            old.unlink()
        command = [
            sys.executable, "-m", "jupyter", self.app, "--no-browser", "--allow-root",
            "--ip=127.0.0.1", f"--port={self.port}", f"--IdentityProvider.token={TOKEN}",
            f"--ServerApp.root_dir={self.root}", "--ServerApp.disable_check_xsrf=True",
            "--CRDTAutosave.strict_merge=True",
            self._extensions(), *self.options,
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.home, env=self.environment(), stdout=log, stderr=log
            )
        self._await_answer(runtime)
        return self

    def _await_answer(self, runtime: Path) -> None:
        assert self.process is not None
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"The server ended:\n{self.log.read_text()[-4000:]}")
            file = runtime / f"jpserver-{self.process.pid}.json"
            if file.exists():
                try:
                    self.port = int(json.loads(file.read_text())["port"])
                    self.get("/api/status")
                    return
                except (ValueError, OSError):
                    pass
            time.sleep(0.02)
        raise AssertionError(f"The server did not answer:\n{self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """Kill it with -9: nothing gets the chance to tidy up."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)
        self.process = None

    def terminate(self, timeout: float = 30) -> float:
        """Stop it with SIGTERM; returns how many seconds that took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"Still running {timeout} s after SIGTERM.") from None
        self.process = None
        return time.monotonic() - began

    def close(self) -> None:
        """Make sure that nothing is left running."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One authenticated request; status and parsed JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        request.add_header("Authorization", f"token {TOKEN}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            text = error.read()
            try:
                return error.code, json.loads(text)
            except ValueError:
                return error.code, text.decode(errors="replace")

    def get(self, path: str) -> Any:
        """The JSON at `path`; raises unless the answer is a 200."""
        status, answer = self.request("GET", path)
        if status != 200:
            raise OSError(f"{path}: {status} {answer}")
        return answer

    def status(self, path: str) -> Any:
        """`GET status` of a notebook."""
        return self.get(f"/api/crdt-autosave/status/{path}")

    def write(self, name: str, *sources: str) -> Path:
        """A notebook file with these code cells."""
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": _KERNEL})
        notebook.cells = [
            nbformat.v4.new_code_cell(source, id=f"cell-{index}")
            for index, source in enumerate(sources)
        ]
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path

    def sources(self, name: str) -> list[str]:
        """The sources of the cells in a notebook file."""
        return [cell.source for cell in nbformat.read(self.root / name, as_version=4).cells]
