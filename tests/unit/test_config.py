"""What can be configured, and what is said of values that make no sense."""

from __future__ import annotations

from typing import Any

import pytest
from traitlets import TraitError

from jupyter_crdt_autosave.config import CRDTAutosave


def settings(**values: Any) -> Any:
    """The settings that these values come to."""
    return CRDTAutosave(store_path="/store", **values).settings()


def test_what_is_configured_arrives() -> None:
    made = settings(interval=2, max_deferral=30, autosave_target="checkpoint")
    assert (made.interval, made.max_deferral, made.autosave_target) == (2.0, 30.0, "checkpoint")
    assert settings(max_deferral=None).max_deferral is None
    assert settings(max_deferral=0).max_deferral == 0.0


def test_unless_configured_a_cell_is_waited_for_for_ten_minutes() -> None:
    made = settings()
    assert (made.interval, made.max_deferral, made.autosave_target) == (10.0, 600.0, "notebook")


@pytest.mark.parametrize("value", [0, 0.99, -1, float("nan"), float("inf")])
def test_an_interval_below_a_second_is_refused_with_the_reason(value: float) -> None:
    with pytest.raises(TraitError, match=r"interval is .* seconds; it must be at least 1"):
        settings(interval=value)


@pytest.mark.parametrize("value", [-1, -0.1, float("nan"), float("inf")])
def test_a_negative_deferral_is_refused_with_the_reason(value: float) -> None:
    with pytest.raises(TraitError, match=r"max_deferral is .* seconds; it must be at least 0"):
        settings(max_deferral=value)


def test_how_many_versions_are_kept_can_be_configured() -> None:
    assert (settings().keep_versions, settings().keep_days) == (50, 30.0)
    made = settings(keep_versions=1, keep_days=0)
    assert (made.keep_versions, made.keep_days) == (1, 0.0)


def test_keeping_no_versions_is_refused_with_the_reason() -> None:
    with pytest.raises(TraitError, match="keep_versions is 0; it must be at least 1"):
        settings(keep_versions=0)


@pytest.mark.parametrize("value", [-1, -0.1, float("nan"), float("inf")])
def test_keeping_for_less_than_no_time_is_refused_with_the_reason(value: float) -> None:
    with pytest.raises(TraitError, match=r"keep_days is .* days; it must be at least 0"):
        settings(keep_days=value)


NONSENSE: dict[str, list[Any]] = {
    "interval": ["soon", None, []],
    "max_deferral": ["never", []],
    "keep_versions": ["many", None, 1.5],
    "keep_days": ["long", None],
    "autosave_target": ["none", "file", None, 1],
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_refused(name: str) -> None:
    for value in NONSENSE[name]:
        with pytest.raises(TraitError, match=name):
            settings(**{name: value})
