"""Advise the schedule that the maintenance system owns: windows, the price of each week, and bundles for every open request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pdm.ports import Plant
from pdm.readings.registry import Asset, read_assets
from pdm.records.planning import PlannedTask, Stop, read_planning
from pdm.views.job import job_and_dates
from pdm.work.request import OPEN_REQUESTS, WorkRequest
from pdm.work.schedule import CrewHours, Job, RequestAdvice, advise_request


@dataclass(frozen=True)
class ScheduleAdvice:
    """The advice for the whole plant.

    requests: in the order of their priority. silent: open requests about which nothing can be said, with the reason.
    stops, plans: what lies ahead. crews_listed: whether any free hours are on record; without them crews are not looked at.
    """

    at: datetime
    requests: tuple[RequestAdvice, ...]
    silent: tuple[tuple[WorkRequest, str], ...]
    stops: tuple[Stop, ...]
    plans: tuple[PlannedTask, ...]
    assets: Mapping[str, Asset]
    crews_listed: bool


def advise_schedule(plant: Plant) -> ScheduleAdvice:
    """Look at every open request beside stops, plans, crews and stock as imported. Nothing is written anywhere."""
    now = plant.clock.now()
    tables = read_planning(plant.workspace.home)
    assets = read_assets(plant.history)
    with plant.unit_of_work() as work:
        requests = work.requests.list(states=sorted(OPEN_REQUESTS))
        latest = {assessment.asset: assessment for assessment in work.assessments.latest()}
    jobs: list[Job] = []
    silent: list[tuple[WorkRequest, str]] = []
    for request in requests:
        asset = assets.get(request.asset) or Asset(request.asset, request.asset_class)
        found = job_and_dates(plant, request, asset, latest.get(request.asset), tables, now)
        if found is None:
            silent.append((request, "its class or failure mode is no longer defined"))
        elif found[2] is None:
            silent.append((request, "no assessment says how likely a failure is"))
        else:
            jobs.append(Job(request, asset, found[0], found[2]))
    ahead = tuple(sorted((stop for stop in tables.stops if stop.end > now), key=lambda stop: stop.start))
    plans = tuple(sorted((plan for plan in tables.plans if plan.due is not None), key=lambda plan: str(plan.due)))
    crews = CrewHours(tables.crews, plant.catalogue.planning, plant.settings.time_zone)
    locations = {tag: asset.location for tag, asset in assets.items()}
    return ScheduleAdvice(
        at=now,
        requests=tuple(advise_request(job, jobs, ahead, plans, crews, locations) for job in jobs),
        silent=tuple(silent),
        stops=ahead,
        plans=plans,
        assets=assets,
        crews_listed=bool(tables.crews),
    )
