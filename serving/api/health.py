"""Is the platform well: for people, for Prometheus, and for whoever restarts processes."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from pdm.views.health import health
from serving.context import TheContext, ThePlant

router = APIRouter(prefix="/v1", tags=["health"])


class ClassHealthOut(BaseModel):
    """One asset class: the model in charge, its rung, its owner and when its review is due, and the age of its data."""

    asset_class: str
    title: str
    assets: int
    champion: str
    newest: datetime | None
    stale: int
    rung: str = ""
    owner: str = ""
    review_by: datetime | None = None
    overdue: str = ""

    model_config = ConfigDict(from_attributes=True)


class LoopOut(BaseModel):
    """The scoring loop of this service; `error` is its last failure, in words."""

    active: bool
    rounds: int
    finished_at: datetime | None
    assessed: int
    error: str

    model_config = ConfigDict(from_attributes=True)


class StageOut(BaseModel):
    """One stage of the platform that passes heartbeats on; `sentence` says what has stopped, empty while it beats."""

    stage: str
    title: str
    since: datetime
    sentence: str

    model_config = ConfigDict(from_attributes=True)


class DeadMessageOut(BaseModel):
    """A work request that was given up, until somebody replays it."""

    request: str
    asset: str
    title: str
    attempts: int
    since: str
    error: str

    model_config = ConfigDict(from_attributes=True)


class HealthOut(BaseModel):
    """ok is false when anything has stopped or a model could not answer; `problems` says what.

    drift: models that are asked about another world than they have learnt from.
    """

    ok: bool
    problems: list[str]
    versions: dict[str, str]
    classes: list[ClassHealthOut]
    scored_at: datetime | None
    open_alerts: int
    audit_entries: int
    lease_holder: str
    outbox_waiting: int
    loop: LoopOut
    stages: list[StageOut] = []
    dead: list[DeadMessageOut] = []
    drift: list[str] = []

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ok": True,
                    "problems": [],
                    "versions": {"plantpdm": "0.1.0", "python": "3.11.7"},
                    "classes": [
                        {
                            "asset_class": "pump",
                            "title": "Centrifugal pump",
                            "assets": 24,
                            "champion": "20261120-1a2b3c4d",
                            "newest": "2026-11-21T06:00:00Z",
                            "stale": 1,
                            "rung": "own model",
                            "owner": "Ada",
                            "review_by": "2027-05-20T06:00:00Z",
                            "overdue": "",
                        }
                    ],
                    "scored_at": "2026-11-21T06:00:00Z",
                    "open_alerts": 3,
                    "audit_entries": 412,
                    "lease_holder": "",
                    "outbox_waiting": 0,
                    "loop": {"active": True, "rounds": 5, "finished_at": None, "assessed": 60, "error": ""},
                }
            ]
        }
    )


class Alive(BaseModel):
    """The process answers."""

    alive: bool = True


@router.get("/health")
def get_health(plant: ThePlant, request: Request) -> HealthOut:
    """Versions, models in charge, age of data, scoring, audit."""
    state = health(plant)
    last = request.app.state.loop.state
    loop = LoopOut.model_validate(last)
    failed = [f"the last scoring failed: {loop.error}"] if loop.error else []
    problems = [*state.problems, *failed, *last.problems]
    return HealthOut(
        ok=not problems,
        problems=problems,
        versions=dict(state.versions),
        classes=[ClassHealthOut.model_validate(item) for item in state.classes],
        scored_at=state.scored_at,
        open_alerts=state.open_alerts,
        audit_entries=state.audit_entries,
        lease_holder=state.lease_holder,
        outbox_waiting=state.outbox_waiting,
        loop=loop,
        stages=[StageOut.model_validate(stage) for stage in state.stages],
        dead=[DeadMessageOut.model_validate(message) for message in state.dead],
        drift=list(state.drift),
    )


@router.get("/health/live")
def live() -> Alive:
    """Only that the process answers; it needs no token and tells nothing."""
    return Alive()


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(plant: ThePlant, context: TheContext) -> Response:
    """Figures in Prometheus' text format."""
    return Response(context.metrics.exposition(health(plant)), media_type="text/plain; version=0.0.4")
