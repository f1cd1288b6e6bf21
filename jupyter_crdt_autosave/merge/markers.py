"""The two sides of a file that git could not merge."""

from __future__ import annotations


def sides(data: bytes) -> tuple[bytes, bytes]:
    """What the file would be with our side, and with theirs, of every marked conflict.

    Markers as git writes them, with or without the common ancestor between ``|||||||`` and
    ``=======``. Without markers both are the file.
    """
    ours: list[bytes] = []
    theirs: list[bytes] = []
    taking: tuple[list[bytes], ...] = (ours, theirs)
    for line in data.splitlines(keepends=True):
        if line.startswith(b"<<<<<<< "):
            taking = (ours,)
        elif line.startswith(b"||||||| "):
            taking = ()
        elif line.rstrip() == b"=======" and len(taking) < 2:
            taking = (theirs,)
        elif line.startswith(b">>>>>>> "):
            taking = (ours, theirs)
        else:
            for side in taking:
                side.append(line)
    return b"".join(ours), b"".join(theirs)
