"""Documents as users leave them."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from jupyter_ydoc import YNotebook

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.storage.archive import archive_in
from jupyter_crdt_autosave.storage.compaction import replay
from jupyter_crdt_autosave.storage.history import read_history
from jupyter_crdt_autosave.storage.store import Store
from tests.support.desk import Desk


async def left_unsaved(desk: Desk, text: str, name: str = "nb.ipynb") -> str:
    """Type behind the first cell of a notebook, and let the server die; the document's id."""
    tab = await desk.open(name)
    tab.type(0, text)
    await tab.crash()
    return tab.live.about_id


async def left_saved(desk: Desk, text: str, name: str = "nb.ipynb") -> str:
    """Type behind the first cell of a notebook, save and close it; the document's id."""
    tab = await desk.open(name)
    tab.type(0, text)
    await tab.live.save()
    await tab.close()
    return tab.live.about_id


async def left_named(desk: Desk, name: str, text: str) -> str:
    """Name a version, type behind the first cell and let the server die; the version's id."""
    tab = await desk.open()
    version = await tab.live.timeline.name(name)
    tab.type(0, text)
    await tab.crash()
    return version.id


def release(desk: Desk, document: str) -> None:
    """Let a document lose its notebook, as deleting the file in JupyterLab does."""
    store = Store(OSDisk(), str(desk.store_path))
    about = store.about(document)
    assert about is not None
    Path(about.identity).unlink()
    store.release(about, "deleted")


def damage(desk: Desk, document: str) -> Path:
    """Spoil the last record of a document's journal; the file that it is in."""
    journal = sorted((desk.store_path / "documents" / document).glob("*.journal"))[-1]
    data = bytearray(journal.read_bytes())
    data[-3] ^= 255
    journal.write_bytes(data)
    return journal


def sources_of(desk: Desk, document: str) -> list[str]:
    """The sources of the cells of a stored document."""
    history = read_history(OSDisk(), str(desk.store_path / "documents" / document))
    cells = YNotebook(replay(history.updates)).ycells
    return [str(cell["source"]) for cell in cells]


@dataclass(frozen=True)
class Before:
    """The notebooks and the store as they were, to be brought back."""

    desk: Desk
    copies: Path

    @classmethod
    def of(cls, desk: Desk, copies: Path) -> Before:
        """Remember how they are, in a folder of its own."""
        for folder in (desk.root, desk.store_path):
            shutil.copytree(folder, copies / folder.name)
        return cls(desk, copies)

    def again(self) -> None:
        """Bring them back."""
        for folder in (self.desk.root, self.desk.store_path):
            shutil.rmtree(folder)
            shutil.copytree(self.copies / folder.name, folder)


def timeline(desk: Desk, document: str) -> list[tuple[str, str | None, list[str]]]:
    """Kind, name and sources of the versions of a document, newest first."""
    with closing(archive_in(str(desk.store_path))) as archive:
        found = []
        for version in archive.versions(document):
            _, content = archive.read_version(version.id)
            sources = [cell["source"] for cell in content["cells"]]
            found.append((version.kind, version.name, sources))
    return found
