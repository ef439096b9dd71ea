"""Whose turn it is to score: one scheduler at a time, and once a period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from pdm.errors import LeaseHeld
from pdm.ports import Plant

LEASE = "score_fleet"
LEASE_TIME = timedelta(minutes=10)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def scored_in(plant: Plant, period: timedelta, names: Sequence[str]) -> bool:
    """Whether every class that was ever scored has been scored in this period."""
    with plant.unit_of_work() as work:
        newest: dict[str, datetime] = {}
        for assessment in work.assessments.latest():
            name = assessment.asset_class
            newest[name] = max(newest.get(name, assessment.as_of), assessment.as_of)
    slot = (plant.clock.now() - _EPOCH) // period
    scored = [moment for name, moment in newest.items() if name in names]
    return bool(scored) and all((moment - _EPOCH) // period == slot for moment in scored)


@contextmanager
def turn(plant: Plant, holder: str) -> Iterator[None]:
    """Hold the lease of scoring.

    Raises:
        LeaseHeld: another process is scoring.
    """
    holder = f"{holder} {uuid4().hex[:8]}"
    with plant.unit_of_work() as work:
        now = plant.clock.now()
        if not work.leases.acquire(LEASE, holder, now, LEASE_TIME):
            other = work.leases.holder(LEASE, now)
            raise LeaseHeld(f"{other} is scoring at the moment", hint="try again when it has finished")
        work.commit()
    try:
        yield
    finally:
        with plant.unit_of_work() as work:
            work.leases.release(LEASE, holder)
            work.commit()
