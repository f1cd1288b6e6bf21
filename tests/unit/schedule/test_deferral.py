"""While a cell runs: the file is left alone, and for how long."""

from __future__ import annotations

from jupyter_crdt_autosave.schedule import (
    Asked,
    Clear,
    Edited,
    KernelTurned,
    Options,
    Prompted,
    TabsChanged,
    Wish,
    Write,
)

from .play import CHECKPOINT, NOTEBOOK, Play

BUSY, IDLE = KernelTurned(True), KernelTurned(False)


def test_an_autosave_waits_for_the_kernel_and_then_happens_once() -> None:
    play = Play()
    play.happen(Edited())
    play.wait(5)
    play.happen(BUSY)
    play.wait(60)
    assert play.written == []
    play.happen(IDLE)
    play.wait(100)
    assert play.written == [(65, NOTEBOOK)]


def test_the_end_of_an_execution_does_not_wait_for_the_interval() -> None:
    play = Play()
    play.happen(BUSY, Edited())
    play.wait(2)
    play.happen(IDLE)
    assert play.written == [(2, NOTEBOOK)]


def test_the_end_of_an_execution_waits_for_the_pause() -> None:
    play = Play()
    play.takes = 2.0
    play.happen(Edited())
    play.wait(13)
    play.happen(BUSY, Edited())
    play.wait(1)
    play.happen(IDLE)
    play.wait(60)
    assert play.written == [(10, NOTEBOOK), (32, NOTEBOOK)]


def test_a_cell_that_ran_and_changed_nothing_has_nothing_to_save() -> None:
    play = Play()
    play.happen(BUSY)
    play.wait(5)
    play.happen(IDLE)
    play.wait(60)
    assert play.done == []


def test_an_endless_cell_gets_a_checkpoint_which_is_renewed_every_interval() -> None:
    play = Play(Options(interval=10.0, max_deferral=600.0))
    play.happen(BUSY, Edited())
    play.wait(599)
    assert play.done == []
    for _ in range(31):
        play.happen(Edited())
        play.wait(1)
    running = Write(CHECKPOINT, running=True)
    assert play.done == [(600, running), (610, running), (620, running), (630, running)]


def test_the_checkpoint_of_an_endless_cell_goes_once_the_file_was_written() -> None:
    play = Play()
    play.happen(BUSY, Edited())
    play.wait(700)
    play.happen(IDLE)
    play.wait(100)
    assert play.done[1:] == [(700, Write(NOTEBOOK)), (700, Clear())]


def test_each_deferral_is_waited_for_anew() -> None:
    play = Play(Options(max_deferral=60.0))
    play.happen(BUSY, Edited())
    play.wait(70)
    play.happen(IDLE)
    play.wait(10)
    play.happen(BUSY, Edited())
    play.wait(59)
    assert [at for at, _ in play.written] == [60, 70]
    play.wait(2)
    assert play.written[2:] == [(140, CHECKPOINT)]


def test_an_edit_long_after_the_cell_began_is_waited_with_from_then_on() -> None:
    play = Play(Options(max_deferral=60.0))
    play.happen(BUSY)
    play.wait(1000)
    play.happen(Edited())
    play.wait(100)
    assert play.written == [(1060, CHECKPOINT)]


def test_with_no_longest_deferral_there_is_no_checkpoint() -> None:
    play = Play(Options(max_deferral=None))
    play.happen(BUSY, Edited())
    play.wait(1_000_000)
    assert play.done == []
    play.happen(IDLE)
    assert play.written == [(1_000_000, NOTEBOOK)]


def test_a_longest_deferral_below_the_interval_means_every_interval() -> None:
    play = Play(Options(interval=10.0, max_deferral=0.0))
    play.happen(BUSY, Edited())
    play.wait(15)
    assert play.written == [(10, CHECKPOINT)]


def test_a_checkpoint_that_is_asked_for_waits_for_the_kernel_too() -> None:
    play = Play()
    play.happen(TabsChanged((Wish(autosaves=False),)), BUSY, Edited())
    play.wait(599)
    assert play.done == []
    play.happen(IDLE)
    assert play.done == [(599, Write(CHECKPOINT))]


def test_an_explicit_save_does_not_wait_for_the_kernel() -> None:
    play = Play()
    play.happen(BUSY, Edited())
    play.wait(3)
    play.happen(Asked())
    assert play.done == [(3, Write(NOTEBOOK, explicit=True, running=True))]


def test_an_explicit_save_begins_the_deferral_anew() -> None:
    play = Play(Options(max_deferral=60.0))
    play.happen(BUSY, Edited())
    play.wait(65)
    play.happen(Asked(), Edited())
    play.wait(59)
    assert [at for at, _ in play.written] == [60, 65]
    assert play.done[2:] == [(65, Clear())]


def test_it_shows_since_when_an_autosave_has_been_waiting() -> None:
    play = Play()
    play.happen(BUSY, Edited())
    since = []
    for seconds in (9, 5, 600):
        play.wait(seconds)
        since.append(play.deferred_since)
    play.happen(IDLE)
    assert [*since, play.deferred_since] == [None, 10, 10, None]


def test_what_is_wanted_at_once_shows_as_waiting_at_once() -> None:
    play = Play()
    play.happen(BUSY, Edited(), Prompted())
    since = play.deferred_since
    play.happen(Asked())
    assert (since, play.deferred_since) == (0, None)


def test_what_the_checkpoint_has_does_not_wait_where_the_file_is_left_alone_anyway() -> None:
    play = Play()
    play.happen(TabsChanged((Wish(autosaves=False),)), Edited())
    play.wait(20)
    play.happen(BUSY)
    play.wait(20)
    assert play.deferred_since is None
