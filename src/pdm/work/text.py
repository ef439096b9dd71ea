"""The long text of a work request: plain sentences that stand on their own in any maintenance system."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pdm.alerts.alert import Alert
from pdm.alerts.cases import suspected
from pdm.catalogue import FailureMode
from pdm.clock import in_zone
from pdm.readings.registry import Asset
from pdm.work.window import WorkWindow

_REASONS = 3


def long_text(
    alert: Alert, asset: Asset, mode: FailureMode, window: WorkWindow, costs: dict[str, Any], *, zone: str
) -> str:
    """What is suspected, why, how long there is, what to do first and what waiting costs; one sentence per line."""
    sentences = [
        _suspicion(alert, asset, mode),
        _life(alert, zone),
        _first_seen(alert, zone),
        *_reasons(alert),
        f"First step: {mode.next_step}" if mode.next_step else "",
        _dates(window, zone),
        "The machine has to stop for it." if mode.stop_needed else "The machine can keep running meanwhile.",
        _money(costs),
        *(f"Mind: {flag}." for flag in alert.evidence.get("quality_flags", [])),
        _said_by(alert),
    ]
    return "\n".join(sentence for sentence in sentences if sentence)


def moment(value: datetime, zone: str) -> str:
    """A moment on the clock that hangs in the plant.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 7, 1, 10, 30, tzinfo=UTC), "Europe/Berlin")
    '2026-07-01 12:30 CEST'
    """
    return in_zone(value, zone).strftime("%Y-%m-%d %H:%M %Z")


def length(value: float, unit: str) -> str:
    """A length along the axis as people say it.

    >>> length(336.0, "h"), length(30.0, "h"), length(30.0, "cycles")
    ('14 days', '30 hours', '30 cycles')
    """
    if unit == "h":
        return f"{value / 24:.0f} days" if value >= 72 else f"{value:.0f} hours"
    return f"{value:.0f} {unit}"


def _suspicion(alert: Alert, asset: Asset, mode: FailureMode) -> str:
    name = f"{asset.asset} ({asset.description})" if asset.description else asset.asset
    what = suspected(alert.failure_mode, mode.title)
    if alert.horizon <= 0:
        return f"{name}: {what} suspected{f': {alert.deviation}' if alert.deviation else ''}."
    within = length(alert.horizon, alert.horizon_unit)
    return f"{name}: {what} suspected, probability of failure within {within}: {alert.probability:.0%}."


def _life(alert: Alert, zone: str) -> str:
    life = alert.remaining
    if not life:
        return ""
    if life.get("at_cap"):
        return f"Remaining life: at least {length(life['low'], life['unit'])}."
    if life.get("open_end"):
        return f"Remaining life: from {length(life['low'], life['unit'])} to more than {length(life['high'], life['unit'])}."
    band = f"Remaining life: {_band(life['low'], life['high'], life['unit'])} (90 % interval)"
    if life.get("low_date") and life.get("high_date"):
        low, high = (
            moment(datetime.fromisoformat(life[name]), zone).split(" ")[0] for name in ("low_date", "high_date")
        )
        band += f", that is between {low} and {high}"
    return band + "."


def _band(low: float, high: float, unit: str) -> str:
    """Both ends in one unit, so that the reader need not convert.

    >>> _band(60.0, 400.0, "h")
    '2.5 to 17 days'
    """
    if unit != "h" or high < 72:
        return f"{low:.0f} to {high:.0f} {'hours' if unit == 'h' else unit}"
    return f"{low / 24:.2g} to {high / 24:.2g} days" if low < 240 else f"{low / 24:.0f} to {high / 24:.0f} days"


def _first_seen(alert: Alert, zone: str) -> str:
    again = "This follows an earlier alert of the same kind. " if alert.repeat_of else ""
    return f"{again}First seen {moment(alert.first_seen, zone)}."


def _reasons(alert: Alert) -> list[str]:
    worse = [reason for reason in alert.evidence.get("contributions", []) if reason["effect"] > 0]
    worst = sorted(worse, key=lambda reason: -float(reason["effect"]))[:_REASONS]
    return [f"Evidence: {str(reason['sentence'] or reason['feature']).rstrip('.')}." for reason in worst]


def _said_by(alert: Alert) -> str:
    """Which model said so, and on which rung of the ladder it stands."""
    rung = str(alert.evidence.get("rung", ""))
    return (
        f"Reported by condition monitoring; model {alert.bundle}{f' ({rung})' if rung else ''}." if alert.bundle else ""
    )


def _dates(window: WorkWindow, zone: str) -> str:
    ready, safe = moment(window.ready, zone), moment(window.latest_safe, zone)
    if window.too_late:
        return f"Planning and parts need until {ready}, later than the latest safe moment {safe}: expedite, or reduce the load."
    return f"Do it between {ready} (planning and parts ready) and {safe} (latest safe)."


def _money(costs: dict[str, Any]) -> str:
    currency = costs["currency"]
    return (
        f"Acting costs about {costs['acting']:,.0f} {currency} (planned repair); "
        f"waiting risks {costs['waiting']:,.0f} {currency} (probability times {costs['missed_failure']:,.0f} {currency})."
    )
