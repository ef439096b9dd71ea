"""When the work should happen: as late as is safe, as early as it can be ready."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pdm.alerts.alert import Alert
from pdm.catalogue import Axis, FailureMode


@dataclass(frozen=True)
class WorkWindow:
    """The window of one piece of work.

    ready: when planning and parts can be there. too_late: they come after the latest safe moment, so somebody has to expedite.
    """

    start: datetime
    end: datetime
    latest_safe: datetime
    ready: datetime
    too_late: bool


def work_window(
    alert: Alert,
    mode: FailureMode,
    axis: Axis,
    *,
    now: datetime,
    ready: datetime | None = None,
    hours: float | None = None,
) -> WorkWindow:
    """The window that an alert leaves.

    *Latest safe* is the date at which the remaining life reaches its 5 % bound (one machine in twenty has failed by then) less
    the planning time, which is kept as a reserve for when the work slips. Where the model gives no band, or only says "longer
    than it can see", half of the alert's horizon stands in for the bound. It never lies in the past.

    *Ready* is now plus the longer of planning and parts time: both run at once. The window starts when the work is ready and
    ends at the latest safe moment. When the work is ready only after that, the window starts now and somebody has to expedite.

    ready, hours: as the job package says, instead of what the failure mode says.
    """
    planning = axis.calendar(mode.planning_time)
    ready = ready or now + max(planning, axis.calendar(mode.parts_time))
    latest_safe = max(now, _five_percent(alert.remaining, alert, axis, now) - planning)
    too_late = ready > latest_safe
    duration = timedelta(hours=max(mode.hours if hours is None else hours, 1.0))
    start = now if too_late else ready
    return WorkWindow(start, max(latest_safe, start + duration), latest_safe, ready, too_late)


def _five_percent(remaining: dict[str, Any], alert: Alert, axis: Axis, now: datetime) -> datetime:
    half_horizon = now + axis.calendar(alert.horizon) / 2
    if not remaining or remaining.get("at_cap"):
        return half_horizon
    if remaining.get("low_date"):
        return datetime.fromisoformat(remaining["low_date"])
    return alert.last_seen + axis.calendar(float(remaining["low"]))
