"""The time as records and answers give it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone


def utc_now() -> str:
    """Now, ISO 8601 in UTC, to the millisecond."""
    return _written(datetime.now(timezone.utc))


def utc_ago(seconds: float) -> str:
    """So long ago, in the same form."""
    return _written(datetime.now(timezone.utc) - timedelta(seconds=seconds))


def utc_at(seconds: float | None) -> str | None:
    """A time in seconds since the epoch, in the same form; None if it is not known."""
    if not seconds:
        return None
    return _written(datetime.fromtimestamp(seconds, timezone.utc))


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
