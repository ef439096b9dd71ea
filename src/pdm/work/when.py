"""The advice on a date for one request, from the newest assessment, and the same in sentences and JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pdm.audit.canonical import plain
from pdm.catalogue import Axis, ModelDefinition, Planning
from pdm.catalogue.package import JobPackage
from pdm.clock import in_zone
from pdm.readings.registry import Asset
from pdm.records.planning import PlanningTables
from pdm.scoring.assessment import Assessment
from pdm.work.curve import failure_curve
from pdm.work.dates import DateAdvice, Option, advise_date
from pdm.work.prices import prices_for


def advise(
    assessment: Assessment | None,
    package: JobPackage,
    asset: Asset,
    definition: ModelDefinition,
    axis: Axis,
    planning: Planning,
    tables: PlanningTables,
    *,
    ready: datetime,
    reserve: timedelta,
    now: datetime,
) -> DateAdvice | None:
    """The advice, or None when nobody knows how likely a failure is.

    ready: parts, permits and plans are there. reserve: planning time, kept before the latest safe date for work that slips.
    """
    curve = failure_curve(assessment, package.failure_mode, axis, now=now) if assessment else None
    if curve is None:
        return None
    prices = prices_for(definition.costs, package, asset, axis, planning, listed=tables.prices, now=now)
    return advise_date(
        curve,
        prices,
        ready=ready,
        duration=timedelta(hours=package.duration),
        budget=planning.risk_budget.get(asset.criticality, 0.05),
        stops=[stop for stop in tables.stops if stop.end > now and stop.holds(asset.asset, asset.location)],
        reserve=reserve,
    )


def sentences(advice: DateAdvice, zone: str) -> list[str]:
    """The advice as a planner reads it."""
    money = advice.prices.currency
    best, earliest = advice.best, advice.earliest
    if advice.too_late:
        lines = [
            f"The job is ready on {day(earliest.start, zone)}, after the latest safe date {day(advice.latest_safe, zone)}: "
            f"expedite, or take load off. Until then {percent(earliest.risk)} risk of failure is carried."
        ]
    else:
        where = f"in the stop {best.stop!r} on {day(best.start, zone)}" if best.stop else f"on {day(best.start, zone)}"
        lines = [
            f"Cheapest {where}: {amount(best.cost, money)} expected, {percent(best.risk)} risk of failure before it; "
            f"latest safe date {day(advice.latest_safe, zone)} (accepted risk {percent(advice.budget)})."
        ]
    lines.append(
        f"One more week of waiting from {day(earliest.start, zone)} on costs about {amount(advice.week, money)} of risk."
    )
    lines += [_waiting(advice, option, zone) for option in advice.stops]
    return lines


def assumptions(advice: DateAdvice) -> tuple[str, ...]:
    """What the figures rest on."""
    return (
        f"P(failure before a date) is taken from {advice.source}; between its points the hazard is constant.",
        *advice.prices.assumptions,
        "A failure is repaired at once; nothing is discounted, and other failure modes go on as they are.",
    )


def advice_document(advice: DateAdvice, zone: str) -> dict[str, Any]:
    """The advice as JSON."""
    document = asdict(advice)
    for ours in ("curve", "prices", "failure"):
        document.pop(ours)
    body: dict[str, Any] = plain(document)
    return body | {
        "currency": advice.prices.currency,
        "unplanned": advice.prices.unplanned,
        "planned": advice.prices.outside,
        "planned_in_stop": advice.prices.in_stop,
        "sentences": sentences(advice, zone),
        "assumptions": list(assumptions(advice)),
    }


def day(moment: datetime, zone: str) -> str:
    """`12 Dec 2026` on the plant's calendar."""
    local = in_zone(moment, zone)
    return f"{local.day} {local:%b %Y}"


def amount(value: float, currency: str) -> str:
    """Two leading digits: more would claim a precision that nobody has.

    >>> amount(1437.0, "EUR"), amount(23.4, "EUR"), amount(-0.2, "EUR"), amount(24310.0, "EUR")
    ('1,400 EUR', '23 EUR', '0 EUR', '24,000 EUR')
    """
    if abs(value) < 1:
        return f"0 {currency}"
    digits = len(str(int(abs(value))))
    rounded = round(value, -max(digits - 2, 0))
    return f"{rounded:,.0f} {currency}"


def percent(probability: float) -> str:
    """One digit below ten percent.

    >>> percent(0.0001), percent(0.034), percent(0.5)
    ('under 0.1 %', '3.4 %', '50 %')
    """
    if probability < 0.001:
        return "under 0.1 %"
    return f"{probability:.1%}".replace("%", " %") if probability < 0.0995 else f"{probability:.0%}".replace("%", " %")


def _waiting(advice: DateAdvice, option: Option, zone: str) -> str:
    money = advice.prices.currency
    dearer = advice.dearer(option)
    saved = advice.prices.outside - advice.prices.in_stop
    sentence = f"Waiting until the stop {option.stop!r} on {day(option.start, zone)} costs about {amount(dearer, money)} more risk"
    if saved > 0:
        sentence += f" and saves {amount(saved, money)} of production"
    return sentence + ("." if option.safe else "; that is after the latest safe date.")
