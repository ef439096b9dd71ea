"""What the person who onboards says instead of leaving it to be guessed: every guess has its flag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answers:
    """Names of columns as they stand in the file; None or empty: to be guessed.

    machine: the tag of the one machine that all rows belong to. zone: IANA zone of times that carry none.
    settings, ambient: columns that explain the others. left_out: columns that are not to be read.
    failed: columns of zeros and ones that say that the machine failed in this row. units: column -> unit.
    run_to_failure: every machine's last row is its failure (None: found out). per_day: how far a counter moves on an average day.
    running: column, and the value above which the machine runs. day_first: how to read 03/05/2026 where the rows do not tell.
    """

    asset: str | None = None
    machine: str | None = None
    time: str | None = None
    zone: str | None = None
    settings: tuple[str, ...] = ()
    ambient: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    run_to_failure: bool | None = None
    per_day: float | None = None
    running: tuple[str, float] | None = None
    day_first: bool | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """All columns that are named anywhere."""
        single = [name for name in (self.asset, self.time, self.running[0] if self.running else None) if name]
        return (*single, *self.settings, *self.ambient, *self.left_out, *self.failed, *self.units)
