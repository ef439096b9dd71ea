"""The week in one message: what changed, how well alerts served, what is shelved and what is stuck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pdm.alerts.alert import OPEN_STATES, Alert, AlertState
from pdm.clock import in_zone
from pdm.feedback.outcome import derive
from pdm.feedback.precision import precision
from pdm.feedback.verdict import Outcome, Verdict
from pdm.ports import WORK_REQUEST, Notification, Plant
from pdm.settings import DAYS
from pdm.views import words
from pdm.views.health import health
from pdm.work.request import WorkRequest

_WEEK = timedelta(days=7)
_QUARTER = timedelta(days=91)
_GRACE_DAYS = 2  # a service that was down on the day still tells it
_SHOWN = 15


def digest_key(plant: Plant, now: datetime) -> str:
    """The name of the week's digest on its day and two days after it, by the plant's calendar; empty on all other days."""
    if plant.settings.digest_day not in DAYS:
        return ""
    today = in_zone(now, plant.settings.time_zone).date()
    if not 0 <= (today.weekday() - DAYS.index(plant.settings.digest_day)) <= _GRACE_DAYS:
        return ""
    year, week, _ = today.isocalendar()
    return f"DG-{year}W{week:02}"


def digest(plant: Plant, now: datetime, *, key: str = "DG") -> Notification:
    """What the last seven days brought; figures over a quarter, because a week is too short for them."""
    with plant.unit_of_work() as work:
        alerts = [alert for alert in work.alerts.list() if alert.raised_at is not None]
        verdicts, requests = work.verdicts.list(), work.requests.list()
        dead = len(work.outbox.dead(1_000_000, WORK_REQUEST))
    since = now - _WEEK
    waiting = [alert for alert in alerts if alert.state in OPEN_STATES and alert.state is not AlertState.SHELVED]
    parts = [
        _section("What changed in seven days", _changes(alerts, verdicts, requests, since)),
        _section("What waits", _waiting(plant, waiting)),
        _section("How well alerts serve", _figures(alerts, verdicts, now)),
        _section("Shelved", _shelved(plant, alerts)),
        _section("What is stuck", [*_stuck(dead), *health(plant).problems]),
    ]
    base = plant.settings.base_url
    link = [f"{base.rstrip('/')}/alerts"] if base else []
    title = f"The week at {plant.settings.plant_name}: {words.plural(len(waiting), 'alert')} open"
    return Notification(key, "digest", title, "\n\n".join([*filter(None, parts), *link]))


def _section(title: str, lines: Iterable[str]) -> str:
    found = [f"* {line}" for line in lines]
    return "\n".join([title, *found]) if found else ""


def _changes(
    alerts: Sequence[Alert], verdicts: Sequence[Verdict], requests: Sequence[WorkRequest], since: datetime
) -> list[str]:
    raised = sum(alert.raised_at is not None and alert.raised_at >= since for alert in alerts)
    closed = sum(alert.closed_at is not None and alert.closed_at >= since for alert in alerts)
    drafted = sum(request.created_at >= since for request in requests)
    outcomes = Counter(_outcome(one, alerts) for one in verdicts if one.recorded_at >= since)
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    return [
        f"{words.plural(raised, 'alert')} raised, {closed} closed",
        f"{words.plural(drafted, 'work request')} drafted",
        f"{words.plural(sum(outcomes.values()), 'verdict')}{': ' + told if told else ''}",
    ]


def _waiting(plant: Plant, waiting: Sequence[Alert]) -> list[str]:
    nobody = sum(not alert.owner for alert in waiting)
    ordered = sorted(waiting, key=lambda alert: -alert.probability)
    lines = [f"{words.plural(len(waiting), 'alert')}, {nobody} of them nobody's"] if waiting else ["no alert"]
    lines += [_alert(plant, alert) for alert in ordered[:_SHOWN]]
    if len(ordered) > _SHOWN:
        lines.append(f"and {len(ordered) - _SHOWN} more")
    return lines


def _alert(plant: Plant, alert: Alert) -> str:
    mode = words.mode_title(alert.failure_mode, plant.catalogue.models.get(alert.asset_class))
    base = plant.settings.base_url
    link = f"  {base.rstrip('/')}/alerts/{alert.id}" if base else ""
    return f"{alert.asset}: {mode}, {words.percent(alert.probability)}{link}"


def _figures(alerts: Sequence[Alert], verdicts: Sequence[Verdict], now: datetime) -> list[str]:
    judged = [_outcome(one, alerts) for one in verdicts if one.recorded_at >= now - _QUARTER]
    return [f"in the last quarter {precision(judged).sentence}"]


def _shelved(plant: Plant, alerts: Sequence[Alert]) -> list[str]:
    return [
        f"{_alert(plant, alert)}, until {words.day(alert.shelved_until, plant.settings.time_zone)}: {alert.shelved_reason}"
        for alert in alerts
        if alert.state is AlertState.SHELVED and alert.shelved_until is not None
    ]


def _stuck(dead: int) -> list[str]:
    return [f"{words.plural(dead, 'work request')} could not be handed over: see the health page"] if dead else []


def _outcome(verdict: Verdict, alerts: Sequence[Alert]) -> Outcome:
    return derive(verdict, [alert for alert in alerts if alert.case_id == verdict.case_id])
