"""The scheduler against a plain model, for every order of events."""

from __future__ import annotations

from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_crdt_autosave.schedule import (
    Asked,
    CheckpointRemoved,
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
    Options,
    Prompted,
    Released,
    State,
    TabsChanged,
    Target,
    Tick,
    Wish,
    Write,
    Written,
    begin,
    step,
    wake_at,
)

from .schedule_model import Model

SECONDS = st.sampled_from((0.0, 0.25, 0.5, 1.0, 2.0, 5.0, 9.0, 10.0, 15.0, 30.0, 61.0, 120.0))
FLAGS = st.booleans()

WISHES = st.builds(
    Wish,
    FLAGS,
    st.none() | st.sampled_from((1.0, 5.0, 30.0)),
    st.sampled_from((None, Target.NOTEBOOK, Target.CHECKPOINT)),
)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.just(Edited()),
    st.builds(KernelTurned, FLAGS),
    st.builds(Written, FLAGS),
    st.just(Written()),
    st.just(Failed()),
    st.just(GivenUp()),
    st.just(Asked()),
    st.just(Prompted()),
    st.builds(Matched, FLAGS),
    st.builds(Ingested, FLAGS),
    st.builds(Offered, FLAGS),
    st.builds(Halted, FLAGS),
    st.builds(Released, FLAGS),
    st.just(CheckpointRemoved()),
    st.builds(lambda wishes: TabsChanged(tuple(wishes)), st.lists(WISHES, max_size=2)),
)
OPTIONS = st.builds(
    Options,
    st.sampled_from((1.0, 10.0)),
    st.sampled_from((None, 0.0, 20.0, 60.0)),
    st.sampled_from((Target.NOTEBOOK, Target.CHECKPOINT)),
)
HISTORIES = st.lists(SECONDS | EVENTS | st.just(Edited()), max_size=40)


class Pair:
    """The scheduler and the model, side by side."""

    def __init__(self, options: Options) -> None:
        self.now = 0.0
        self.state: State = begin(options, 0.0)
        self.model = Model(options)
        self.model.note(0.0)

    def happen(self, event: Event) -> None:
        """Let both know, and compare what they do about it."""
        expects_answer = self.state.writing is not None
        if isinstance(event, (Written, Failed, GivenUp)) and not expects_answer:
            return
        self.model.happen(event, self.now)
        expected = self.model.expected(self.now)
        self.state, actions = step(self.state, event, self.now)
        assert actions == ((expected,) if expected else ())
        if expected is not None:
            self.model.begin(expected, self.now)
        assert wake_at(self.state) > self.now

    def wait(self, seconds: float) -> None:
        """Wake the scheduler only when it wants to be, and see whether that is often enough."""
        until = self.now + seconds
        while (wake := wake_at(self.state)) <= until:
            self.look_between(wake)
            self.now = wake
            self.happen(Tick())
        self.look_between(until)
        self.now = until

    def look_between(self, until: float) -> None:
        """Nothing is to be done before the scheduler wakes."""
        for part in (0.01, 0.5, 0.99):
            moment = self.now + part * (until - self.now)
            if self.now < moment < until:
                assert self.model.expected(moment) is None


def played(options: Options, history: list[float | Event]) -> Pair:
    """Let it all happen."""
    pair = Pair(options)
    for each in history:
        if isinstance(each, float):
            pair.wait(each)
        else:
            pair.happen(each)
    return pair


@settings(deadline=None, max_examples=400)
@given(OPTIONS, HISTORIES)
def test_the_scheduler_does_what_the_model_says(
    options: Options, history: list[float | Event]
) -> None:
    played(options, history)


@settings(deadline=None)
@given(OPTIONS, HISTORIES, st.lists(st.just(Edited()) | EVENTS, max_size=6))
def test_the_last_chance_is_taken_and_then_there_is_peace(
    options: Options, history: list[float | Event], last: list[Event]
) -> None:
    pair = played(options, history)
    for event in (*last, Closing()):
        pair.happen(event)
    rounds = 0
    while pair.state.writing is not None:
        pair.happen(Written())
        rounds += 1
    assert rounds <= 5
    released = pair.model.last(Released) == Released(True)
    assert pair.model.first_unkept() is None or released


@settings(deadline=None)
@given(OPTIONS, HISTORIES)
def test_every_edit_gets_into_a_file_in_time_once_nothing_is_in_the_way(
    options: Options, history: list[float | Event]
) -> None:
    pair = played(options, [*history, Released(False), Edited()])
    busy, patience = pair.model.busy, pair.model.options.max_deferral
    for _ in range(20):
        while pair.state.writing is not None:
            pair.happen(Written())
        if pair.model.first_unkept() is None or (busy and patience is None):
            break
        assert wake_at(pair.state) < inf
        pair.wait(wake_at(pair.state) - pair.now)
    assert pair.model.first_unkept() is None or (busy and patience is None)


@settings(deadline=None)
@given(OPTIONS, HISTORIES)
def test_no_byte_of_the_file_is_written_while_a_cell_runs_unless_somebody_asked(
    options: Options, history: list[float | Event]
) -> None:
    pair = played(options, history)
    for attempt in pair.model.attempts:
        action = attempt.action
        if isinstance(action, Write) and action.running and action.target is Target.NOTEBOOK:
            assert action.explicit
