"""The requests that a kernel is working on, from what it says about itself. No effects.

Times are seconds of any clock that only goes forward.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

QUIET = 0.5
"""Seconds without a cell after which a kernel counts as idle: *Run All* has gaps."""

SILENCE = 10.0
"""Seconds after which a kernel that works on something, and says nothing, is asked a question."""

PATIENCE = 1.0
"""Seconds that a kernel which has nothing to do may take to answer."""

UNSEEN = ""
"""Stands for a request whose beginning was not seen."""


@dataclass(frozen=True)
class Status:
    """A status message: the kernel's state, and which message it was about."""

    state: str
    about: str
    about_type: str


@dataclass(frozen=True)
class Question:
    """A request whose answer shows that everything asked for before it is done.

    Kernels answer what comes by the shell channel in order. ``before`` are the requests that were
    open at the time ``at`` which it was sent.
    """

    id: str
    at: float
    before: frozenset[str]


@dataclass(frozen=True)
class Requests:
    """Which cells a kernel runs: ``open`` are the ids of their requests.

    ``ended_at`` is when the last of them ended, ``heard_at`` when the kernel last said anything.
    """

    open: frozenset[str] = frozenset()
    ended_at: float = float("-inf")
    heard_at: float = float("-inf")
    question: Question | None = None

    def heard(self, status: Status, now: float) -> Requests:
        """Take in a status message."""
        after = replace(self, heard_at=now)
        if status.state == "starting":
            return replace(after.over(now), question=self.question)
        if self.question is not None and status.about == self.question.id:
            return after.answered(status.about, now)
        if status.about_type != "execute_request":
            return after
        if status.state == "busy":
            return replace(after, open=after.open | {status.about})
        # Whatever was begun unseen is over: requests are worked on one after another.
        return after._without({status.about, UNSEEN}, now)

    def over(self, now: float) -> Requests:
        """The kernel was restarted, or is dead: nothing is being worked on."""
        return replace(self._without(self.open, now), question=None)

    def asked(self, id: str, now: float) -> Requests:
        """A question was sent."""
        return replace(self, question=Question(id, now, self.open), heard_at=now)

    def answered(self, id: str, now: float) -> Requests:
        """The kernel got to a question."""
        if self.question is None or self.question.id != id:
            return self
        return replace(self._without(self.question.before | {UNSEEN}, now), question=None)

    def questionable(self, now: float) -> bool:
        """Whether it is time to ask: an end may have been missed."""
        return bool(self.open) and self.question is None and now - self.heard_at >= SILENCE

    def unanswered(self, now: float) -> bool:
        """Whether a kernel that seems to have nothing to do does not get to a question."""
        return self.question is not None and now - self.question.at >= PATIENCE and not self.open

    def suspected(self) -> Requests:
        """Something was begun that nobody heard of."""
        return replace(self, open=self.open | {UNSEEN})

    def busy(self, now: float) -> bool:
        """Whether a cell is running, or ended only just now."""
        return bool(self.open) or now < self.quiet_at

    @property
    def quiet_at(self) -> float:
        """When the kernel counts as idle if it says nothing more."""
        return self.ended_at + QUIET

    def _without(self, ids: Set[str], now: float) -> Requests:
        left = self.open - ids
        if left == self.open:
            return self
        return replace(self, open=left, ended_at=self.ended_at if left else now)
