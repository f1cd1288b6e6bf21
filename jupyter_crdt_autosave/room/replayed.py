"""A document's content, made from its updates alone. Blocks, for long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..document.untracked import UntrackedNotebook
from ..notebook import normalise, untrusted
from ..storage.compaction import replay


def replayed(updates: Sequence[bytes]) -> dict[str, Any]:
    """The notebook that these updates add up to, in normal form, without trusted flags."""
    content = normalise(UntrackedNotebook(replay(list(updates))).get(deduplicate=False))
    return {**content, "cells": [untrusted(cell) for cell in content["cells"]]}
