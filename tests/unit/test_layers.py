"""Imports point downwards. A module may import what its row of the table allows, and no more."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import jupyter_crdt_autosave

PACKAGE = Path(jupyter_crdt_autosave.__file__).parent
NAME = "jupyter_crdt_autosave"

LAYERS: dict[str, set[str]] = {
    # L0
    "errors": set(),
    "model": set(),
    # L1: no I/O, no clock, no async
    "notebook": {"errors"},
    "merge": {"errors", "model", "notebook"},
    "schedule": set(),
    "retention": set(),
    # L2: I/O and Y types; the topics do not know each other
    "disk": set(),
    "worker": set(),
    "process": set(),
    "heap": set(),
    "document": {"notebook", "merge"},
    "kernel": set(),
    "file": {"errors", "model", "notebook", "disk", "worker"},
    "storage": {"errors", "model", "disk", "retention"},
    # L3: one live notebook, and all of them
    "room": {
        "errors", "model", "notebook", "merge", "schedule", "document", "kernel", "file", "storage",
        "disk", "worker",
    },
    "rooms": {"errors", "document", "file", "storage", "process", "room", "worker"},
    "recoverable": {
        "disk", "errors", "file", "model", "notebook", "process", "room", "rooms", "storage",
        "worker",
    },
    "timelines": {"errors", "file", "model", "room", "rooms", "storage", "worker"},
    # L4
    "config": {"model"},
    # L5
    "handshake": {"document", "room"},
    "handlers": {"errors", "model", "recoverable", "room", "rooms", "timelines"},
    "farewell": set(),
    "wire": {"errors", "farewell", "handshake", "room", "rooms"},
    "visits": {"errors", "room", "rooms", "wire"},
    # L6: wiring
    "app": {
        "config", "disk", "errors", "file", "handlers", "heap", "kernel", "recoverable", "room",
        "rooms", "storage", "timelines", "visits", "wire",
    },
    "cli": {
        "config", "disk", "document", "errors", "file", "kernel", "merge", "model", "notebook",
        "retention", "room", "storage", "worker",
    },
    "link": {"app"},
    "__init__": {"link"},
}  # fmt: skip

IMPURE = {
    "asyncio", "anyio", "os", "io", "pathlib", "time", "datetime", "threading", "random", "secrets",
    "socket", "tornado", "traitlets", "jupyter_server", "pycrdt", "logging",
}  # fmt: skip


def modules() -> list[Path]:
    """Every module of the package."""
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "labextension" not in path.parts]


def topic(path: Path) -> str:
    """The row of the table that a module belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Absolute names of what a module imports."""
    package = [NAME, *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            own = base == NAME
            yield from (f"{base}.{alias.name}" if own else base for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    ours = {name.split(".")[1] for name in imports(path) if name.startswith(f"{NAME}.")}
    assert ours - {topic(path)} <= LAYERS[topic(path)]


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in modules()
        if topic(path) in ("notebook", "merge", "schedule", "retention", "errors", "model")
    ],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_the_pure_core_reaches_nothing_outside(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & IMPURE
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"open", "print", "input"}


def test_every_topic_has_a_row() -> None:
    assert {topic(path) for path in modules()} <= set(LAYERS)
