"""When one notebook is written: the decisions, the task that waits for them, and who asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from ..errors import AutosaveError, ExportFailed
from ..model import Settings
from ..schedule import (
    Action,
    Asked,
    Clear,
    Closing,
    Edited,
    Event,
    Failed,
    GivenUp,
    Matched,
    Options,
    Target,
    Tick,
    Write,
    Written,
    begin,
    step,
    target,
    wake_at,
)

_SHORTEST_WAIT = 0.01
"""Seconds: clocks are not so exact that one could wait for less."""

CarryOut = Callable[[Action], Awaitable[Written | GivenUp]]
"""Does what was decided, or raises why it could not be done."""


class Autosave:
    """Has one notebook written when that is due. On the event loop only."""

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], float],
        log: logging.Logger,
    ) -> None:
        """Nothing is written before `start`.

        Args:
            settings: what the administrator set.
            clock: seconds, of a clock that only goes forward.
            log: for errors that nobody expects.
        """
        self.clock = clock
        target = Target(settings.autosave_target)
        self.state = begin(Options(settings.interval, settings.max_deferral, target), clock())
        self._log = log
        self._action: Action | None = None
        self._news = asyncio.Event()
        self._resting = asyncio.Event()
        self._asking: list[asyncio.Future[None]] = []
        self._served: list[asyncio.Future[None]] = []
        self._task: asyncio.Task[None] | None = None
        self._ended = False

    def start(
        self, lacks: bool, checkpoint: bool, carry_out: CarryOut, changed: Callable[[], None]
    ) -> None:
        """Begin to write.

        Args:
            lacks: whether the document holds something that the file lacks.
            checkpoint: whether there is a checkpoint.
            carry_out: does what was decided.
            changed: called after things were done, or time made a difference.
        """
        self.state = replace(self.state, checkpoint=checkpoint)
        self.tell(Matched(lacks))
        self._carry_out, self._changed = carry_out, changed
        self._task = asyncio.create_task(self._run())

    def tell(self, event: Event) -> None:
        """Something happened."""
        self.state, actions = step(self.state, event, self.clock())
        for action in actions:
            self._action = action
            self._resting.clear()
        self._news.set()

    def edited(self) -> None:
        """The document's content changed. Costs next to nothing where that is known already."""
        state, writing = self.state, self.state.writing
        known = state.lacking_since is not None and state.unkept_since is not None
        if not known or (writing is not None and writing.edited_at is None):
            self.tell(Edited())

    async def save(self) -> None:
        """Save because somebody asked for it; done once the checkpoint is gone, too.

        Raises:
            ExportFailed: the file was not written; the message says why.
        """
        if self._task is None or self._task.done():
            raise ExportFailed("The notebook is being closed. Open it again to save it.")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asking.append(done)
        self.tell(Asked())
        await done

    async def rest(self) -> None:
        """Wait until nothing is being written."""
        while self.state.writing is not None and self._task is not None and not self._task.done():
            await self._resting.wait()

    async def close(self, timeout: float) -> None:
        """Write what there is to write, if that takes no longer than `timeout` seconds, and end."""
        self.tell(Closing())
        with suppress(TimeoutError, asyncio.TimeoutError):
            await asyncio.wait_for(self.rest(), timeout)
        self._ended = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    @property
    def now_to(self) -> Target:
        """Where an autosave would go now."""
        return target(replace(self.state, asked=False))

    @property
    def stuck(self) -> bool:
        """Whether the file is not going to get what it lacks by itself."""
        state = replace(self.state, asked=False, busy=False, outside=False)
        return target(state) is not Target.NOTEBOOK

    async def _run(self) -> None:
        try:
            await self._go_on()
        finally:
            self._resting.set()
            self._served += self._asking
            self._answer(ExportFailed("The notebook was closed before it could be saved."))

    async def _go_on(self) -> None:
        while not self._ended:
            action, self._action = self._action, None
            if action is None:
                self._answer()
                await self._wait()
                self.tell(Tick())
            else:
                if not isinstance(action, Clear):
                    self._answer()
                await self._do(action)
            self._changed()

    async def _wait(self) -> None:
        """Until something happens, or time makes a difference."""
        self._news.clear()
        self._resting.set()
        wait = max(wake_at(self.state) - self.clock(), _SHORTEST_WAIT)
        alarm = None
        if wait != float("inf"):
            # Not `wait_for`: that of before Python 3.12 may miss that it is cancelled.
            alarm = asyncio.get_running_loop().call_later(wait, self._news.set)
        try:
            await self._news.wait()
        finally:
            if alarm is not None:
                alarm.cancel()

    async def _do(self, action: Action) -> None:
        if isinstance(action, Write) and action.explicit:
            self._served, self._asking = self._asking, []
        outcome: Event = Failed()
        try:
            outcome = await self._carry_out(action)
        except AutosaveError as error:
            self._refuse(action, error)
        except Exception as error:
            # Whatever it was: it must not be the last autosave.
            self._log.exception("Writing failed")
            self._refuse(action, error)
        self.tell(outcome)

    def _refuse(self, action: Action, error: Exception) -> None:
        """Tell those who asked for a save why there is none."""
        if isinstance(action, Write) and action.explicit:
            failed = ExportFailed(str(error) or type(error).__name__)
            failed.__cause__ = error
            self._answer(failed)

    def _answer(self, error: ExportFailed | None = None) -> None:
        served, self._served = self._served, []
        for done in served:
            if done.done():
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
