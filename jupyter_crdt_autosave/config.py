"""What can be configured, as traits; below the app it travels as frozen ``Settings``."""

from __future__ import annotations

import math
import os
from textwrap import dedent
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from traitlets import Bool, Enum, Float, Int, TraitError, Unicode, default, validate
from traitlets.config import Configurable

from .model import Settings


class CRDTAutosave(Configurable):
    """Keeping the work in notebooks."""

    interval = Float(
        10.0,
        help=dedent(
            """
            Seconds from the first edit that is in no file to its autosave; at least 1. Every edit
            is kept at once all the same: this is how soon other programs see it in the .ipynb.
            """
        ).strip(),
    ).tag(config=True)

    max_deferral = Float(
        600.0,
        allow_none=True,
        help=dedent(
            """
            Seconds that an autosave waits for a running cell, which must not see its notebook
            change. After that a checkpoint beside the notebook gets what the .ipynb lacks, every
            interval, until the cell is done. None: wait for ever; 0: do not wait. Every edit is
            kept at once all the same.
            """
        ).strip(),
    ).tag(config=True)

    autosave_target = Enum(
        ["notebook", "checkpoint"],
        "notebook",
        help=dedent(
            """
            What autosave writes: the "notebook", or a "checkpoint" beside it
            (.autosave/<name>.ipynb), so that the .ipynb changes only when somebody saves. Each tab
            may choose otherwise in its settings; the checkpoint is for when all of them choose it.
            """
        ).strip(),
    ).tag(config=True)

    store_path = Unicode(
        help=dedent(
            """
            The folder in which edits are kept. By default `crdt_autosave` in the Jupyter data
            directory. It should live as long as the notebooks do: in a container that keeps only
            the notebooks, put it beside them.
            """
        ).strip(),
    ).tag(config=True)

    keep_versions = Int(
        50,
        help=dedent(
            """
            How many versions of each kind of each notebook are kept at least, however old they are;
            at least 1. Those with a name are kept for ever.
            """
        ).strip(),
    ).tag(config=True)

    keep_days = Float(
        30.0,
        help=dedent(
            """
            Days for which versions are kept at least, however many there are; at least 0. Saves and
            outside edits get fewer after an hour all the same: one each five minutes.
            """
        ).strip(),
    ).tag(config=True)

    strict_merge = Bool(
        False,
        help=dedent(
            """
            Whether a merge that is found to lose text is an error. By default it is logged, and
            both sides are kept as versions. For tests.
            """
        ).strip(),
    ).tag(config=True)

    log_content = Bool(
        False,
        help=dedent(
            """
            Whether the text that a merge was found to lose may be written to the log. By default
            the log has its size and a keyed digest of it only.
            """
        ).strip(),
    ).tag(config=True)

    @default("store_path")
    def _default_store_path(self) -> str:
        return os.path.join(str(jupyter_data_dir()), "crdt_autosave")

    @validate("interval")
    def _valid_interval(self, proposal: Any) -> float:
        value = float(proposal["value"])
        if not 1 <= value < math.inf:
            raise TraitError(
                f"CRDTAutosave.interval is {value:g} seconds; it must be at least 1, and finite."
            )
        return value

    @validate("max_deferral")
    def _valid_max_deferral(self, proposal: Any) -> float | None:
        value = proposal["value"]
        if value is not None and not 0 <= value < math.inf:
            raise TraitError(
                f"CRDTAutosave.max_deferral is {value:g} seconds; it must be at least 0, or None "
                "to wait for as long as a cell runs."
            )
        return None if value is None else float(value)

    @validate("keep_versions")
    def _valid_keep_versions(self, proposal: Any) -> int:
        value = int(proposal["value"])
        if value < 1:
            raise TraitError(f"CRDTAutosave.keep_versions is {value}; it must be at least 1.")
        return value

    @validate("keep_days")
    def _valid_keep_days(self, proposal: Any) -> float:
        value = float(proposal["value"])
        if not 0 <= value < math.inf:
            raise TraitError(
                f"CRDTAutosave.keep_days is {value:g} days; it must be at least 0, and finite."
            )
        return value

    @validate("store_path")
    def _valid_store_path(self, proposal: Any) -> str:
        return os.path.abspath(os.path.expanduser(str(proposal["value"])))

    def settings(self) -> Settings:
        """The configured values.

        Raises:
            TraitError: the path is empty, which is not noticed before.
        """
        if not self.store_path:
            raise TraitError("CRDTAutosave.store_path is empty; it must name a folder.")
        return Settings(
            store_path=self.store_path,
            interval=self.interval,
            max_deferral=self.max_deferral,
            autosave_target=self.autosave_target,
            keep_versions=self.keep_versions,
            keep_days=self.keep_days,
            strict_merge=self.strict_merge,
            log_content=self.log_content,
        )
