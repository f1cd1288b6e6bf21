"""What happens when a merge is found to have lost text."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable, Sequence

from ..errors import ContentLoss
from ..merge.check import Loss

_KEY = secrets.token_bytes(16)
"""Without it nobody can find out from the log, by trying, what the text was."""


class Alarm:
    """Logs what a merge lost; stops it where that is wanted. Both sides are versions already."""

    def __init__(
        self, path: Callable[[], str], log: logging.Logger, strict: bool, log_content: bool
    ) -> None:
        """`strict` lets a loss raise, `log_content` puts the text itself into the log."""
        self._path = path
        self._log = log
        self._strict = strict
        self._log_content = log_content

    def heed(self, losses: Sequence[Loss]) -> None:
        """Sound the alarm, if anything was lost.

        Raises:
            ContentLoss: in strict mode.
        """
        for loss in losses:
            self._log.error(
                "content_loss in %s: %s, cell %s, %d characters, %s",
                self._path(), loss.kind, loss.cell, len(loss.text), self._described(loss.text),
            )  # fmt: skip
        if losses and self._strict:
            raise ContentLoss(
                f"Merging an outside edit into {self._path()} would have lost text of "
                f"{len(losses)} line(s). Nothing was changed; both sides are kept as versions."
            )

    def _described(self, text: str) -> str:
        if self._log_content:
            return repr(text)
        data = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, key=_KEY, digest_size=8).hexdigest()
