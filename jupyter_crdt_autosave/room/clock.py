"""The time as records and answers give it."""

from __future__ import annotations

from datetime import datetime, timezone


def utc_now() -> str:
    """Now, ISO 8601 in UTC, to the millisecond."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
