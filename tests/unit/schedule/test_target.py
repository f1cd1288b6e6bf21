"""Which file an autosave may write: every state there is, against the written table."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from jupyter_crdt_autosave.schedule import Options, State, Target, target

FLAGS = (
    *("asked", "released", "offer", "off", "wants_checkpoint", "halted", "failing", "outside"),
    *("busy", "worn"),
)


def state_of(**flags: bool) -> State:
    """A state in which these are the case."""
    options = Options(
        autosaves=not flags.pop("off"),
        target=Target.CHECKPOINT if flags.pop("wants_checkpoint") else Target.NOTEBOOK,
    )
    return replace(State(Options(), options), **flags)  # type: ignore[arg-type]


def by_the_table(flags: dict[str, bool]) -> Target:
    """The rules as they are written down, the first match counting."""
    alone = ("offer", "off", "wants_checkpoint", "halted", "failing", "outside")
    too_early = flags["busy"] and not flags["worn"]
    rules = [
        (flags["asked"], Target.NOTEBOOK),
        (flags["released"], Target.NONE),
        (any(flags[flag] for flag in alone) and too_early, Target.NONE),
        (any(flags[flag] for flag in alone), Target.CHECKPOINT),
        (flags["busy"] and flags["worn"], Target.CHECKPOINT),
        (flags["busy"], Target.NONE),
        (True, Target.NOTEBOOK),
    ]
    return next(answer for met, answer in rules if met)


@pytest.mark.parametrize("asked", [False, True])
def test_the_target_is_what_the_table_says(asked: bool) -> None:
    seen = set()
    for values in product((False, True), repeat=len(FLAGS) - 1):
        flags = dict(zip(FLAGS, (asked, *values), strict=True))
        assert target(state_of(**flags)) is by_the_table(flags), flags
        seen.add(by_the_table(flags))
    assert seen == ({Target.NOTEBOOK} if asked else set(Target))


def test_nothing_but_an_explicit_save_touches_the_file_of_a_busy_kernel() -> None:
    for values in product((False, True), repeat=len(FLAGS)):
        flags = dict(zip(FLAGS, values, strict=True))
        if flags["busy"] and not flags["asked"]:
            assert target(state_of(**flags)) is not Target.NOTEBOOK
