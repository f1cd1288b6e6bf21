"""Moments as text, ISO 8601 in UTC to the millisecond, and as seconds since the epoch."""

from __future__ import annotations

from datetime import datetime, timezone


def written(seconds: float) -> str:
    """A moment as text."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_of(moment: str) -> float:
    """A moment as seconds.

    Raises:
        ValueError: that is no moment.
    """
    # Python 3.10 does not read the Z.
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def earlier(moment: str, seconds: float) -> str:
    """The moment so many seconds before another.

    Raises:
        ValueError: that is no moment.
    """
    return written(seconds_of(moment) - seconds)
