"""Small things to test with: an asset, an assessment, an alert, a case, a request, each with one argument where it matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pdm.alerts.alert import Alert, AlertState, Case
from pdm.readings.registry import Asset
from pdm.scoring.assessment import Assessment, Contribution, RemainingLife, Risk
from pdm.work.request import RequestState, WorkRequest

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday noon that tests may count from."""


def an_asset(asset: str = "P-101", asset_class: str = "pump", **changes: Any) -> Asset:
    """A pump of middling criticality.

    >>> an_asset(criticality=1).criticality
    1
    """
    base = Asset(asset, asset_class, description="Feed pump", location="site/area/line-1")
    return replace(base, **changes)


def an_assessment(
    asset: str = "P-101",
    probability: float = 0.1,
    *,
    hours: float = 0.0,
    mode: str = "bearing_wear",
    life: float | None = None,
    **changes: Any,
) -> Assessment:
    """A sound assessment `hours` after `NOON`: P(failure within 14 days) and, when given, a remaining life of `life` hours."""
    as_of = NOON + timedelta(hours=hours)
    base = Assessment(
        asset=asset,
        asset_class="pump",
        as_of=as_of,
        data_time=as_of,
        data_usage=None,
        equipment="running",
        condition="act" if probability >= 0.4 else "normal",
        data="fresh",
        model="ok",
        risks=(Risk(mode, 336.0, "h", probability),),
        remaining_life=None if life is None else a_remaining_life(life, as_of),
        contributions=(
            Contribution("vibration__mean", "vibration", "Mean vibration: 6.5 mm/s, raises the risk", 6.5, "mm/s", 1.2),
        ),
        bundle="pump-1",
    )
    return replace(base, **changes)


def a_remaining_life(median: float, as_of: datetime = NOON) -> RemainingLife:
    """Hours, with a band from half to twice the median."""
    low, high = median / 2, median * 2
    dates = [as_of + timedelta(hours=value) for value in (median, low, high)]
    return RemainingLife(median, low, high, "h", dates[0], dates[1], dates[2])


def an_alert(asset: str = "P-101", mode: str = "bearing_wear", **changes: Any) -> Alert:
    """An alert that was raised at `NOON` and waits for someone."""
    base = Alert(
        id=f"al-{asset}-{mode}",
        asset=asset,
        asset_class="pump",
        failure_mode=mode,
        state=AlertState.UNACKNOWLEDGED,
        first_seen=NOON,
        last_seen=NOON,
        raised_at=NOON,
        state_since=NOON,
        probability=0.7,
        peak_probability=0.7,
        horizon=336.0,
    )
    return replace(base, **changes)


def a_case(asset: str = "P-101", **changes: Any) -> Case:
    """An open case."""
    return replace(Case(f"ca-{asset}", asset, "pump", f"{asset}: bearing wear", NOON), **changes)


def a_request(asset: str = "P-101", **changes: Any) -> WorkRequest:
    """A suggested request from the case of `a_case`."""
    base = WorkRequest(
        id=f"wr-{asset}",
        external_ref=f"PDM-{asset}",
        case_id=f"ca-{asset}",
        asset=asset,
        asset_class="pump",
        failure_mode="bearing_wear",
        title=f"{asset}: bearing wear",
        text="Vibration rises.",
        state=RequestState.SUGGESTED,
        priority=2,
        created_at=NOON,
        required_end=NOON + timedelta(days=9),
    )
    return replace(base, **changes)
