"""A process that keeps versions and baselines without end.

Run as ``python -m tests.storage.keeper <archive> <name> <count>``. It prints the number and the id
of each version once that is kept, and works on a document of its own and on one that all share.
"""

from __future__ import annotations

import sys

from jupyter_crdt_autosave.storage.archive import Archive, Content
from tests.storage.archives import baseline, cell, content, draft

SHARED = "shared"

TOGETHER = 20
"""How many versions are kept in one call."""


def notebook(name: str, number: int) -> Content:
    """What the version with this number of the process with this name holds."""
    common = [cell(f"common {n}", 9000) for n in range(3)]
    return content(*common, cell(f"{name} {number}", 9000, seed=number), f"{number % 5}")


def main() -> None:
    path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    archive = Archive(path)
    for number in range(count):
        made = notebook(name, number)
        drafts = [draft(made, details={"number": number, "name": name})]
        drafts += [draft(content(f"{number} {n}", "")) for n in range(1, TOGETHER)]
        version, *_ = archive.keep_versions(name, drafts)
        archive.keep_versions(SHARED, drafts[:1])
        archive.keep_baseline(name, baseline(made))
        if number % 5 == 4:
            archive.sweep()
        print(number, version.id, flush=True)
    archive.close()


if __name__ == "__main__":
    main()
