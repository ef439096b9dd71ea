"""Draft a request with everything the site has decided and listed: its matrix, its failure-mode library, its store, its stops."""

from __future__ import annotations

from datetime import datetime

from pdm.alerts.alert import Alert, Case
from pdm.catalogue import ModelDefinition
from pdm.ports import Plant
from pdm.readings.registry import Asset
from pdm.records.planning import read_planning
from pdm.scoring.assessment import Assessment
from pdm.work.draft import draft_request, mode_of, ready_for
from pdm.work.package import sketched
from pdm.work.priority import matrix_of
from pdm.work.request import WorkRequest
from pdm.work.when import advise


def draft(
    plant: Plant,
    case: Case,
    alert: Alert,
    asset: Asset,
    definition: ModelDefinition,
    *,
    now: datetime,
    assessment: Assessment | None = None,
) -> WorkRequest:
    """The request that follows from one alert of a case, not yet stored. assessment: the newest one, for the choice of a date."""
    catalogue = plant.catalogue
    axis = catalogue.asset_class(alert.asset_class).axis
    tables = read_planning(plant.workspace.home)
    mode = mode_of(definition, alert.failure_mode)
    package = catalogue.package(alert.asset_class, alert.failure_mode)
    job = package or sketched(asset.asset_class, mode, axis)
    ready = ready_for(job, mode, axis, now=now, stock=tables.stock or {})
    return draft_request(
        case,
        alert,
        asset,
        definition,
        axis,
        now=now,
        zone=plant.settings.time_zone,
        matrix=matrix_of(catalogue.planning),
        package=package,
        stock=tables.stock,
        dates=advise(
            assessment,
            job,
            asset,
            definition,
            axis,
            catalogue.planning,
            tables,
            ready=ready.at,
            reserve=axis.calendar(mode.planning_time),
            now=now,
        ),
    )
