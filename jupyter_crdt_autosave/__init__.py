"""A JupyterLab extension after which nobody loses notebook work again."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

try:
    __version__ = version("jupyter_crdt_autosave")
except PackageNotFoundError:
    # A checkout that was never installed.
    __version__ = "0.0.0"

__all__ = ["__version__"]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-crdt-autosave"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyter_crdt_autosave"}]


def _link_jupyter_server_extension(serverapp: Any) -> None:
    from .link import link

    link(serverapp)


def _load_jupyter_server_extension(serverapp: Any) -> None:
    from .link import load

    load(serverapp)
