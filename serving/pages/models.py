"""The models of a class, and the report of a training."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from pdm.errors import NotFound, TooLittleData
from pdm.operations.compare_shadow import ShadowReport, compare_shadow
from pdm.ports import Plant
from pdm.views.model import model_page, report_file
from serving.context import TheContext, ThePlant

router = APIRouter()


@router.get("/models/{asset_class}")
def show_models(request: Request, context: TheContext, plant: ThePlant, asset_class: str) -> HTMLResponse:
    """Cards of champion and challenger, the gate of every promotion, and what the challenger says in use."""
    page = model_page(plant, asset_class)
    shadow, silent = _shadow(plant, asset_class)
    model = plant.catalogue.models.get(asset_class)
    return context.page(request, "models.html", page=page, shadow=shadow, silent=silent, model=model)


@router.get("/models/{asset_class}/{version}/report")
def show_report(plant: ThePlant, asset_class: str, version: str) -> HTMLResponse:
    """The report of a training as it was written; version: champion, challenger or a version."""
    return HTMLResponse(report_file(plant, asset_class, version).read_text(encoding="utf-8"))


def _shadow(plant: Plant, asset_class: str) -> tuple[ShadowReport | None, str]:
    """Champion and challenger at the same moments, or why there is nothing to compare."""
    try:
        return compare_shadow(plant, asset_class), ""
    except (TooLittleData, NotFound) as error:
        return None, error.message
