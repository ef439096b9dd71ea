"""Draft a request with everything the site has decided and listed: its matrix, its failure-mode library, its store."""

from __future__ import annotations

from datetime import datetime

from pdm.alerts.alert import Alert, Case
from pdm.catalogue import ModelDefinition
from pdm.ports import Plant
from pdm.readings.registry import Asset
from pdm.records.planning import read_planning
from pdm.work.draft import draft_request
from pdm.work.priority import matrix_of
from pdm.work.request import WorkRequest


def draft(
    plant: Plant, case: Case, alert: Alert, asset: Asset, definition: ModelDefinition, *, now: datetime
) -> WorkRequest:
    """The request that follows from one alert of a case, not yet stored."""
    catalogue = plant.catalogue
    return draft_request(
        case,
        alert,
        asset,
        definition,
        catalogue.asset_class(alert.asset_class).axis,
        now=now,
        zone=plant.settings.time_zone,
        matrix=matrix_of(catalogue.planning),
        package=catalogue.package(alert.asset_class, alert.failure_mode),
        stock=read_planning(plant.workspace.home).stock,
    )
