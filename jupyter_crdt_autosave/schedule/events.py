"""What can happen to a notebook, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .state import Target
from .wishes import Wish


@dataclass(frozen=True)
class Tick:
    """Time went by."""


@dataclass(frozen=True)
class Edited:
    """The document's content changed."""


@dataclass(frozen=True)
class KernelTurned:
    """The notebook's kernel began to run a cell, or has been idle for a moment."""

    busy: bool


@dataclass(frozen=True)
class TabsChanged:
    """Tabs were opened or closed, or want something else; what each of those open now wants."""

    wishes: tuple[Wish, ...]


@dataclass(frozen=True)
class Asked:
    """Somebody asked for a save: Ctrl-S, or *Restore*."""


@dataclass(frozen=True)
class Prompted:
    """An autosave is wanted now rather than at the end of the interval."""


@dataclass(frozen=True)
class Closing:
    """The notebook is about to be closed: there is no later."""


@dataclass(frozen=True)
class Ingested:
    """The file was changed outside and taken in; ``kept`` if the document had edits of its own."""

    kept: bool


@dataclass(frozen=True)
class Matched:
    """The document was compared with the file; whether the file ``lacks`` any of it."""

    lacks: bool


@dataclass(frozen=True)
class Offered:
    """Recovered work is ``standing`` to be restored or discarded, or has found its answer."""

    standing: bool


@dataclass(frozen=True)
class Halted:
    """The file is unreadable or missing, or is there again."""

    halted: bool


@dataclass(frozen=True)
class Released:
    """The notebook was deleted from its path, or has been given one again."""

    released: bool = True


@dataclass(frozen=True)
class CheckpointRemoved:
    """Somebody had the checkpoint removed; the next edit makes a new one."""


@dataclass(frozen=True)
class Written:
    """What was being done is done; ``wrote`` if that took any writing."""

    wrote: bool = True


@dataclass(frozen=True)
class Failed:
    """What was being done failed."""


@dataclass(frozen=True)
class GivenUp:
    """What was being done was not done: another program is at work on the file."""


Event: TypeAlias = (
    Tick
    | Edited
    | KernelTurned
    | TabsChanged
    | Asked
    | Prompted
    | Closing
    | Ingested
    | Matched
    | Offered
    | Halted
    | Released
    | CheckpointRemoved
    | Written
    | Failed
    | GivenUp
)


@dataclass(frozen=True)
class Write:
    """Write the document to ``target``, and answer with how that went.

    ``running`` says that a cell runs, so that its outputs may be incomplete.
    """

    target: Target
    explicit: bool = False
    running: bool = False


@dataclass(frozen=True)
class Clear:
    """Remove the checkpoint, and answer with how that went."""


Action: TypeAlias = Write | Clear
