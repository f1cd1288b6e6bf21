"""When an autosave is written."""

from __future__ import annotations

import pytest

from jupyter_crdt_autosave.schedule import (
    Asked,
    Clear,
    Closing,
    Edited,
    KernelTurned,
    Matched,
    Options,
    Prompted,
    Released,
    TabsChanged,
    Target,
    Tick,
    Wish,
    Write,
    due_at,
)

from .play import CHECKPOINT, NOTEBOOK, Play


def test_the_interval_counts_from_the_first_edit_that_is_in_no_file() -> None:
    play = Play()
    play.wait(100)
    for _ in range(25):
        play.happen(Edited())
        play.wait(1)
    assert play.written == [(110, NOTEBOOK), (120, NOTEBOOK)]


def test_without_an_edit_nothing_is_written() -> None:
    play = Play()
    play.happen(KernelTurned(True), KernelTurned(False), Prompted(), Tick())
    play.wait(10_000)
    assert play.done == []
    assert due_at(play.state) is None


def test_what_the_file_lacks_when_a_notebook_is_opened_is_written_too() -> None:
    play = Play(lacks=True)
    assert due_at(play.state) == 10
    play.wait(60)
    assert play.written == [(10, NOTEBOOK)]


def test_an_edit_during_a_write_is_in_the_next_one() -> None:
    play = Play()
    play.takes = 0.5
    play.happen(Edited())
    play.wait(10.2)
    play.happen(Edited())
    assert due_at(play.state) is None
    play.wait(60)
    assert play.written == [(10, NOTEBOOK), (20.2, NOTEBOOK)]


def test_between_two_writes_pass_ten_times_the_last_ones_duration() -> None:
    play = Play()
    play.takes = 3.0
    for _ in range(100):
        play.happen(Edited())
        play.wait(1)
    assert play.written == [(10, NOTEBOOK), (43, NOTEBOOK), (76, NOTEBOOK)]


def test_comparing_shows_that_the_file_has_it_all_and_nothing_is_due_any_more() -> None:
    play = Play()
    play.happen(Edited())
    play.wait(5)
    play.happen(Matched(lacks=False))
    play.wait(60)
    assert play.done == []


def test_comparing_shows_that_the_file_lacks_something_though_nobody_edited() -> None:
    play = Play()
    play.wait(5)
    play.happen(Matched(lacks=True))
    play.wait(60)
    assert play.written == [(15, NOTEBOOK)]


def test_the_last_tab_closes_and_its_work_is_saved_at_once() -> None:
    play = Play()
    play.happen(TabsChanged((Wish(), Wish())), Edited())
    play.wait(1)
    play.happen(TabsChanged((Wish(),)))
    assert play.written == []
    play.happen(TabsChanged(()))
    assert play.written == [(1, NOTEBOOK)]


def test_an_autosave_can_be_had_at_once_but_not_more_often_than_the_disk_bears() -> None:
    play = Play()
    play.takes = 1.0
    play.happen(Edited(), Prompted())
    play.wait(2)
    play.happen(Edited(), Prompted())
    play.wait(60)
    assert play.written == [(0, NOTEBOOK), (11, NOTEBOOK)]


def test_the_server_stops_and_nothing_waits() -> None:
    play = Play()
    play.takes = 3.0
    play.happen(Edited(), Prompted())
    play.wait(4)
    play.happen(Edited(), Closing())
    play.wait(4)
    assert play.written == [(0, NOTEBOOK), (4, NOTEBOOK)]


def test_the_server_stops_amid_a_cell_and_the_checkpoint_has_the_rest() -> None:
    play = Play()
    play.happen(KernelTurned(True), Edited(), Closing())
    assert play.done == [(0, Write(CHECKPOINT, running=True))]


def test_the_server_stops_and_the_checkpoint_stands_in_for_a_file_that_cannot_be_written() -> None:
    play = Play()
    play.works = lambda action: isinstance(action, Write) and action.target is CHECKPOINT
    play.happen(Edited(), Closing())
    assert play.written == [(0, NOTEBOOK), (0, CHECKPOINT)]


@pytest.mark.parametrize("wish", [Wish(interval=60.0), Wish(interval=2.0)])
def test_another_interval_holds_at_once_and_loses_no_pending_autosave(wish: Wish) -> None:
    play = Play()
    play.happen(Edited())
    play.wait(5)
    play.happen(TabsChanged((wish,)))
    play.wait(100)
    assert play.written == [(max(5, wish.interval or 0), NOTEBOOK)]


def test_without_a_tab_the_last_known_wishes_hold() -> None:
    play = Play()
    play.happen(TabsChanged((Wish(interval=30.0),)), TabsChanged(()), Edited())
    play.wait(100)
    assert play.written == [(30, NOTEBOOK)]


def test_autosave_switched_off_leaves_the_file_alone_and_keeps_a_checkpoint() -> None:
    play = Play()
    play.happen(TabsChanged((Wish(autosaves=False),)), Edited())
    play.wait(15)
    assert play.written == [(10, CHECKPOINT)]
    play.happen(TabsChanged((Wish(autosaves=True),)))
    assert play.done[1:] == [(15, Write(NOTEBOOK)), (15, Clear())]


def test_a_checkpoint_is_due_again_only_for_what_it_lacks() -> None:
    play = Play(Options(target=Target.CHECKPOINT))
    play.happen(Edited())
    play.wait(100)
    assert play.written == [(10, CHECKPOINT)]
    play.happen(Edited())
    play.wait(100)
    assert play.written == [(10, CHECKPOINT), (110, CHECKPOINT)]


def test_an_explicit_save_goes_first_and_clears_what_was_pending() -> None:
    play = Play()
    play.happen(Edited())
    play.wait(9)
    play.happen(Asked())
    assert play.done == [(9, Write(NOTEBOOK, explicit=True))]
    play.wait(60)
    assert len(play.done) == 1
    play.happen(Edited())
    play.wait(60)
    assert play.written[1:] == [(79, NOTEBOOK)]


def test_an_explicit_save_waits_for_no_pause() -> None:
    play = Play()
    play.takes = 5.0
    play.happen(Asked())
    play.wait(6)
    play.happen(Asked())
    assert [at for at, _ in play.written] == [0, 6]


def test_an_explicit_save_during_a_write_comes_right_behind_it() -> None:
    play = Play()
    play.takes = 2.0
    play.happen(Edited())
    play.wait(11)
    play.happen(Edited(), Asked(), Asked())
    play.wait(60)
    assert play.done == [(10, Write(NOTEBOOK)), (12, Write(NOTEBOOK, explicit=True))]


def test_two_explicit_saves_are_two_if_the_first_had_begun() -> None:
    play = Play()
    play.takes = 2.0
    play.happen(Asked())
    play.wait(1)
    play.happen(Edited(), Asked())
    play.wait(60)
    assert [at for at, _ in play.written] == [0, 2]


def test_an_explicit_save_writes_though_nothing_is_known_to_be_lacking() -> None:
    play = Play()
    play.happen(Asked())
    assert play.done == [(0, Write(NOTEBOOK, explicit=True))]


def test_a_deleted_notebook_gets_no_file_and_its_checkpoint_goes() -> None:
    play = Play(Options(target=Target.CHECKPOINT))
    play.happen(Edited())
    play.wait(20)
    play.happen(Edited(), Released())
    play.wait(100)
    assert play.done == [(10, Write(CHECKPOINT)), (20, Clear())]
    play.happen(Asked())
    assert play.written[1:] == [(120, NOTEBOOK)]
