"""What the scheduler must do, told from the whole history: plain, and slow."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import takewhile

from jupyter_crdt_autosave.schedule import (
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
    Options,
    Prompted,
    Released,
    TabsChanged,
    Target,
    Write,
    Written,
    options_of,
)

Action = Write | Clear


@dataclass
class Attempt:
    """One action: when it began and ended, in moments and in seconds, and how it went."""

    action: Action
    began: int
    began_at: float
    ended: int | None = None
    ended_at: float = 0.0
    worked: bool = False
    wrote: bool = False
    given_up: bool = False

    @property
    def target(self) -> Target:
        """What was written; NONE for removing the checkpoint."""
        return self.action.target if isinstance(self.action, Write) else Target.NONE


@dataclass
class Model:
    """Everything that ever happened, and what follows from it.

    Moments are numbered, so that what happens at the same time has an order.
    """

    configured: Options
    log: list[tuple[float, Event]] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    wants: list[tuple[int, float]] = field(default_factory=list)
    had_all: list[int] = field(default_factory=list)
    out_of_patience: list[int] = field(default_factory=list)

    def happen(self, event: Event, now: float) -> None:
        """Note what happened."""
        if isinstance(event, Edited) or (
            event == Matched(lacks=True) and self.first_lacking() is None
        ):
            self.wants.append((len(self.log), now))
        if isinstance(event, (Written, Failed, GivenUp)) and self.running is not None:
            attempt = self.running
            attempt.ended, attempt.ended_at = len(self.log), now
            attempt.worked = isinstance(event, Written)
            attempt.given_up = isinstance(event, GivenUp)
            attempt.wrote = isinstance(event, Written) and event.wrote
        self.log.append((now, event))
        self.note(now)

    def note(self, now: float) -> None:
        """Note what is the case now and would be forgotten otherwise."""
        if self.first_lacking() is None:
            self.had_all.append(len(self.log))
        first, longest = self.first_unkept(), self.configured.max_deferral
        late = first is not None and longest is not None and now >= first + longest
        if self.busy and late:
            self.out_of_patience.append(len(self.log))

    def begin(self, action: Action, now: float) -> None:
        """Note that an action began."""
        self.attempts.append(Attempt(action, len(self.log), now))

    @property
    def running(self) -> Attempt | None:
        """What is being done."""
        return self.attempts[-1] if self.attempts and self.attempts[-1].ended is None else None

    def last(self, *kinds: type[Event]) -> Event | None:
        """The last event of some kind."""
        return next((event for _, event in reversed(self.log) if isinstance(event, kinds)), None)

    def last_moment(self, *events: Event) -> int:
        """When one of these last happened, before anything did if never."""
        moments = [moment for moment, (_, event) in enumerate(self.log) if event in events]
        return max(moments, default=-1)

    @property
    def busy(self) -> bool:
        """Whether the kernel is."""
        return self.last(KernelTurned) == KernelTurned(True)

    @property
    def options(self) -> Options:
        """What the tabs that were open last wanted."""
        wished = [e.wishes for _, e in self.log if isinstance(e, TabsChanged) and e.wishes]
        return options_of(wished[-1], self.configured) if wished else self.configured

    def agreements(self, *targets: Target) -> int:
        """The last moment up to which all edits are in one of these files, or in the file."""
        began = [each.began for each in self.attempts if each.worked and each.target in targets]
        return max([self.last_moment(Matched(lacks=False)) + 1, *began])

    def first_since(self, moment: int) -> float | None:
        """When the first edit since some moment was made."""
        return next((at for each, at in self.wants if each >= moment), None)

    def first_lacking(self) -> float | None:
        """The first edit that the file lacks."""
        return self.first_since(self.agreements(Target.NOTEBOOK))

    def first_unkept(self) -> float | None:
        """The first edit that no file has."""
        return self.first_since(self.agreements(Target.NOTEBOOK, Target.CHECKPOINT))

    @property
    def closing(self) -> bool:
        """Whether this is the last chance."""
        return self.last(Closing) is not None

    @property
    def asked(self) -> bool:
        """Whether somebody waits for a save that has not begun."""
        explicit = [
            each.began
            for each in self.attempts
            if isinstance(each.action, Write) and each.action.explicit
        ]
        return self.last_moment(Asked()) >= max(explicit, default=0)

    @property
    def prompted(self) -> bool:
        """Whether a write is wanted before its time."""
        writes = [each.began for each in self.attempts if each.target is not Target.NONE]
        since = max([0, *writes, *self.had_all])
        return self.closing or any(moment > since for moment in self.occasions())

    def occasions(self) -> list[int]:
        """When an execution ended, the last tab closed, or somebody wanted an autosave now."""
        found, busy, tabs = [], False, False
        for moment, (_, event) in enumerate(self.log):
            ended = event == KernelTurned(False) and busy
            left = event == TabsChanged(()) and tabs
            # The last moment counts as following what it is about.
            if ended or left or isinstance(event, Prompted):
                found.append(moment + 1)
            busy = event.busy if isinstance(event, KernelTurned) else busy
            tabs = bool(event.wishes) if isinstance(event, TabsChanged) else tabs
        return found

    def worn(self) -> bool:
        """Whether the kernel was waited for long enough in this stretch of being busy."""
        saved = [
            each.ended or 0
            for each in self.attempts
            if each.worked and each.target is Target.NOTEBOOK
        ]
        idle = self.last_moment(KernelTurned(False))
        since = max([idle, self.last_moment(Matched(lacks=False)), *saved])
        return self.closing or any(moment > since for moment in self.out_of_patience)

    def retry_at(self, target: Target) -> float:
        """When something may be tried again after it failed."""
        ended = [each for each in self.attempts if each.ended is not None and not each.given_up]
        tries = [each for each in reversed(ended) if each.target is target]
        failed = list(takewhile(lambda each: not each.worked, tries))
        if not failed or (failed[0].ended or 0) < self.last_moment(Closing()):
            return float("-inf")
        took = failed[0].ended_at - failed[0].began_at
        wait = (5, 10, 20, 40, 60)[min(len(failed), 5) - 1]
        return failed[0].ended_at + max(wait, 10 * took)

    def pause_ends(self) -> float:
        """When ten times the duration of the last write will have passed."""
        wrote = [each for each in self.attempts if each.wrote and each.target is not Target.NONE]
        if not wrote or self.closing:
            return float("-inf")
        last = wrote[-1]
        return last.ended_at + 10 * (last.ended_at - last.began_at)

    def outside_until(self) -> float:
        """Until when another program may be in the middle of changing files."""
        until = float("-inf")
        for moment, (at, event) in enumerate(self.log):
            kept = isinstance(event, GivenUp) or (isinstance(event, Ingested) and event.kept)
            if kept or (isinstance(event, Ingested) and at < until):
                until = at + self.until(moment).options.interval
        return until

    def until(self, moment: int) -> Model:
        """The history up to a moment, as far as what was wished goes."""
        return Model(self.configured, self.log[: moment + 1])

    @property
    def checkpoint(self) -> bool:
        """Whether there is one."""
        there = False
        ends = {each.ended: each for each in self.attempts if each.worked}
        for moment, (_, event) in enumerate(self.log):
            done = ends.get(moment)
            if isinstance(event, CheckpointRemoved) or (done and done.target is Target.NONE):
                there = False
            elif done and done.target is Target.CHECKPOINT:
                there = there or done.wrote
        return there

    def expected(self, now: float) -> Action | None:
        """What has to be done now."""
        if self.running is not None:
            return None
        if self.asked:
            return Write(Target.NOTEBOOK, explicit=True, running=self.busy)
        if self.must_clear(now):
            return Clear()
        target = self.target(now)
        lacks = self.first_lacking() if target is Target.NOTEBOOK else self.first_unkept()
        if target is Target.NONE or lacks is None or now < self.pause_ends():
            return None
        if target is Target.CHECKPOINT and now < self.retry_at(target):
            return None
        if not self.prompted and now < lacks + self.options.interval:
            return None
        return Write(target, running=self.busy)

    def must_clear(self, now: float) -> bool:
        """Whether the checkpoint has nothing that the file lacks, and may be removed."""
        useless = self.first_lacking() is None or self.last(Released) == Released(True)
        offered = self.last(Offered) == Offered(True)
        return self.checkpoint and useless and not offered and now >= self.retry_at(Target.NONE)

    def target(self, now: float) -> Target:
        """Where an autosave goes now."""
        alone = (
            self.last(Offered) == Offered(True)
            or self.last(Halted) == Halted(True)
            or not self.options.autosaves
            or self.options.target is Target.CHECKPOINT
            or now < self.retry_at(Target.NOTEBOOK)
            or now < self.outside_until()
        )
        if self.last(Released) == Released(True):
            return Target.NONE
        if self.busy:
            return Target.CHECKPOINT if self.worn() else Target.NONE
        return Target.CHECKPOINT if alone else Target.NOTEBOOK
