"""The cases that wait: whose each is, what is suspected in order, what speaks for it, and what it would mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pdm.alerts.alert import QUIET_STATES, Alert, Case
from pdm.alerts.notice import Notice
from pdm.catalogue import AssetClass, Axis
from pdm.ports import Plant
from pdm.readings.registry import Asset, read_assets
from pdm.scoring.assessment import Contribution
from pdm.views import words
from pdm.views.alert import Link, alert_state
from pdm.views.alert_sentences import is_it_the_sensor
from pdm.views.asset import Reason, reasons
from pdm.views.queue import QueuedCase, open_cases
from pdm.work.request import OPEN_REQUESTS, WorkRequest

Whose = Literal["all", "nobody", "mine"]
REASONS = 4
_STANDS_OUT = 0.35


@dataclass(frozen=True)
class RankedMode:
    """One suspicion of a case. share: its probability, 0..1, for a bar."""

    title: str
    href: str
    risk: str
    share: float
    state: str
    repeat: bool


@dataclass(frozen=True)
class CaseRow:
    """One case in words. says: the interpretation, one sentence each; question: the open notice that comes before any work."""

    case: Case
    description: str
    location: str
    criticality: int
    opened: str
    modes: tuple[RankedMode, ...]
    reasons: tuple[Reason, ...]
    says: tuple[str, ...]
    next_step: str
    question: str
    work: tuple[Link, ...]
    escalated: bool
    silent: bool


@dataclass(frozen=True)
class CaseBoard:
    """Open cases, the most urgent first. counts: by whose they are; questions: how many wait for operations."""

    rows: tuple[CaseRow, ...]
    counts: Mapping[Whose, int]
    questions: int


def case_board(plant: Plant, *, whose: Whose = "all", who: str = "") -> CaseBoard:
    """Cases of everybody, of nobody, or of `who`."""
    assets = read_assets(plant.history)
    found = open_cases(plant)
    with plant.unit_of_work() as work:
        questions = work.notices.list(state="open")
        requests = work.requests.list(states=sorted(OPEN_REQUESTS))
    mine = [one for one in found if who and one.case.owner == who]
    nobodys = [one for one in found if not one.case.owner]
    shown = {"all": found, "nobody": nobodys, "mine": mine}[whose]
    return CaseBoard(
        tuple(_row(plant, one, assets.get(one.case.asset), questions, requests) for one in shown),
        {"all": len(found), "nobody": len(nobodys), "mine": len(mine)},
        len(questions),
    )


def _row(
    plant: Plant, queued: QueuedCase, asset: Asset | None, questions: list[Notice], requests: list[WorkRequest]
) -> CaseRow:
    case = queued.case
    asset_class = plant.catalogue.classes.get(case.asset_class)
    told = _evidence(queued)
    return CaseRow(
        case=case,
        description=asset.description if asset else "",
        location=asset.location if asset else "",
        criticality=queued.criticality,
        opened=words.ago(case.opened_at, plant.clock.now()),
        modes=tuple(_mode(plant, one, asset_class) for one in queued.alerts),
        reasons=reasons(told)[:REASONS],
        says=_interpretation(plant, queued, told, asset_class),
        next_step=_next_step(plant, queued.worst),
        question=next((one.title for one in questions if case.id in one.cases), ""),
        work=tuple(
            Link(f"{one.title} ({one.state.value})", f"/requests/{one.id}")
            for one in requests
            if one.case_id == case.id
        ),
        escalated=queued.escalated,
        silent=bool(queued.alerts) and all(one.state in QUIET_STATES for one in queued.alerts),
    )


def _mode(plant: Plant, alert: Alert, asset_class: AssetClass | None) -> RankedMode:
    axis = asset_class.axis if asset_class else Axis()
    within = f"{words.percent(alert.probability)} within {words.horizon(alert.horizon, axis)}"
    return RankedMode(
        title=words.mode_title(alert.failure_mode, plant.catalogue.models.get(alert.asset_class)),
        href=f"/alerts/{alert.id}",
        risk=within if alert.horizon else alert.deviation or "short remaining life",
        share=alert.probability,
        state=alert_state(alert, plant.settings.time_zone),
        repeat=bool(alert.repeat_of),
    )


def _evidence(queued: QueuedCase) -> list[Contribution]:
    """What spoke for the alerts of the case when they were raised: each feature once, as its strongest alert tells it."""
    told: dict[str, Contribution] = {}
    for alert in queued.alerts:
        for item in alert.evidence.get("contributions") or []:
            told.setdefault(item["feature"], Contribution(**item))
    return list(told.values())


def _interpretation(
    plant: Plant, queued: QueuedCase, told: list[Contribution], asset_class: AssetClass | None
) -> tuple[str, ...]:
    """How clear the ranking is, what the machine would suffer, and whether a sensor explains it as well."""
    if not queued.alerts:
        return ("Nothing is suspected any longer; its work waits for the verdict.",)
    model = plant.catalogue.models.get(queued.case.asset_class)
    said = []
    ranked = [one for one in queued.alerts if one.horizon]
    if len(ranked) > 1:
        first, second = (words.mode_title(one.failure_mode, model) for one in ranked[:2])
        clear = ranked[0].probability - ranked[1].probability >= _STANDS_OUT
        said.append(
            f"{first} stands out from {second[:1].lower()}{second[1:]}."
            if clear
            else f"{first} and {second[:1].lower()}{second[1:]} are close: look for both."
        )
    package = plant.catalogue.package(queued.case.asset_class, queued.alerts[0].failure_mode)
    said += [package.effect] if package and package.effect else []
    said += [one.deviation + "." for one in queued.alerts[:1] if one.deviation]
    if asset_class is not None and told:
        flags = queued.alerts[0].evidence.get("quality_flags") or ()
        said.append(f"Is it the sensor? {is_it_the_sensor(told, flags, asset_class)}")
    return tuple(said)


def _next_step(plant: Plant, alert: Alert | None) -> str:
    model = plant.catalogue.models.get(alert.asset_class) if alert else None
    steps = {mode.name: mode.next_step for mode in model.failure_modes} if model else {}
    return steps.get(alert.failure_mode, "") if alert else ""
