"""What is known of a tsfresh calculator before any kernel is loaded: its family, its parameters, how they become numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Given = Mapping[str, Any]
Read = Callable[[Given], tuple[str, tuple[float, ...]] | None]


@dataclass(frozen=True)
class Calculator:
    """How a tsfresh calculator maps onto a kernel.

    family: module `kernel_<family>`, which computes all its outputs of a window in one visit.
    parameters: numbers it takes, in the kernel's order. counts: those that must be whole numbers, with the smallest allowed.
    select: a parameter that chooses among outputs (`attr` of `linear_trend`).
    read: for parameters that are more than numbers: from what was given to (which output, numbers), None when the kernel does not
        take it. spell: what was given as tsfresh writes it into the name, where that differs.
    timewise: needs the calendar; on a usage axis tsfresh has no such column, and neither have we.
    """

    family: str
    parameters: tuple[str, ...] = ()
    counts: Mapping[str, int] | None = None
    select: str = ""
    read: Read | None = None
    spell: Callable[[Given], Given] | None = None
    timewise: bool = False


def is_count(value: object, smallest: int = 0) -> bool:
    """Whether a parameter is a whole number that is large enough."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= smallest)
