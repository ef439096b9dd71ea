"""Let a stretch of history happen again: the same scoring, alerts and work, with another clock and only what was known then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pdm.clock import ManualClock
from pdm.operations.score_fleet import score_fleet
from pdm.operations.score_history import held_history
from pdm.ports import Plant
from pdm.replay.timeline import count, moments


@dataclass(frozen=True)
class ReplayReport:
    """What would have happened."""

    start: datetime
    end: datetime
    rounds: int
    assessed: int
    raised: int
    returned: int
    cases: int
    requests: int


def replay_history(plant: Plant, start: datetime, end: datetime, *, every: timedelta) -> ReplayReport:
    """Score the fleet at every moment from `start` to `end`, as known at that moment, and keep what it raises.

    The alerts, cases and requests go into the plant's own store with the times of the replay: give a plant of its own to a
    replay whose results should not be seen by people.
    """
    clock = ManualClock(start)
    past = replace(plant, clock=clock, history=held_history(plant, start, end, plant.catalogue.classes))
    totals = {"assessed": 0, "raised": 0, "returned": 0, "cases": 0, "requests": 0}
    with plant.progress.stage("replaying history", count(start, end, every)) as advance:
        for moment in moments(start, end, every):
            clock.set(moment)
            report = score_fleet(past, holder="replay", remember=False)
            totals["assessed"] += report.assessed
            totals["raised"] += report.alerts.raised
            totals["returned"] += report.alerts.returned
            totals["cases"] += report.alerts.cases_opened
            totals["requests"] += report.alerts.requests_drafted
            advance(1)
    return ReplayReport(start, end, count(start, end, every), **totals)
