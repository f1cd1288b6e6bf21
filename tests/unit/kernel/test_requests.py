"""Which cells a kernel runs, from what it says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_crdt_autosave.kernel.requests import PATIENCE, QUIET, SILENCE, Requests, Status

CELL = "execute_request"


def told(requests: Requests, *messages: tuple[float, str, str, str]) -> Requests:
    """What is known after messages: each with its time, state, and what it is about."""
    for now, state, about, kind in messages:
        requests = requests.heard(Status(state, about, kind), now)
    return requests


def test_a_cell_is_running_from_its_busy_to_half_a_second_behind_its_idle() -> None:
    running = told(Requests(), (10, "busy", "a", CELL))
    assert not Requests().busy(10)
    assert running.busy(1000)
    ended = told(running, (1000, "idle", "a", CELL))
    assert ended.busy(1000 + QUIET - 0.01)
    assert not ended.busy(1000 + QUIET)


def test_the_gaps_between_queued_cells_do_not_count() -> None:
    requests = told(Requests(), (1, "busy", "a", CELL), (2, "idle", "a", CELL))
    requests = told(requests, (2.4, "busy", "b", CELL))
    assert requests.busy(2.6)
    assert told(requests, (3, "idle", "b", CELL)).quiet_at == 3 + QUIET


def test_what_is_no_cell_neither_begins_nor_ends_anything() -> None:
    asides = [
        (1.5, state, "x", kind)
        for kind in ("comm_msg", "complete_request", "create_subshell_request", "None")
        for state in ("busy", "idle")
    ]
    assert not told(Requests(), *asides).busy(1.5)
    running = told(Requests(), (1, "busy", "a", CELL))
    assert told(running, *asides).open == {"a"}


def test_a_kernel_that_starts_anew_runs_nothing() -> None:
    running = told(Requests(), (1, "busy", "a", CELL))
    assert not told(running, (2, "starting", "None", "None")).open
    assert not running.over(2).open
    assert running.over(2).quiet_at == 2 + QUIET


def test_the_idle_of_a_cell_whose_busy_was_missed_does_not_end_another() -> None:
    running = told(Requests(), (1, "busy", "b", CELL))
    assert told(running, (2, "idle", "a", CELL)).open == {"b"}


def test_a_kernel_that_says_nothing_is_asked_once() -> None:
    running = told(Requests(), (1, "busy", "a", CELL))
    assert not running.questionable(1 + SILENCE - 0.1)
    assert running.questionable(1 + SILENCE)
    asked = running.asked("q", 1 + SILENCE)
    assert not asked.questionable(1000)
    assert asked.busy(1000)
    assert not Requests().questionable(1000)


def test_the_answer_shows_that_all_that_came_before_it_is_done() -> None:
    running = told(Requests(), (1, "busy", "a", CELL)).asked("q", 11)
    next_one = told(running, (12, "busy", "b", CELL))
    assert next_one.answered("q", 13).open == {"b"}
    assert next_one.answered("other", 13).open == {"a", "b"}
    by_status = told(running, (13, "busy", "q", "kernel_info_request"))
    assert not by_status.open
    assert by_status.quiet_at == 13 + QUIET


def test_a_kernel_that_does_not_answer_is_at_work_on_something_that_was_missed() -> None:
    asked = Requests().asked("q", 1)
    assert not asked.unanswered(1 + PATIENCE - 0.1)
    assert asked.unanswered(1 + PATIENCE)
    suspected = asked.suspected()
    assert suspected.busy(1000)
    assert not suspected.unanswered(1000)
    assert not suspected.answered("q", 20).open
    assert not told(suspected, (20, "idle", "missed", CELL)).open
    assert not asked.answered("q", 1.1).unanswered(1000)


def test_a_question_outlives_the_start_of_the_kernel_that_gets_it() -> None:
    asked = Requests().asked("q", 1)
    started = told(asked, (2, "starting", "None", "None"))
    assert started.unanswered(1 + PATIENCE)
    assert not asked.over(2).unanswered(1000)


@given(
    st.lists(st.tuples(st.floats(0.01, 3), st.floats(0.01, 3), st.booleans()), max_size=10),
    st.floats(0, 40),
)
def test_busy_is_what_a_kernel_with_such_cells_is(
    cells: list[tuple[float, float, bool]], moment: float
) -> None:
    """Each cell has a gap before it, a duration, and perhaps a widget that talks meanwhile."""
    requests, now, stretches = Requests(), 0.0, []
    for place, (gap, lasts, talks) in enumerate(cells):
        begins, ends = now + gap, now + gap + lasts
        messages = [(begins, "busy", str(place), CELL)]
        if talks:
            messages += [(begins, "busy", "w", "comm_msg"), (begins, "idle", "w", "comm_msg")]
        for message in (*messages, (ends, "idle", str(place), CELL)):
            if message[0] <= moment:
                requests = told(requests, message)
        stretches.append((begins, ends + QUIET))
        now = ends
    expected = any(begins <= moment < ends for begins, ends in stretches)
    assert requests.busy(moment) == expected
