"""What the open tabs want of autosave, and what that comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from .state import Options, Target

SHORTEST = 1.0
"""Seconds below which no interval is taken seriously."""

OURS = "crdt_autosave"
"""The key under which our front end tells what it wants, beside the host's ``autosave``."""


@dataclass(frozen=True)
class Wish:
    """What one tab wants; None where it leaves that to the configuration."""

    autosaves: bool = True
    interval: float | None = None
    target: Target | None = None


def wish_of(state: Mapping[str, Any]) -> Wish | None:
    """Read the awareness state of a client; None if it is not a tab that says what it wants.

    Values that make no sense are taken for left out: anybody can write there.
    """
    if "autosave" not in state:
        return None
    ours = state.get(OURS)
    more = ours if isinstance(ours, Mapping) else {}
    return Wish(bool(state["autosave"]), _interval(more.get("interval")), _target(more))


def options_of(wishes: Sequence[Wish], configured: Options) -> Options:
    """Reconcile what the open tabs, of which there is at least one, want.

    The smallest interval holds; a checkpoint only if all ask for it; autosave is off only if it is
    off in all of them.
    """
    targets = {wish.target or configured.target for wish in wishes}
    return replace(
        configured,
        interval=min(wish.interval or configured.interval for wish in wishes),
        target=targets.pop() if len(targets) == 1 else Target.NOTEBOOK,
        autosaves=any(wish.autosaves for wish in wishes),
    )


def _interval(found: Any) -> float | None:
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return None
    return float(found) if isfinite(found) and found >= SHORTEST else None


def _target(more: Mapping[str, Any]) -> Target | None:
    for target in (Target.NOTEBOOK, Target.CHECKPOINT):
        if more.get("target") == target.value:
            return target
    return None
