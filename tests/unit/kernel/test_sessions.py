"""Which kernels belong to a notebook."""

from __future__ import annotations

from typing import Any

from jupyter_crdt_autosave.kernel.sessions import Sessions


def row(session: str, path: str, kernel: str) -> dict[str, Any]:
    """A session as the server lists it."""
    return {"id": session, "path": path, "type": "notebook", "kernel": {"id": kernel}}


def listed(*rows: dict[str, Any]) -> Sessions:
    """Sessions that were listed once."""
    sessions = Sessions()
    sessions.learn(rows)
    return sessions


def test_all_kernels_of_a_path_are_its_kernels() -> None:
    sessions = listed(row("1", "a.ipynb", "x"), row("2", "/a.ipynb", "y"), row("3", "b.ipynb", "x"))
    assert sessions.kernels_of("a.ipynb") == sessions.kernels_of("/a.ipynb/") == {"x", "y"}
    assert sessions.kernels_of("b.ipynb") == {"x"}
    assert sessions.kernels_of("c.ipynb") == set()


def test_a_session_whose_kernel_is_being_culled_counts_for_nothing() -> None:
    assert listed({"id": "1", "path": "a.ipynb", "kernel": None}, {"id": "2"}).known == ()


def test_a_session_follows_its_notebook_until_it_says_another_path_itself() -> None:
    sessions = listed(row("1", "f/a.ipynb", "x"), row("2", "fa.ipynb", "y"))
    sessions.follow("f", "g/h")
    assert sessions.kernels_of("g/h/a.ipynb") == {"x"}
    assert sessions.kernels_of("f/a.ipynb") == set()
    assert sessions.kernels_of("fa.ipynb") == {"y"}
    sessions.follow("/g/h/a.ipynb", "/b.ipynb")
    sessions.learn([row("1", "f/a.ipynb", "x")])
    assert sessions.kernels_of("b.ipynb") == {"x"}
    sessions.learn([row("1", "c.ipynb", "x")])
    assert sessions.kernels_of("c.ipynb") == {"x"}
    assert sessions.kernels_of("b.ipynb") == set()


def test_a_new_notebook_in_a_moved_ones_place_has_its_own_kernel() -> None:
    sessions = listed(row("1", "a.ipynb", "x"))
    sessions.follow("a.ipynb", "b.ipynb")
    sessions.learn([row("1", "a.ipynb", "x"), row("2", "a.ipynb", "y")])
    assert sessions.kernels_of("a.ipynb") == {"y"}
    assert sessions.kernels_of("b.ipynb") == {"x"}
