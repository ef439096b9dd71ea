"""The service put together: routes, doors, error answers and the scoring loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.staticfiles import StaticFiles

import pdm
from pdm.ports import Plant
from serving.api import (
    alerting,
    alerts,
    assets,
    cases,
    events,
    failures,
    health,
    planning,
    readings,
    requests,
    schedule,
    scoring,
)
from serving.context import Context
from serving.doors import Access, HostCheck, OriginCheck, SecurityHeaders, SizeLimit
from serving.errors import PROBLEMS, CatchFaults, Problem, install_handlers
from serving.idempotency import Idempotency
from serving.logs import configure_logs
from serving.loop import ScoringLoop
from serving.metrics import CountRequests
from serving.pages import alert, asset, fleet, models, people, status
from serving.pages import cases as case_pages
from serving.pages import planning as planning_pages
from serving.pages import requests as request_pages
from serving.pages import schedule as schedule_pages
from serving.policies import enforce
from serving.pulse import Pulse

STATIC = Path(__file__).parent / "static"

_ABOUT = """Predictive maintenance for one plant.

Times are ISO 8601; the platform answers in UTC. Errors are `application/problem+json` with a `detail` and a `hint`.
A `POST` that creates something honours `Idempotency-Key`: the same key with the same body is answered with the first answer.
"""


def build_app(plant: Plant) -> FastAPI:
    """The FastAPI application for one plant."""
    configure_logs()
    context = Context(plant, STATIC)
    app = FastAPI(
        title="plantpdm",
        summary="Sensor history in, trusted alerts and schedulable work requests out.",
        description=_ABOUT,
        version=pdm.__version__,
        docs_url=None,  # the usual page loads its scripts from elsewhere
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        dependencies=[Depends(enforce)],
        responses=PROBLEMS,
        lifespan=_lifespan,
    )
    app.state.context = context
    app.state.loop = ScoringLoop(plant)
    app.state.pulse = Pulse(plant)
    for api in (
        assets,
        alerts,
        alerting,
        cases,
        requests,
        schedule,
        planning,
        readings,
        events,
        failures,
        scoring,
        health,
    ):
        app.include_router(api.router)
    for page in (
        fleet,
        asset,
        alert,
        case_pages,
        request_pages,
        schedule_pages,
        planning_pages,
        models,
        status,
        people,
    ):
        app.include_router(page.router, include_in_schema=False)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]  # FastAPI's own way to extend the schema
    app.mount("/static", StaticFiles(directory=STATIC, check_dir=False), name="static")
    install_handlers(app)
    _install_doors(app, context)
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI schema with the one shape of all refusals, and no mention of FastAPI's own."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, summary=app.summary, description=app.description, routes=app.routes
        )
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        app.openapi_schema = schema
    return app.openapi_schema


def _install_doors(app: FastAPI, context: Context) -> None:
    """The last one added is the first that a request meets."""
    settings = context.plant.settings
    app.add_middleware(Idempotency, plant=context.plant)
    app.add_middleware(SizeLimit, limit=settings.max_upload_mb * 1024 * 1024)
    app.add_middleware(OriginCheck)
    app.add_middleware(Access, sessions=context.sessions)
    app.add_middleware(HostCheck, settings=settings)
    app.add_middleware(CatchFaults)
    app.add_middleware(CountRequests, metrics=context.metrics)
    app.add_middleware(SecurityHeaders)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    loop: ScoringLoop = app.state.loop
    pulse: Pulse = app.state.pulse
    await pulse.start()
    await loop.start()
    yield
    await loop.stop()
    await pulse.stop()
