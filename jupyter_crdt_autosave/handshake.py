"""Whether a client's history may meet the document's.

Two documents of different origin must never exchange Y updates: every cell would stand twice. A
client says what it has in its first message (y-protocols, sync step 1); until that is judged it is
sent nothing of the document, and nothing of it is applied.
"""

from __future__ import annotations

import json
from enum import Enum
from typing import Any, Protocol

from pycrdt import (
    Decoder,
    Doc,
    YMessageType,
    YSyncMessageType,
    create_sync_message,
    read_message,
)

from .document.statevector import decode

_SYNC = YMessageType.SYNC
_RAW = 2

STALE = json.dumps(
    {
        "reason": "unknown_session",
        "reloadable": True,
        "errorReason": "This tab is out of date. Its content is kept: reload it.",
    },
    separators=(",", ":"),
)
"""Why a foreign client is turned away."""


class Judge(Protocol):
    """What a handshake asks of the live notebook."""

    def shares_history(self, state_vector: bytes) -> bool:
        """Whether a client with this state may meet the document as Y updates.

        Raises:
            ValueError: the bytes are no state vector.
        """

    def goes_on(self) -> None:
        """A client was let in that has had the document since before."""


class Verdict(Enum):
    """What to do with a message."""

    PASS = "pass"
    """Let the room handle it, and after it what was held."""
    HOLD = "hold"
    """Keep it from the room."""
    ASK = "ask"
    """The client is foreign: ask for all that it has."""
    FOREIGN = "foreign"
    """A foreign client has now sent all that it has. Said once."""


class Handshake:
    """The beginning of one client's connection."""

    def __init__(self, judge: Judge) -> None:
        """Nothing is known of the client yet."""
        self._judge = judge
        self._announced: dict[int, int] | None = None
        self._theirs: Doc[Any] = Doc()
        self._over = False
        self.admitted = False
        """Whether updates may pass in both directions."""
        self.held: list[bytes] = []
        """Messages that came too early, or from a foreign client."""

    def judge(self, message: bytes) -> Verdict:
        """What to do with a message from the client.

        Raises:
            Exception: the message is not of the protocol.
        """
        if self.admitted or len(message) < 2 or message[0] != _SYNC:
            return Verdict.PASS
        if self._announced is not None:
            return self._of_foreigner(message)
        if message[1] != YSyncMessageType.SYNC_STEP1:
            self.held.append(message)
            return Verdict.HOLD
        return self._introduced(read_message(message[2:]))

    def lets_out(self, message: bytes) -> bool:
        """Whether a message to the client may go out now: before it is admitted only questions."""
        if self.admitted or not message or message[0] != _SYNC:
            return True
        return message[1] == YSyncMessageType.SYNC_STEP1

    def give_up(self) -> bool:
        """Wait no longer for all that a foreign client has; False if it was there already."""
        waited, self._over = not self._over, True
        return waited

    def _introduced(self, state_vector: bytes) -> Verdict:
        self.admitted = self._judge.shares_history(state_vector)
        if self.admitted:
            if any(decode(state_vector).values()):
                self._judge.goes_on()
            return Verdict.PASS
        self._announced = decode(state_vector)
        for early in self.held:
            self._take(early)
        return Verdict.ASK

    def _of_foreigner(self, message: bytes) -> Verdict:
        """The answer to an earlier question may come first; only all that was announced counts."""
        if self._over or message[1] == YSyncMessageType.SYNC_STEP1:
            return Verdict.HOLD
        self.held.append(message)
        self._take(message)
        if message[1] != YSyncMessageType.SYNC_STEP2 or not self._complete():
            return Verdict.HOLD
        self._over = True
        return Verdict.FOREIGN

    def _take(self, message: bytes) -> None:
        self._theirs.apply_update(read_message(message[2:]))

    def _complete(self) -> bool:
        have = decode(self._theirs.get_state())
        announced = (self._announced or {}).items()
        return all(have.get(client, 0) >= clock for client, clock in announced)


def question() -> bytes:
    """Sync step 1 of a document that has nothing: the answer is the client's full state."""
    return create_sync_message(Doc())


def is_raw(message: bytes) -> bool:
    """Whether a message is none of the Y protocols."""
    return message[:1] == bytes([_RAW])


def save_number(message: bytes) -> int | None:
    """The number of a request to save; None for another raw message, or a broken one."""
    decoder = Decoder(message)
    decoder.read_var_uint()
    try:
        return decoder.read_var_uint() if decoder.read_var_string() == "save" else None
    except (IndexError, RuntimeError, UnicodeDecodeError):
        return None
