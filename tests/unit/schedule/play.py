"""A notebook on a clock of its own, which does what the scheduler says."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_crdt_autosave.schedule import (
    Clear,
    Event,
    Failed,
    GivenUp,
    Options,
    State,
    Target,
    Tick,
    Write,
    Written,
    begin,
    step,
    wake_at,
)

NOTEBOOK, CHECKPOINT = Target.NOTEBOOK, Target.CHECKPOINT


class Play:
    """Feeds events to the scheduler, carries out its actions, and notes them with their times.

    Each write takes ``takes`` seconds; ``works`` is asked whether an action succeeds.
    """

    def __init__(
        self,
        options: Options | None = None,
        lacks: bool = False,
        checkpoint: bool = False,
        offer: bool = False,
    ) -> None:
        self.now = 0.0
        self.takes = 0.0
        self.works: Callable[[Write | Clear], bool] = lambda action: True
        self.done: list[tuple[float, Write | Clear]] = []
        self.state: State = begin(options or Options(), 0.0, lacks, checkpoint, offer)
        self._ends: tuple[float, Event] | None = None
        self.happen(Tick())

    def happen(self, *events: Event) -> None:
        """Let something happen now; an answer is that to what is being done."""
        for event in events:
            if isinstance(event, (Written, Failed, GivenUp)):
                self._ends = None
            self.state, actions = step(self.state, event, self.now)
            for action in actions:
                self._carry_out(action)

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        until = self.now + seconds
        while (at := self._next_at()) <= until:
            self.now = max(at, self.now)
            if self._ends is not None and self._ends[0] <= self.now:
                self._end()
            else:
                self.happen(Tick())
        self.now = until

    @property
    def deferred_since(self) -> float | None:
        """Since when an autosave has been waiting for the kernel."""
        return self.state.deferred_since

    @property
    def written(self) -> list[tuple[float, Target]]:
        """When what was written."""
        return [(at, action.target) for at, action in self.done if isinstance(action, Write)]

    def _next_at(self) -> float:
        return self._ends[0] if self._ends is not None else wake_at(self.state)

    def _carry_out(self, action: Write | Clear) -> None:
        assert self._ends is None, "two things at a time"
        self.done.append((self.now, action))
        answer = Written() if self.works(action) else Failed()
        self._ends = (self.now + self.takes, answer)
        if not self.takes:
            self._end()

    def _end(self) -> None:
        assert self._ends is not None
        answer, self._ends = self._ends[1], None
        self.happen(answer)
