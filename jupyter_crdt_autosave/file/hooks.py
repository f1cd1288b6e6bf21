"""What jupyter_server does around writing a notebook: hooks, trust, events."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from jupyter_server.utils import ensure_async
from nbformat import ValidationError
from tornado.web import HTTPError

from ..errors import ExportFailed
from .format import from_dict, reads


@dataclass(frozen=True)
class Signature:
    """What makes the notary trust a file's bytes."""

    digest: str


def message_of(error: BaseException) -> str:
    """What an error says to a person."""
    if isinstance(error, HTTPError):
        return error.log_message or error.reason or str(error)
    return str(error) or type(error).__name__


class Hooks:
    """The steps around an export, as the manager's own ``save`` takes them."""

    def __init__(self, manager: Any) -> None:
        """`manager` is a local ``ContentsManager``."""
        self._manager = manager
        # Made here, on the event loop: its database can be used by the thread that opened it only.
        self._notary: Any = manager.notary

    def before(self, content: dict[str, Any], path: str) -> dict[str, Any]:
        """Run the pre-save hooks, which may change what is written. On the event loop.

        Raises:
            ExportFailed: a hook refused.
        """
        manager = self._manager
        if manager.pre_save_hook is None and not manager._pre_save_hooks:
            return content
        model: dict[str, Any] = {"type": "notebook", "format": "json"}
        model["content"] = copy.deepcopy(content)
        try:
            manager.run_pre_save_hooks(model=model, path=path.strip("/"))
        except HTTPError as error:
            raise ExportFailed(f"{path} was not saved: {message_of(error)}") from error
        changed: dict[str, Any] = model["content"]
        return changed

    def sign(self, data: bytes, content: dict[str, Any]) -> Signature | None:
        """The signature of what a reader of `data` will see, if all of `content` is trusted.

        Only computes: the notary's database belongs to the event loop's thread.
        """
        if not self._notary.check_cells(from_dict(content)):
            return None
        return self.signature_of(data)

    def signature_of(self, data: bytes) -> Signature | None:
        """The signature of what a reader of `data` will see; None where nbformat cannot read it."""
        try:
            seen = reads(data)
        except (ValidationError, ValueError, LookupError, TypeError, AttributeError):
            # We open more than nbformat does; what it cannot read nobody has trusted.
            return None
        return Signature(self._notary.compute_signature(seen))

    def trusts(self, signature: Signature | None) -> bool:
        """Whether bytes of this signature are trusted. On the event loop."""
        notary = self._notary
        return signature is not None and bool(
            notary.store.check_signature(signature.digest, notary.algorithm)
        )

    def trust(self, signature: Signature | None) -> None:
        """Remember that the bytes just written are trusted. On the event loop."""
        if signature is not None:
            self._notary.store.store_signature(signature.digest, self._notary.algorithm)

    async def after(self, path: str, real: str) -> str | None:
        """Run the post-save hooks and tell who listens; what a hook objects to, or None."""
        manager, path = self._manager, path.strip("/")
        warning = None
        try:
            model = await ensure_async(manager.get(path, content=False))
            manager.run_post_save_hooks(model=model, os_path=real)
        except HTTPError as error:
            warning = f"{path} was saved, but a post-save hook failed: {message_of(error)}"
        manager.emit(data={"action": "save", "path": path})
        return warning
