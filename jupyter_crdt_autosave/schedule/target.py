"""Which file an autosave may write now."""

from __future__ import annotations

from .state import State, Target


def target(state: State) -> Target:
    """Say where an autosave would go now; the first rule that matches counts.

    1. An explicit save goes to the notebook file, whatever else is the case.
    2. A notebook that was deleted from its path gets no file.
    3. A file that must be left alone gets a checkpoint beside it.
    4. While the kernel is busy there is nothing; once it has been so for very long, a checkpoint.
    5. All else goes to the notebook file.

    Rule 4 also restricts rule 3: a checkpoint waits for the kernel as the file does.
    """
    if state.asked:
        return Target.NOTEBOOK
    if state.released:
        return Target.NONE
    if state.busy:
        return Target.CHECKPOINT if state.worn else Target.NONE
    return Target.CHECKPOINT if _must_be_left_alone(state) else Target.NOTEBOOK


def _must_be_left_alone(state: State) -> bool:
    return (
        state.offer
        or not state.options.autosaves
        or state.options.target is Target.CHECKPOINT
        or state.halted
        or state.failing
        or state.outside
    )
