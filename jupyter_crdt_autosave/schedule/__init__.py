"""When a notebook's file is written, and when a checkpoint instead: decisions, and no effects.

``step`` takes what happened and when, and says what to do; ``target`` says which file may be
written now. Times are seconds of any clock that only goes forward.
"""

from __future__ import annotations

from .events import (
    Action,
    Asked,
    CheckpointRemoved,
    Clear,
    Closing,
    Edited,
    Event,
    Failed,
    GivenUp,
    Halted,
    Ingested,
    KernelTurned,
    Matched,
    Offered,
    Prompted,
    Released,
    TabsChanged,
    Tick,
    Write,
    Written,
)
from .state import Options, State, Target
from .step import begin, due_at, step, wake_at
from .target import target
from .wishes import Wish, options_of, wish_of

__all__ = [
    "Action",
    "Asked",
    "CheckpointRemoved",
    "Clear",
    "Closing",
    "Edited",
    "Event",
    "Failed",
    "GivenUp",
    "Halted",
    "Ingested",
    "KernelTurned",
    "Matched",
    "Offered",
    "Options",
    "Prompted",
    "Released",
    "State",
    "TabsChanged",
    "Target",
    "Tick",
    "Wish",
    "Write",
    "Written",
    "begin",
    "due_at",
    "options_of",
    "step",
    "target",
    "wake_at",
    "wish_of",
]
