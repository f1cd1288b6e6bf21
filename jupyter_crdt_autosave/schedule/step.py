"""The scheduler: from what happened to what is to be done about it."""

from __future__ import annotations

from dataclasses import replace

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
from .state import LONG_AGO, NEVER, Options, Retry, State, Target, Writing
from .target import target
from .wishes import Wish, options_of

PAUSE = 10.0
"""How many times the duration of a write passes before the next."""

FIRST_RETRY = 5.0
"""Seconds after which something that failed is tried again; each further time twice as many."""

LONGEST_RETRY = 60.0
"""Seconds that waiting between two attempts grows to, unless an attempt itself takes long."""


def begin(
    configured: Options,
    now: float,
    lacks: bool = False,
    checkpoint: bool = False,
    offer: bool = False,
) -> State:
    """Begin with a notebook that was just opened.

    Args:
        configured: What the administrator set.
        now: The time.
        lacks: Whether the document holds something that the file lacks.
        checkpoint: Whether there is a checkpoint.
        offer: Whether recovered work waits for an answer.
    """
    since = now if lacks else None
    return State(
        configured,
        configured,
        lacking_since=since,
        unkept_since=since,
        checkpoint=checkpoint,
        offer=offer,
    )


def step(state: State, event: Event, now: float) -> tuple[State, tuple[Action, ...]]:
    """Decide what follows from an event.

    Every action must be carried out and answered with ``Written``, ``Failed`` or ``GivenUp``; until
    then there is no other. ``Tick`` is wanted at the time that ``wake_at`` gives.
    """
    state = _passed(_happened(state, event, now), now)
    action = None if state.writing else _next(state, now)
    return (state, ()) if action is None else (_started(state, action, now), (action,))


def due_at(state: State) -> float | None:
    """When the next autosave would be written if nothing else happens; None if none is due."""
    if state.writing is not None:
        return None
    due = _due(state)
    return None if due == NEVER else due


def wake_at(state: State) -> float:
    """When time alone makes a difference; infinity if it does not."""
    times = [_due(state), _worn_at(state), _clear_at(state)]
    if state.deferred_since is None:
        times.append(_wanted_once_idle(state))
    if state.failing:
        times.append(state.export.at)
    if state.outside:
        times.append(state.quiet_at)
    return min(times)


def _happened(state: State, event: Event, now: float) -> State:
    """The state with what the event says."""
    match event:
        case Tick():
            return state
        case Edited():
            return _edited(state, now)
        case KernelTurned(busy):
            return _turned(state, busy)
        case TabsChanged(wishes):
            return _with_tabs(state, wishes)
        case Asked():
            return replace(state, asked=True)
        case Prompted():
            return replace(state, prompted=True)
        case Closing():
            return _last_chance(state)
        case Ingested(kept):
            return _ingested(state, kept, now)
        case Matched(lacks):
            return _matched(state, lacks, now)
        case Offered(standing):
            return replace(state, offer=standing)
        case Halted(halted):
            return replace(state, halted=halted)
        case Released(released):
            return replace(state, released=released)
        case CheckpointRemoved():
            return replace(state, checkpoint=False)
        case Written(wrote):
            return _written(state, wrote, now)
        case Failed():
            return _failed(state, now)
        case GivenUp():
            return _ingested(replace(state, writing=None), True, now) if state.writing else state


def _edited(state: State, now: float) -> State:
    writing = state.writing
    if writing is not None and writing.edited_at is None:
        writing = replace(writing, edited_at=now)
    return replace(
        state,
        lacking_since=_first(state.lacking_since, now),
        unkept_since=_first(state.unkept_since, now),
        writing=writing,
    )


def _turned(state: State, busy: bool) -> State:
    """The end of an execution is an occasion to save, whatever the interval."""
    ended = state.busy and not busy
    return replace(
        state,
        busy=busy,
        worn=state.closing or (state.worn and busy),
        prompted=state.prompted or ended,
    )


def _with_tabs(state: State, wishes: tuple[Wish, ...]) -> State:
    """Without a tab the last options hold on, and what they left behind is saved."""
    left = state.tabs and not wishes
    options = options_of(wishes, state.configured) if wishes else state.options
    return replace(state, tabs=bool(wishes), options=options, prompted=state.prompted or left)


def _last_chance(state: State) -> State:
    """There is no time left for pauses, and no idle kernel to wait for."""
    return replace(
        state,
        closing=True,
        worn=True,
        failing=False,
        export=replace(state.export, at=LONG_AGO),
        setting_down=replace(state.setting_down, at=LONG_AGO),
        clearing=replace(state.clearing, at=LONG_AGO),
    )


def _ingested(state: State, kept: bool, now: float) -> State:
    """A checkout or rebase must not see its files change under its hands."""
    if not (kept or state.outside):
        return state
    return replace(state, outside=True, quiet_at=now + state.options.interval)


def _matched(state: State, lacks: bool, now: float) -> State:
    if not lacks:
        writing = replace(state.writing, edited_at=None) if state.writing else None
        return replace(
            state, lacking_since=None, unkept_since=None, worn=state.closing, writing=writing
        )
    return _edited(state, now) if state.lacking_since is None else state


def _written(state: State, wrote: bool, now: float) -> State:
    done = state.writing
    if done is None:
        return state
    state = replace(state, writing=None)
    if wrote and done.target is not Target.NONE:
        state = replace(state, free_at=now + PAUSE * (now - done.began))
    match done.target:
        case Target.NONE:
            return replace(state, checkpoint=False, clearing=Retry())
        case Target.CHECKPOINT:
            checkpoint = state.checkpoint or wrote
            unkept = done.edited_at
            return replace(state, checkpoint=checkpoint, unkept_since=unkept, setting_down=Retry())
        case Target.NOTEBOOK:
            left = done.edited_at
            state = replace(state, lacking_since=left, unkept_since=left)
            return replace(state, worn=state.closing, failing=False, export=Retry())


def _failed(state: State, now: float) -> State:
    done = state.writing
    if done is None:
        return state
    state, took = replace(state, writing=None), now - done.began
    match done.target:
        case Target.NONE:
            return replace(state, clearing=_later(state.clearing, now, took))
        case Target.CHECKPOINT:
            return replace(state, setting_down=_later(state.setting_down, now, took))
        case Target.NOTEBOOK:
            return replace(state, failing=True, export=_later(state.export, now, took))


def _later(retry: Retry, now: float, took: float) -> Retry:
    """Back off: longer each time, and longer still if the attempt itself takes long."""
    wait = min(FIRST_RETRY * 2.0 ** min(retry.failures, 10), LONGEST_RETRY)
    return Retry(retry.failures + 1, now + max(wait, PAUSE * took))


def _passed(state: State, now: float) -> State:
    """The state with what time alone changes."""
    state = replace(
        state,
        failing=state.failing and now < state.export.at,
        outside=state.outside and now < state.quiet_at,
        worn=state.worn or now >= _worn_at(state),
        prompted=state.prompted and state.lacking_since is not None,
    )
    return replace(state, deferred_since=_deferred_since(state, now))


def _deferred_since(state: State, now: float) -> float | None:
    return None if now < _wanted_once_idle(state) else _first(state.deferred_since, now)


def _next(state: State, now: float) -> Action | None:
    if now >= _clear_at(state):
        return Clear()
    if now >= _due(state):
        return Write(target(state), explicit=state.asked, running=state.busy)
    return None


def _started(state: State, action: Action, now: float) -> State:
    if isinstance(action, Clear):
        return replace(state, writing=Writing(Target.NONE, now))
    writing = Writing(action.target, now, action.explicit)
    return replace(state, writing=writing, prompted=False, asked=False)


def _due(state: State) -> float:
    """When the next write is due; infinity if none is."""
    if state.writing is not None:
        return NEVER
    if state.asked:
        return LONG_AGO
    again = state.setting_down.at if target(state) is Target.CHECKPOINT else LONG_AGO
    return max(_wanted(state), LONG_AGO if state.closing else state.free_at, again)


def _wanted(state: State) -> float:
    """When a write is wanted, which may have to wait for others; infinity if none is."""
    match target(state):
        case Target.NOTEBOOK:
            return _interval_ends(state, state.lacking_since)
        case Target.CHECKPOINT:
            return _interval_ends(state, state.unkept_since)
        case Target.NONE:
            return NEVER


def _interval_ends(state: State, since: float | None) -> float:
    if since is None:
        return NEVER
    return LONG_AGO if state.prompted or state.closing else since + state.options.interval


def _wanted_once_idle(state: State) -> float:
    """When a write would be wanted but for the busy kernel; infinity if that is not the point."""
    return _wanted(replace(state, busy=False, asked=False)) if state.busy else NEVER


def _worn_at(state: State) -> float:
    """When the kernel will have been waited for long enough; infinity if that is not the point."""
    longest = state.options.max_deferral
    if not state.busy or state.worn or longest is None or state.unkept_since is None:
        return NEVER
    return state.unkept_since + longest


def _clear_at(state: State) -> float:
    """When the checkpoint is to be removed; infinity as long as it holds what the file lacks.

    As long as an offer stands it may be the only place where the offered work is.
    """
    needed = state.lacking_since is not None and not state.released
    if not state.checkpoint or needed or state.offer or state.writing or state.asked:
        return NEVER
    return state.clearing.at


def _first(known: float | None, now: float) -> float:
    return now if known is None else known
