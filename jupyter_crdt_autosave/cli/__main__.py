"""``python -m jupyter_crdt_autosave.cli`` is ``jupyter crdt-autosave``."""

from __future__ import annotations

import sys

from .main import main

sys.exit(main())
