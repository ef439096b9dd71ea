"""Alerting itself: its health, questions to operations, owners and comments."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query

from pdm.operations.add_comment import add_comment
from pdm.operations.answer_alert import assign_alert
from pdm.operations.answer_notice import answer_notice
from pdm.views.alerting import alerting
from serving.api.paging import Limit, Offset, page
from serving.api.schemas import AlertOut, Page
from serving.api.schemas_alerting import AlertingOut, AnswerNotice, Assign, CommentOut, NoticeOut, Say
from serving.context import ThePlant

router = APIRouter(prefix="/v1", tags=["alerts"])
Id = Annotated[str, Path(description="The alert's id.")]
NoticeId = Annotated[str, Path(description="The notice's id.")]


@router.get("/alerting")
def get_alerting(
    plant: ThePlant, weeks: Annotated[int, Query(ge=1, le=104, description="How many weeks back.")] = 13
) -> AlertingOut:
    """Whether alerting itself is well: figures about alerts and machines, never about persons."""
    return AlertingOut.model_validate(asdict(alerting(plant, weeks=weeks)))


@router.get("/notices")
def list_notices(
    plant: ThePlant,
    state: Annotated[str | None, Query(description="open or answered; default: all.")] = None,
    limit: Limit = 200,
    offset: Offset = 0,
) -> Page[NoticeOut]:
    """Questions to operations, newest first."""
    with plant.unit_of_work() as work:
        return page(NoticeOut, work.notices.list(state=state), limit, offset)


@router.post("/notices/{notice_id}/answer")
def answer(plant: ThePlant, notice_id: NoticeId, act: AnswerNotice) -> NoticeOut:
    """Say whether it is the process or the machines; the process closes the alerts it is about."""
    return NoticeOut.model_validate(answer_notice(plant, notice_id, answer=act.answer, by=act.by, why=act.why))


@router.post("/alerts/{alert_id}/assign")
def assign(plant: ThePlant, alert_id: Id, act: Assign) -> AlertOut:
    """Give it to somebody."""
    return AlertOut.model_validate(assign_alert(plant, alert_id, to=act.to, by=act.by, why=act.why))


@router.get("/alerts/{alert_id}/comments")
def list_comments(plant: ThePlant, alert_id: Id, limit: Limit = 200, offset: Offset = 0) -> Page[CommentOut]:
    """What was said about it, oldest first."""
    with plant.unit_of_work() as work:
        work.alerts.get(alert_id)
        return page(CommentOut, work.comments.list(f"alert:{alert_id}"), limit, offset)


@router.post("/alerts/{alert_id}/comments")
def comment(plant: ThePlant, alert_id: Id, act: Say) -> CommentOut:
    """Say something about it; it is never changed or removed."""
    return CommentOut.model_validate(add_comment(plant, f"alert:{alert_id}", by=act.by, text=act.text))
