"""Work requests: the planner's queue, approval and cancellation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from pdm.operations.approve_request import approve_request
from pdm.operations.cancel_request import cancel_request
from pdm.operations.replay_message import replay_message
from pdm.work.request import RequestState
from serving.api.paging import Limit, Offset, page
from serving.api.schemas import Page, RequestOut
from serving.api.verbs import Act, Reasoned
from serving.context import ThePlant

router = APIRouter(prefix="/v1", tags=["work requests"])
Id = Annotated[str, Path(description="The request's id.")]


@router.get("/requests")
def list_requests(
    plant: ThePlant,
    asset: Annotated[str | None, Query(description="Only this asset.")] = None,
    state: Annotated[list[RequestState] | None, Query(description="Only these states; default: all.")] = None,
    limit: Limit = 200,
    offset: Offset = 0,
) -> Page[RequestOut]:
    """Requests, most urgent first."""
    with plant.unit_of_work() as work:
        return page(RequestOut, work.requests.list(asset=asset, states=state), limit, offset)


@router.get("/requests/{request_id}")
def get_request(plant: ThePlant, request_id: Id) -> RequestOut:
    """One request."""
    with plant.unit_of_work() as work:
        return RequestOut.model_validate(work.requests.get(request_id))


@router.post("/requests/{request_id}/approve")
def approve(plant: ThePlant, request_id: Id, act: Act) -> RequestOut:
    """Approve it: it goes to the outbox, and from there to the CMMS."""
    return RequestOut.model_validate(approve_request(plant, request_id, by=act.by))


@router.post("/requests/{request_id}/cancel")
def cancel(plant: ThePlant, request_id: Id, act: Reasoned) -> RequestOut:
    """Cancel it, with a reason: the reason is feedback."""
    return RequestOut.model_validate(cancel_request(plant, request_id, by=act.by, why=act.why))


@router.post("/requests/{request_id}/replay")
def replay(plant: ThePlant, request_id: Id, act: Act) -> RequestOut:
    """Try again what was given up, after what was in its way has been mended."""
    replay_message(plant, request_id, by=act.by)
    with plant.unit_of_work() as work:
        return RequestOut.model_validate(work.requests.get(request_id))
