"""What became of a policy's alerts, by the failures that are on record: in time, early, late, wrong mode, undecided or false.

lead needed   planning or parts time of the failure mode, whichever is longer.
in time       an alert on the asset, of the failure's mode or of none, raised at least the lead before it and at most `reach` before.
early         in time, but more than the horizon before the failure: right, and a little soon.
late          after the last chance, until the failure.
wrong mode    where one of these would lie, but naming another mode: something is found, and not what was said.
undecided     no failure within reach, but work on the asset took the chance to know (a repair, a replacement), or the record ends.
false         none of these.

A plant knows its failures from its maintenance history only: whatever nobody wrote down counts as false here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pdm.alerts.alert import UNSPECIFIED, Alert

Kind = Literal["in time", "early", "late", "wrong mode", "undecided", "false"]
RIGHT: frozenset[str] = frozenset({"in time", "early", "late"})
"""An inspection would have found what was said."""


@dataclass(frozen=True)
class Failure:
    """One failure on record. lead: what planning and parts need before it."""

    asset: str
    asset_class: str
    failure_mode: str
    at: datetime
    lead: timedelta


@dataclass(frozen=True)
class Span:
    """How far alerts reach. horizon: an alert longer than this before its failure is early; reach: longer than this, and it has none."""

    start: datetime
    end: datetime
    horizon: timedelta
    reach: timedelta


@dataclass(frozen=True)
class Judged:
    """One alert and what became of it. failure: place in the list of failures, -1 for none."""

    alert: Alert
    kind: Kind
    failure: int = -1


@dataclass(frozen=True)
class Missed:
    """A failure that no alert found in time, and the nearest that there was."""

    failure: Failure
    why: str


@dataclass(frozen=True)
class Outcomes:
    """All alerts and all failures of a period, each judged once."""

    alerts: tuple[Judged, ...]
    failures: tuple[Failure, ...]
    found: frozenset[int]
    leads: Mapping[int, timedelta]
    missed: tuple[Missed, ...]


def judge_alerts(
    alerts: Iterable[Alert],
    failures: Sequence[Failure],
    work: Mapping[str, Sequence[datetime]],
    span: Span,
) -> Outcomes:
    """Judge the alerts that were raised within the span by the failures of the same time.

    work: asset -> moments at which somebody worked on it, so that a failure that did not come may have been taken away.
    """
    by_asset: dict[str, list[tuple[int, Failure]]] = {}
    for number, failure in enumerate(failures):
        by_asset.setdefault(failure.asset, []).append((number, failure))
    judged = []
    leads: dict[int, timedelta] = {}
    for alert in sorted(alerts, key=lambda one: (one.raised_at or span.start, one.asset)):
        if alert.raised_at is None or not span.start <= alert.raised_at <= span.end:
            continue
        one = _judge(alert, alert.raised_at, by_asset.get(alert.asset, []), work.get(alert.asset, ()), span)
        judged.append(one)
        if one.kind in ("in time", "early"):
            leads.setdefault(one.failure, failures[one.failure].at - alert.raised_at)
    inside = [number for number, failure in enumerate(failures) if span.start < failure.at <= span.end]
    found = frozenset(leads)
    late = {one.failure: one for one in judged if one.kind in ("late", "wrong mode")}
    missed = tuple(Missed(failures[number], _nearest(late.get(number))) for number in inside if number not in found)
    return Outcomes(tuple(judged), tuple(failures[number] for number in inside), found, leads, missed)


def _judge(
    alert: Alert, raised: datetime, failures: Sequence[tuple[int, Failure]], work: Sequence[datetime], span: Span
) -> Judged:
    ahead = [(number, one) for number, one in failures if timedelta(0) <= one.at - raised <= span.reach]
    named = [(number, one) for number, one in ahead if alert.failure_mode in (one.failure_mode, UNSPECIFIED)]
    if named:
        number, failure = min(named, key=lambda item: item[1].at)
        left = failure.at - raised
        kind: Kind = "late" if left < failure.lead else "early" if left > span.horizon else "in time"
        return Judged(alert, kind, number)
    if ahead:
        return Judged(alert, "wrong mode", min(ahead, key=lambda item: item[1].at)[0])
    taken_away = any(timedelta(0) <= moment - raised <= span.reach for moment in work)
    return Judged(alert, "undecided" if taken_away or raised + span.horizon > span.end else "false")


def _nearest(alert: Judged | None) -> str:
    if alert is None:
        return "no alert"
    return "an alert, but too late" if alert.kind == "late" else f"an alert that named {alert.alert.failure_mode}"
