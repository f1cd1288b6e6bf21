"""What the store knows of one document without reading its journal."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from .survey import Survey, survey_from


@dataclass(frozen=True)
class About:
    """Which notebook a document is of, and how it was left.

    ``inode`` and ``hash`` (xxh3_128) are those of the file when both last agreed. ``released`` says
    why the document has no notebook any more (None: it has one), ``released_at`` since when (ISO
    8601 UTC; None where an earlier version did not note it). ``settled`` tells that it was equal to
    its file when it was last closed; ``stored`` and ``fresh`` are the bytes of its journal then,
    and those of a new document with its content. ``survey`` is what was
    found in it when it was last looked through (None: that is not known, or was not noted by an
    earlier version).
    """

    id: str
    identity: str
    path: str
    inode: tuple[int, int] | None = None
    hash: str = ""
    released: str | None = None
    settled: bool = False
    stored: int = 0
    fresh: int = 0
    released_at: str | None = None
    survey: Survey | None = None

    def at(self, identity: str, path: str) -> About:
        """The same, but of a notebook that is there."""
        return replace(self, identity=identity, path=path, released=None, released_at=None)

    def standing_as(self, other: About) -> About:
        """The same, but of the notebook that another is of, or of none since the same time."""
        place = replace(self, identity=other.identity, path=other.path)
        return replace(place, released=other.released, released_at=other.released_at)


def encode_about(about: About) -> bytes:
    """The content of an ``about.json``."""
    return json.dumps(asdict(about)).encode()


def decode_about(document: str, data: bytes) -> About:
    """What an ``about.json`` in the folder of `document` says.

    Unknown keys are those of a later version; what is missing or of the wrong kind beside the
    notebook's identity is not known.

    Raises:
        ValueError: it does not say which notebook this is.
    """
    fields = json.loads(data)
    if not isinstance(fields, dict) or not isinstance(fields.get("identity"), str):
        raise ValueError("These bytes do not tell a document's notebook.")
    return About(
        id=document,
        identity=fields["identity"],
        path=_known(fields, "path", str, ""),
        inode=_inode(fields.get("inode")),
        hash=_known(fields, "hash", str, ""),
        released=_known(fields, "released", str, None),
        settled=_known(fields, "settled", bool, False),
        stored=_known(fields, "stored", int, 0),
        fresh=_known(fields, "fresh", int, 0),
        released_at=_known(fields, "released_at", str, None),
        survey=survey_from(fields.get("survey")),
    )


def _known(fields: dict[str, Any], key: str, kind: type, otherwise: Any) -> Any:
    value = fields.get(key)
    return value if isinstance(value, kind) else otherwise


def _inode(value: Any) -> tuple[int, int] | None:
    match value:
        case [int() as device, int() as inode]:
            return device, inode
    return None
