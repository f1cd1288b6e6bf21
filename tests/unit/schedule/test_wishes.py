"""What open tabs want of autosave."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_crdt_autosave.schedule import Options, Target, Wish, options_of, wish_of

CONFIGURED = Options(interval=10.0, max_deferral=600.0)


def test_the_smallest_interval_of_the_open_tabs_holds() -> None:
    wishes = [Wish(interval=30.0), Wish(interval=5.0), Wish()]
    assert options_of(wishes, CONFIGURED).interval == 5.0
    assert options_of([Wish(interval=30.0)], CONFIGURED).interval == 30.0
    assert options_of([Wish(interval=30.0), Wish()], CONFIGURED).interval == 10.0


def test_autosave_is_off_only_if_it_is_off_in_all_tabs() -> None:
    assert not options_of([Wish(False), Wish(False)], CONFIGURED).autosaves
    assert options_of([Wish(False), Wish(True)], CONFIGURED).autosaves


@pytest.mark.parametrize(
    ("asked", "configured", "holds"),
    [
        ([Target.CHECKPOINT], Target.NOTEBOOK, Target.CHECKPOINT),
        ([Target.CHECKPOINT, None], Target.NOTEBOOK, Target.NOTEBOOK),
        ([Target.CHECKPOINT, None], Target.CHECKPOINT, Target.CHECKPOINT),
        ([Target.CHECKPOINT, Target.NOTEBOOK], Target.CHECKPOINT, Target.NOTEBOOK),
        ([Target.NOTEBOOK], Target.CHECKPOINT, Target.NOTEBOOK),
        ([None], Target.CHECKPOINT, Target.CHECKPOINT),
    ],
)
def test_a_checkpoint_only_if_all_tabs_ask_for_it(
    asked: list[Target | None], configured: Target, holds: Target
) -> None:
    wishes = [Wish(target=target) for target in asked]
    assert options_of(wishes, Options(target=configured)).target is holds


def test_the_longest_deferral_is_not_for_tabs_to_choose() -> None:
    assert options_of([Wish(interval=3.0)], CONFIGURED).max_deferral == 600.0


def test_a_tab_says_what_it_wants_in_its_awareness() -> None:
    state = {"autosave": True, "crdt_autosave": {"interval": 30, "target": "checkpoint"}}
    assert wish_of(state) == Wish(True, 30.0, Target.CHECKPOINT)
    assert wish_of({"autosave": False}) == Wish(False)
    assert wish_of({"user": {"name": "A"}}) is None


NO_INTERVALS: list[Any] = [0.5, 0, -1, "9", None, True, float("nan"), float("inf"), []]
NO_TARGETS: list[Any] = ["none", "file", None, 1, []]


@pytest.mark.parametrize(
    "ours",
    [
        *(None, 3, "x", [1]),
        *({"interval": each} for each in NO_INTERVALS),
        *({"target": each} for each in NO_TARGETS),
    ],
)
def test_nonsense_counts_as_left_to_the_configuration(ours: Any) -> None:
    assert wish_of({"autosave": True, "crdt_autosave": ours}) == Wish(True)
