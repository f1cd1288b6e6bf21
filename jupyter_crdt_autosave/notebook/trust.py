"""The flag with which a cell says that its outputs are trusted."""

from __future__ import annotations

from typing import Any


def untrusted(cell: dict[str, Any]) -> dict[str, Any]:
    """Give a cell without its trusted flag; the cell itself if it has none."""
    metadata = cell.get("metadata")
    if not isinstance(metadata, dict) or "trusted" not in metadata:
        return cell
    return {**cell, "metadata": {key: metadata[key] for key in metadata if key != "trusted"}}
