"""How this package takes its place in a server: in the host's extension point, or not at all."""

from __future__ import annotations

import os
from typing import Any

from jupyter_server.extension.manager import ExtensionPackage, ExtensionPoint

HOST = "jupyter_server_ydoc"
RIVAL = "jupyter_server_documents"
REMEDY = "pip uninstall jupyter-server-documents"
_MODULE = "jupyter_crdt_autosave"


def link(serverapp: Any) -> None:
    """Put our app in the place of the host's, before either is loaded.

    The host stays enabled and keeps its name, its settings and its configuration section: other
    packages look for these. Where that cannot be done as a whole nothing is done.
    """
    if os.name != "posix":
        serverapp.log.error("Notebook edits are not being kept: %s needs Linux or macOS.", _MODULE)
        return
    extensions = serverapp.extension_manager.extensions
    if _active(extensions.get(RIVAL)):
        serverapp.log.error(
            "%s is active and keeps notebooks itself: %s writes nothing. To have your work kept, "
            "run `%s` and restart.", RIVAL, _MODULE, REMEDY,
        )  # fmt: skip
        return
    host = extensions.get(HOST)
    if not _active(host):
        serverapp.log.error(
            "Notebook edits are not being kept: %s is not enabled. Run "
            "`jupyter server extension enable %s` and restart.", HOST, HOST,
        )  # fmt: skip
        return
    _replace(host, serverapp)


def load(serverapp: Any) -> None:
    """Tell the front end about a rival that keeps us from working."""
    if _active(serverapp.extension_manager.extensions.get(RIVAL)):
        page_config = serverapp.web_app.settings.setdefault("page_config_data", {})
        page_config["crdtAutosaveConflict"] = REMEDY


def _active(package: ExtensionPackage | None) -> bool:
    return package is not None and bool(package.enabled)


def _replace(host: ExtensionPackage, serverapp: Any) -> None:
    from .app import AutosaveYDocExtension

    point = host.extension_points.get(HOST)
    if point is None or point.linked:
        serverapp.log.error(
            "Notebook edits are not being kept: %s was linked before %s.", HOST, _MODULE
        )
        return
    metadata = {"module": f"{_MODULE}.app", "app": AutosaveYDocExtension}
    host.extension_points[HOST] = ExtensionPoint(metadata=metadata, log=serverapp.log)
