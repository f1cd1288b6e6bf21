"""Keeps the garbage collector from stopping the event loop for long."""

from __future__ import annotations

import gc


def spare_startup() -> None:
    """Let the collector pass over what there is now, which stays for the life of the process.

    A full collection stands everything still while it walks all objects: some 70 ms with what a
    Jupyter server has loaded, and more than once when a large notebook is read.
    """
    gc.collect()
    gc.freeze()
