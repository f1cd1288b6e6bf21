"""What is known of a notebook when it is decided what to write."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

NEVER = float("inf")
LONG_AGO = float("-inf")


class Target(Enum):
    """Where an autosave goes."""

    NOTEBOOK = "notebook"
    CHECKPOINT = "checkpoint"
    NONE = "none"


@dataclass(frozen=True)
class Options:
    """What is asked for: by the open tabs, or by the configuration where they say nothing.

    ``interval`` and ``max_deferral`` are seconds; a ``max_deferral`` of None means for ever.
    ``target`` is never NONE. ``autosaves`` is JupyterLab's switch *Autosave Documents*.
    """

    interval: float = 10.0
    max_deferral: float | None = 600.0
    target: Target = Target.NOTEBOOK
    autosaves: bool = True


@dataclass(frozen=True)
class Retry:
    """How often one thing has failed in a row, and when it may be tried again."""

    failures: int = 0
    at: float = LONG_AGO


@dataclass(frozen=True)
class Writing:
    """What is being written, or with NONE: that the checkpoint is being removed.

    ``edited_at`` is the time of the first edit since it began, which may not be in it.
    """

    target: Target
    began: float
    explicit: bool = False
    edited_at: float | None = None


@dataclass(frozen=True)
class State:
    """Everything that the decisions depend on."""

    configured: Options
    """What the administrator set."""
    options: Options
    """What holds now."""
    tabs: bool = False
    """Whether any tab is open that said what it wants."""

    busy: bool = False
    """Whether the notebook's kernel runs a cell."""
    worn: bool = False
    """Whether the kernel has been busy for so long that a checkpoint is written all the same."""
    offer: bool = False
    """Whether recovered work waits for an answer."""
    halted: bool = False
    """Whether the file is unreadable or missing."""
    released: bool = False
    """Whether the notebook was deleted from its path."""
    failing: bool = False
    """Whether the last export failed, and it is too early to try again."""
    outside: bool = False
    """Whether another program may be in the middle of changing files."""

    asked: bool = False
    """Whether somebody waits for an explicit save."""
    prompted: bool = False
    """Whether an autosave is due without waiting for the interval."""
    closing: bool = False
    """Whether this is the last chance to write."""

    lacking_since: float | None = None
    """When the first edit was made that the notebook file lacks."""
    unkept_since: float | None = None
    """When the first edit was made that neither the notebook file nor the checkpoint has."""
    checkpoint: bool = False
    """Whether there is a checkpoint."""
    deferred_since: float | None = None
    """Since when an autosave that is due has been waiting for the kernel."""

    writing: Writing | None = None
    """What is being written now."""
    free_at: float = LONG_AGO
    """When the pause behind the last write ends."""
    quiet_at: float = LONG_AGO
    """When another program will have been quiet for long enough."""
    export: Retry = Retry()
    """How exporting went."""
    setting_down: Retry = Retry()
    """How writing the checkpoint went."""
    clearing: Retry = Retry()
    """How removing the checkpoint went."""
