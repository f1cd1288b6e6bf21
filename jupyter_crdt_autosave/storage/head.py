"""The file that says which format a store has."""

from __future__ import annotations

import json
import os

from ..disk import Disk, replace_file


def format_of(disk: Disk, root: str, ours: int) -> int:
    """The format that the store in `root` says it has; one that does not say is given ours.

    Raises:
        OSError: it cannot be read or written.
    """
    head = os.path.join(root, "store.json")
    try:
        form = json.loads(disk.read(head))["format"]
    except FileNotFoundError:
        replace_file(disk, head, json.dumps({"format": ours}).encode())
        return ours
    except (ValueError, LookupError, TypeError):
        return ours
    return form if isinstance(form, int) else ours
