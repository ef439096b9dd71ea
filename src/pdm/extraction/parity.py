"""Where our values may differ from tsfresh's, and why: everywhere else the oracle tests hold both equal.

A feature's name is a promise of its value, so tsfresh's definitions stay, odd ones included. Only where its answer is made of
rounding errors, depends on the processor or on which other columns were asked for, ours is the right and reproducible one, and
has a test of its own against exact arithmetic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Deviation:
    """One way in which a calculator deviates.

    columns: a pattern of the names it concerns, after the kind. windows: a pattern of the kinds of window ("ramp", "constant",
    "far from zero" ...) on which tsfresh's own value cannot be the yardstick. reason: a sentence for the documentation.
    """

    columns: str
    windows: str
    reason: str


DEVIATIONS: tuple[Deviation, ...] = ()


def excepted(column: str, window: str) -> bool:
    """Whether tsfresh's value of a column is no yardstick on such a window.

    >>> excepted("s__mean", "ramp, 30")
    False
    """
    name = column.partition("__")[2]
    return any(re.match(d.columns, name) and re.match(d.windows, window) for d in DEVIATIONS)
