"""Decide again when somebody else was quicker: optimistic locking, in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pdm.errors import Conflict, IllegalTransition, KeyReused, LeaseHeld

Result = TypeVar("Result")

_FINAL = (IllegalTransition, KeyReused, LeaseHeld)
_ATTEMPTS = 8


def again(decide: Callable[[], Result]) -> Result:
    """Run `decide`, and once more from the beginning whenever what it had read was changed meanwhile.

    A rule of the business that says no is an answer, not a race: it is raised at once. `decide` opens its own unit of work.

    Raises:
        Conflict: somebody else was quicker eight times.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return decide()
        except _FINAL:
            raise
        except Conflict:
            continue
    return decide()
