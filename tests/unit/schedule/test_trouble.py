"""Files that cannot be written, must not be written, or are being written by others."""

from __future__ import annotations

import pytest

from jupyter_crdt_autosave.schedule import (
    Asked,
    CheckpointRemoved,
    Clear,
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
    Write,
    Written,
)

from .play import CHECKPOINT, NOTEBOOK, Play


def to_the_notebook(action: Write | Clear) -> bool:
    """Whether an action writes the notebook file."""
    return isinstance(action, Write) and action.target is NOTEBOOK


def test_an_export_that_fails_is_tried_for_ever_and_the_checkpoint_stands_in() -> None:
    play = Play()
    play.works = lambda action: not to_the_notebook(action)
    play.happen(Edited())
    play.wait(3600)
    exports = [at for at, target in play.written if target is NOTEBOOK]
    assert exports[:6] == [10, 15, 25, 45, 85, 145]
    assert exports[6:9] == [205, 265, 325]
    assert exports[-1] > 3500
    assert [at for at, target in play.written if target is CHECKPOINT] == [10]


def test_the_checkpoint_of_a_failing_export_follows_the_edits_and_goes_with_the_trouble() -> None:
    play = Play()
    play.works = lambda action: not to_the_notebook(action)
    for _ in range(100):
        play.happen(Edited())
        play.wait(1)
    checkpoints = [at for at, target in play.written if target is CHECKPOINT]
    assert checkpoints == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    play.works = lambda action: True
    play.wait(60)
    assert play.done[-2:] == [(145, Write(NOTEBOOK)), (145, Clear())]
    assert play.state.export.failures == 0


def test_an_attempt_that_takes_long_is_repeated_the_later() -> None:
    play = Play()
    play.works = lambda action: not to_the_notebook(action)
    play.takes = 30.0
    play.happen(Edited())
    play.wait(1000)
    exports = [at for at, target in play.written if target is NOTEBOOK]
    assert exports[1] - exports[0] >= 330


def test_a_checkpoint_that_fails_is_tried_for_ever_too() -> None:
    play = Play(Options())
    play.works = lambda action: False
    play.happen(Edited())
    play.wait(3600)
    checkpoints = [at for at, target in play.written if target is CHECKPOINT]
    assert checkpoints[:3] == [10, 15, 25]
    assert checkpoints[-1] > 3500


def test_a_checkpoint_that_cannot_be_removed_is_tried_again() -> None:
    play = Play(checkpoint=True)
    assert play.done == [(0, Clear())]
    play = Play(checkpoint=True, lacks=True)
    play.works = lambda action: not isinstance(action, Clear)
    play.wait(40)
    assert play.done == [(10, Write(NOTEBOOK)), (10, Clear()), (15, Clear()), (25, Clear())]
    play.works = lambda action: True
    play.wait(100)
    assert play.done[4:] == [(45, Clear())]


def test_an_explicit_save_that_fails_loses_nothing() -> None:
    play = Play()
    play.works = lambda action: not to_the_notebook(action)
    play.happen(Edited())
    play.wait(2)
    play.happen(Asked())
    play.wait(10)
    assert play.written == [(2, NOTEBOOK), (10, NOTEBOOK), (10, CHECKPOINT)]


def test_an_explicit_save_that_works_ends_the_trouble() -> None:
    play = Play()
    play.works = lambda action: not to_the_notebook(action)
    play.happen(Edited())
    play.wait(60)
    play.works = lambda action: True
    play.happen(Asked())
    assert play.done[-2:] == [(60, Write(NOTEBOOK, explicit=True)), (60, Clear())]
    play.happen(Edited())
    play.wait(10)
    assert play.written[-1] == (70, NOTEBOOK)


@pytest.mark.parametrize(
    ("begins", "ends"), [(Offered(True), Offered(False)), (Halted(True), Halted(False))]
)
def test_the_checkpoint_stands_in_while_the_file_must_be_left_alone(
    begins: Event, ends: Event
) -> None:
    play = Play()
    play.happen(begins, Edited())
    play.wait(30)
    assert play.written == [(10, CHECKPOINT)]
    play.happen(ends)
    assert play.written == [(10, CHECKPOINT), (30, NOTEBOOK)]


def test_a_standing_offer_lets_no_checkpoint_go() -> None:
    play = Play(checkpoint=True, offer=True)
    play.wait(100)
    assert play.done == []
    play.happen(Offered(False))
    assert play.done == [(100, Clear())]


def test_after_an_ingest_that_kept_edits_the_file_rests_until_others_are_quiet() -> None:
    play = Play()
    play.happen(Edited())
    play.wait(5)
    play.happen(Ingested(kept=True))
    for _ in range(5):
        play.wait(6)
        play.happen(Ingested(kept=False))
    assert play.written == [(10, CHECKPOINT)]
    play.wait(20)
    assert play.done[1:] == [(45, Write(NOTEBOOK)), (45, Clear())]


def test_an_ingest_into_a_document_without_edits_holds_up_nothing() -> None:
    play = Play()
    play.happen(Ingested(kept=False), Matched(lacks=False), Edited())
    play.wait(10)
    assert play.written == [(10, NOTEBOOK)]


def test_the_end_of_an_execution_does_not_break_into_outside_quiet() -> None:
    play = Play()
    play.happen(Edited(), KernelTurned(True), Ingested(kept=True))
    play.wait(4)
    play.happen(KernelTurned(False))
    play.wait(20)
    assert play.written == [(4, CHECKPOINT), (10, NOTEBOOK)]


def test_a_removed_checkpoint_comes_back_with_the_next_edit() -> None:
    play = Play()
    play.happen(Offered(True), Edited())
    play.wait(20)
    play.happen(CheckpointRemoved())
    play.wait(100)
    assert play.written == [(10, CHECKPOINT)]
    play.happen(Edited())
    play.wait(10)
    assert play.written == [(10, CHECKPOINT), (130, CHECKPOINT)]


def test_an_export_given_up_because_others_are_at_work_is_no_failure() -> None:
    play = Play()
    play.takes = 0.5
    play.happen(Edited())
    play.wait(10)
    play.happen(GivenUp())
    assert play.state.export.failures == 0
    assert play.written == [(10, NOTEBOOK), (10, CHECKPOINT)]


def test_an_answer_that_nobody_waits_for_changes_nothing() -> None:
    play = Play()
    before = play.state
    play.happen(Written(), Failed(), GivenUp())
    assert play.state == before
