"""Ask what answers beside a model's boosters, its watch list and its ages: whatever they throw is a problem of their class alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pdm.registry.bundle import Bundle

T = TypeVar("T")


def ask_helper(what: str, bundle: Bundle | None, ask: Callable[[], T], problems: list[str]) -> T | None:
    """The answer; where asking fails None, and a sentence among `problems`, because the other classes must not wait for this one."""
    try:
        return ask()
    except Exception as error:
        version = bundle.version if bundle else ""
        problems.append(f"the {what} of bundle {version} could not be asked: {type(error).__name__}: {error}")
        return None
