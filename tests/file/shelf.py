"""A notebook in a folder, a place in a store, and its checkpoint."""

from __future__ import annotations

from pathlib import Path

import nbformat

from jupyter_crdt_autosave.disk import Disk
from jupyter_crdt_autosave.file.checkpoint import CheckpointFile
from jupyter_crdt_autosave.file.sight import fingerprint
from jupyter_crdt_autosave.model import Fingerprint
from tests.support.disks import QuickDisk


def notebook(*sources: str) -> bytes:
    """The bytes of a notebook."""
    cells = [
        nbformat.v4.new_code_cell(source, id=f"c{place}") for place, source in enumerate(sources)
    ]
    return str(nbformat.writes(nbformat.v4.new_notebook(cells=cells))).encode()


class Shelf:
    """Writes checkpoints as a live notebook does: it knows the bytes that it wrote."""

    def __init__(self, home: Path, name: str = "nb.ipynb", disk: Disk | None = None) -> None:
        self.root = home / "notebooks"
        self.path = self.root / name
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(notebook("a"))
        self.stored = home / "store" / "document" / "checkpoint.ipynb"
        self.known: tuple[Fingerprint, ...] = ()
        self.kept: list[bytes] = []
        self.keeps = True
        self.file = CheckpointFile(disk or QuickDisk(), str(self.path), str(self.stored))

    @property
    def beside(self) -> Path:
        """Where the checkpoint belongs."""
        return self.path.parent / ".autosave" / self.path.name

    def keep(self, data: bytes) -> bool:
        """Keep bytes that nobody knows."""
        self.kept.append(data)
        return self.keeps

    def write(self, data: bytes) -> None:
        """Write a checkpoint."""
        self.known = (*self.known, fingerprint(data))
        self.file.write(data, self.known, self.keep)

    def remove(self) -> None:
        """Remove the checkpoint."""
        self.file.remove(self.known, self.keep)

    def move(self, name: str) -> None:
        """Move the notebook, and let the checkpoint follow."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path.rename(path)
        self.path = path
        self.file.follow(str(path), self.known, self.keep)

    def everything(self) -> dict[str, bytes]:
        """Every file beside and below the notebooks, and in the store."""
        home = self.root.parent
        return {
            str(path.relative_to(home)): path.read_bytes()
            for path in sorted(home.rglob("*"))
            if path.is_file()
        }
