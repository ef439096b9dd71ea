"""From a case to the draft of a work request: what a planner needs to schedule it, in words and in fields."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pdm.alerts.alert import UNSPECIFIED, Alert, Case
from pdm.alerts.cases import suspected
from pdm.catalogue import Axis, Costs, FailureMode, ModelDefinition
from pdm.catalogue.package import JobPackage
from pdm.readings.registry import UNIT, Asset
from pdm.records.planning import Stock
from pdm.work.dates import DateAdvice
from pdm.work.package import Readiness, kitting, package_document, package_lines, part_words, sketched
from pdm.work.priority import DEFAULT, PriorityMatrix, priority
from pdm.work.request import RequestState, WorkRequest
from pdm.work.text import long_text
from pdm.work.when import advice_document, sentences
from pdm.work.window import WorkWindow, work_window

TITLE_LENGTH = 40
"""What the narrowest receiver takes."""


def external_ref(case_id: str, failure_mode: str) -> str:
    """The idempotency key: the same case and mode always give the same one. 20 characters, what the narrowest receiver takes.

    >>> external_ref("ca-1", "bearing_wear")
    'PDM-2F1295B08FEBE1B6'
    """
    return "PDM-" + hashlib.sha256(f"{case_id}|{failure_mode}".encode()).hexdigest()[:16].upper()


def draft_request(
    case: Case,
    alert: Alert,
    asset: Asset,
    definition: ModelDefinition,
    axis: Axis,
    *,
    now: datetime,
    zone: str,
    matrix: PriorityMatrix = DEFAULT,
    package: JobPackage | None = None,
    stock: Mapping[str, Stock] | None = None,
    dates: DateAdvice | None = None,
) -> WorkRequest:
    """The request that follows from one alert of a case, not yet stored.

    Priority comes from the site's matrix, the dates from the remaining life and the lead times (`work_window`): urgency and
    dates are two things. `body` holds the evidence as JSON: risks, remaining life, contributions, costs, dates of readiness.

    zone: IANA zone in which the text tells times. package: of the failure-mode library; without one the failure mode's own words
    make a short one. stock: what the store has. dates: when it is cheapest, where that is known.
    """
    mode = mode_of(definition, alert.failure_mode)
    job = package or sketched(asset.asset_class, mode, axis)
    ready = ready_for(job, mode, axis, now=now, stock=stock or {})
    window = work_window(alert, mode, axis, now=now, ready=ready.at, hours=job.duration)
    reference = external_ref(case.id, alert.failure_mode)
    costs = compare_costs(definition.costs, alert)
    return WorkRequest(
        id="wr-" + reference.removeprefix("PDM-").lower(),
        external_ref=reference,
        case_id=case.id,
        asset=asset.asset,
        asset_class=asset.asset_class,
        failure_mode=alert.failure_mode,
        title=shorten(f"{asset.asset}: {suspected(alert.failure_mode, mode.title)}"),
        text="\n".join(
            [
                long_text(alert, asset, mode, window, costs, zone=zone),
                *(sentences(dates, zone) if dates else ()),
                *package_lines(job, ready),
            ]
        ).strip(),
        state=RequestState.SUGGESTED,
        priority=priority(asset.criticality, alert.probability, matrix),
        created_at=now,
        required_start=window.start,
        required_end=window.end,
        latest_safe=window.latest_safe,
        location=asset.location,
        maintainable_item=mode.maintainable_item,
        crafts=tuple(job.crafts) if job.library else mode.crafts,
        parts=part_words(job),
        hours=job.labour if job.library else mode.hours,
        stop_needed=mode.stop_needed,
        body=_body(alert, mode, window, costs)
        | {"job_package": package_document(job, ready)}
        | ({"dates": advice_document(dates, zone)} if dates else {}),
    )


def ready_for(
    job: JobPackage, mode: FailureMode, axis: Axis, *, now: datetime, stock: Mapping[str, Stock]
) -> Readiness:
    """When the job can begin."""
    return kitting(
        job,
        now=now,
        planning=axis.calendar(mode.planning_time),
        stock=stock,
        parts_time=axis.calendar(mode.parts_time),
    )


def mode_of(definition: ModelDefinition, name: str) -> FailureMode:
    """The failure mode, or one that says that nobody knows."""
    if name == UNSPECIFIED:
        return FailureMode(UNSPECIFIED, "Failure of unknown kind", UNIT)
    return definition.mode(name)


def shorten(title: str, length: int = TITLE_LENGTH) -> str:
    """Cut at a word where that is possible, and show that it was cut.

    >>> shorten("C-7: fouling of the intercooler, second stage")
    'C-7: fouling of the intercooler, second…'
    """
    if len(title) <= length:
        return title
    cut = title[: length - 1]
    at_word = cut if title[length - 1] == " " else cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > length // 2 else cut).rstrip(" ,:;") + "…"


def compare_costs(costs: Costs, alert: Alert) -> dict[str, Any]:
    """What acting costs against waiting until the horizon: a planned repair against P(failure) times a missed failure."""
    return {
        "acting": costs.planned_repair,
        "waiting": round(alert.probability * costs.missed_failure, 2),
        "missed_failure": costs.missed_failure,
        "currency": costs.currency,
        "horizon": alert.horizon,
        "unit": alert.horizon_unit,
    }


def _body(alert: Alert, mode: FailureMode, window: WorkWindow, costs: dict[str, Any]) -> dict[str, Any]:
    return {
        "alert": alert.id,
        "probability": alert.probability,
        "horizon": alert.horizon,
        "unit": alert.horizon_unit,
        "risks": alert.evidence.get("risks", []),
        "remaining_life": alert.remaining,
        "contributions": alert.evidence.get("contributions", []),
        "quality_flags": alert.evidence.get("quality_flags", []),
        "costs": costs,
        "next_step": mode.next_step,
        "mechanism": mode.mechanism,
        "mode": mode.mode,
        "ready": window.ready.isoformat(),
        "expedite": window.too_late,
        "bundle": alert.bundle,
        "rung": alert.evidence.get("rung", ""),
    }
