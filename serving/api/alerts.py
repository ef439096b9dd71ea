"""Alerts and the verbs that answer them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from pdm.alerts.alert import AlertState
from pdm.operations.answer_alert import (
    acknowledge_alert,
    claim_alert,
    close_alert,
    release_alert,
    shelve_alert,
    unshelve_alert,
)
from serving.api.paging import Limit, Offset, page
from serving.api.schemas import AlertOut, Page
from serving.api.verbs import Act, Reasoned, Shelve
from serving.context import ThePlant

router = APIRouter(prefix="/v1", tags=["alerts"])
Id = Annotated[str, Path(description="The alert's id.")]


@router.get("/alerts")
def list_alerts(
    plant: ThePlant,
    asset: Annotated[str | None, Query(description="Only this asset.")] = None,
    asset_class: Annotated[str | None, Query(description="Only this class.")] = None,
    state: Annotated[list[AlertState] | None, Query(description="Only these states; default: all.")] = None,
    limit: Limit = 200,
    offset: Offset = 0,
) -> Page[AlertOut]:
    """Alerts, newest first."""
    with plant.unit_of_work() as work:
        found = work.alerts.list(asset=asset, asset_class=asset_class, states=state)
    return page(AlertOut, found, limit, offset)


@router.get("/alerts/{alert_id}")
def get_alert(plant: ThePlant, alert_id: Id) -> AlertOut:
    """One alert."""
    with plant.unit_of_work() as work:
        return AlertOut.model_validate(work.alerts.get(alert_id))


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge(plant: ThePlant, alert_id: Id, act: Act) -> AlertOut:
    """Say that it has been seen; for a returned alert this is the answer that ends it, and needs a reason."""
    return AlertOut.model_validate(acknowledge_alert(plant, alert_id, by=act.by, why=act.why))


@router.post("/alerts/{alert_id}/claim")
def claim(plant: ThePlant, alert_id: Id, act: Act) -> AlertOut:
    """Take it on."""
    return AlertOut.model_validate(claim_alert(plant, alert_id, by=act.by, why=act.why))


@router.post("/alerts/{alert_id}/release")
def release(plant: ThePlant, alert_id: Id, act: Act) -> AlertOut:
    """Give it back."""
    return AlertOut.model_validate(release_alert(plant, alert_id, by=act.by, why=act.why))


@router.post("/alerts/{alert_id}/shelve")
def shelve(plant: ThePlant, alert_id: Id, act: Shelve) -> AlertOut:
    """Put it aside until a moment, with a reason; it comes back unacknowledged."""
    return AlertOut.model_validate(shelve_alert(plant, alert_id, by=act.by, why=act.why, until=act.until))


@router.post("/alerts/{alert_id}/unshelve")
def unshelve(plant: ThePlant, alert_id: Id, act: Act) -> AlertOut:
    """Bring it back before its time."""
    return AlertOut.model_validate(unshelve_alert(plant, alert_id, by=act.by, why=act.why))


@router.post("/alerts/{alert_id}/close")
def close(plant: ThePlant, alert_id: Id, act: Reasoned) -> AlertOut:
    """Close it without a verdict, with a reason."""
    return AlertOut.model_validate(close_alert(plant, alert_id, by=act.by, why=act.why))
