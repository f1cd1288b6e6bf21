"""A process that has a notebook open: it types, and takes in what others type.

Run as ``python -m tests.storage.peer <folder> <client> <edits>``. It prints a line for each of its
edits that is in the journal, then ``done``. Each line on its standard input makes it look for what
others wrote, and print the notebook's content as JSON; at the end of the input it leaves.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from jupyter_ydoc import YNotebook
from pycrdt import Doc

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.storage.compaction import apply
from jupyter_crdt_autosave.storage.journal import Journal
from tests.storage.documents import LINEAGE, nothing

ROTATE_AFTER = 40


class Peer:
    """One server's live notebook."""

    def __init__(self, folder: str, client: int) -> None:
        self.client = client
        self.journal = Journal(OSDisk(), folder, nothing)
        self.notebook = YNotebook(Doc(client_id=client))
        self._applying = False
        self._take(self.journal.load().updates)
        self.journal.start(LINEAGE, "nb.ipynb")
        self._subscription = self.notebook.ydoc.observe(self._keep)

    def type(self, number: int) -> None:
        """Type a word into a cell."""
        cells = self.notebook.ycells
        cells[number % len(cells)]["source"].insert(0, f"{self.client}:{number} ")

    def follow(self) -> None:
        """Take in what others wrote."""
        followed = self.journal.follow()
        self._take(followed.updates)
        self.journal.took_in(followed)

    def _take(self, updates: list[bytes]) -> None:
        self._applying = True
        apply(self.notebook.ydoc, updates)
        self._applying = False

    def _keep(self, event: Any) -> None:
        if not self._applying:
            self.journal.update(event.update)


def main() -> None:
    folder, client, edits = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    peer = Peer(folder, client)
    for number in range(1, edits + 1):
        peer.type(number)
        print(number, flush=True)
        if number % 7 == 0:
            peer.follow()
        if number % ROTATE_AFTER == 0:
            peer.journal.rotate()
        time.sleep(0)
    print("done", flush=True)
    for _ in sys.stdin:
        peer.follow()
        print(json.dumps(peer.notebook.get(), sort_keys=True), flush=True)
    if not peer.journal.close(settled=False, timeout=20):
        sys.exit("Not everything is durable.")


if __name__ == "__main__":
    main()
