"""Suppressed by design: intervals in which nobody is disturbed, as they were known at any moment.

Exclusions that people marked (planned maintenance, a trial run), and a while after work on a machine, when its scores say more about
the work than about wear. A start-up needs no interval: the running rule calls it *transient*, and a transient machine says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Position = datetime | float


@dataclass(frozen=True)
class Interval:
    """From `start` to `end`, both included (`end` None: until further notice), in force for whoever asks in [known_from, known_until).

    hold: it also silences what is open already; otherwise it only keeps scores from raising and clearing.
    """

    start: Position
    end: Position | None
    reason: str
    hold: bool = True
    known_from: datetime | None = None
    known_until: datetime | None = None

    def holds(self, moment: datetime, usage: float | None, known_at: datetime) -> bool:
        """Whether it is in force at a moment (or a position on a usage axis), as known at `known_at`."""
        if (self.known_from and known_at < self.known_from) or (self.known_until and known_at >= self.known_until):
            return False
        if isinstance(self.start, datetime):
            return self.start <= moment and (not isinstance(self.end, datetime) or moment <= self.end)
        if usage is None:
            return False
        return self.start <= usage and (not isinstance(self.end, int | float) or usage <= self.end)


@dataclass(frozen=True)
class Suppressions:
    """Intervals by asset.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> marks = Suppressions({"P-101": (Interval(noon, noon + timedelta(hours=2), "trial run"),)})
    >>> marks.at("P-101", noon + timedelta(hours=1), None).reason, marks.at("P-102", noon, None)
    ('trial run', None)
    """

    by_asset: Mapping[str, tuple[Interval, ...]] = field(default_factory=dict)

    def at(
        self, asset: str, moment: datetime, usage: float | None, known_at: datetime | None = None
    ) -> Interval | None:
        """The interval in force, one that holds open alerts before one that does not; None where nothing is suppressed."""
        marks = self.by_asset.get(asset)
        if not marks:
            return None
        found = [one for one in marks if one.holds(moment, usage, known_at or moment)]
        return min(found, key=lambda one: not one.hold, default=None)


def exclusion_intervals(rows: list[dict[str, Any]]) -> dict[str, list[Interval]]:
    """All versions of all exclusions, by asset: each in force from its recording until the next version of it was recorded.

    rows: of the table `exclusions`, in any order.
    """
    ordered = sorted(rows, key=lambda row: (row["exclusion_id"], row["recorded_at"]))
    found: dict[str, list[Interval]] = {}
    for row, following in zip(ordered, [*ordered[1:], None], strict=True):
        if row["void"] or row["alert"]:
            continue
        same = following is not None and following["exclusion_id"] == row["exclusion_id"]
        calendar = row["start"] is not None
        found.setdefault(row["asset"], []).append(
            Interval(
                row["start"] if calendar else row["start_usage"],
                row["end"] if calendar else row["end_usage"],
                row["reason"],
                known_from=row["recorded_at"],
                known_until=following["recorded_at"] if same and following else None,
            )
        )
    return found


def after_work(at: datetime, hours: float, what: str, known: datetime) -> Interval:
    """The quiet while after work: scores neither raise nor clear, and what waits for people goes on waiting."""
    return Interval(at, at + timedelta(hours=hours), f"{what} on {at:%Y-%m-%d %H:%M} UTC", False, max(at, known))
