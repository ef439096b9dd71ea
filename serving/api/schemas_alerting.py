"""What the API answers about alerting itself: why there is no alert, questions to operations, comments."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.api.schemas import MOMENT, _example
from serving.api.verbs import Act, Reasoned

_ANSWER = {
    "question": "Is the probability of failure at its limit?",
    "sentence": "No: 8 % within 14 d; 35 % raise on an asset of criticality 2.",
    "stops": True,
}
_MODE = {
    "mode": "bearing_wear",
    "title": "Bearing wear, drive end",
    "state": "normal",
    "alert": "",
    "answers": [_ANSWER],
    "sentence": "below its limits (8 % against 35 %).",
}


class WhyAnswerOut(BaseModel):
    """One question on the way of a decision; `stops`: nothing after it could raise an alert."""

    question: str
    sentence: str
    stops: bool

    model_config = _example(**_ANSWER)


class WhyModeOut(BaseModel):
    """One failure mode at the end of the way."""

    mode: str
    title: str
    state: str
    alert: str
    answers: list[WhyAnswerOut]
    sentence: str

    model_config = _example(**_MODE)


class WhyOut(BaseModel):
    """Why an asset had no alert at a moment, or which one it had."""

    asset: str
    at: datetime
    as_of: datetime | None
    sentence: str
    answers: list[WhyAnswerOut]
    modes: list[WhyModeOut]
    replayed: int

    model_config = _example(
        asset="P-101",
        at=MOMENT,
        as_of=MOMENT,
        sentence="No alert: Bearing wear, drive end: below its limits (8 % against 35 %).",
        answers=[{"question": "Did it run?", "sentence": "Yes.", "stops": False}],
        modes=[_MODE],
        replayed=336,
    )


class Assign(Act):
    """Whose an alert is from now on."""

    to: str = Field(min_length=1, max_length=120, pattern=r"\S", description="Whose it is from now on.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"by": "Ada", "to": "Ben", "why": "knows this pump"}]})


class Say(BaseModel):
    """A comment."""

    by: str = Field(min_length=1, max_length=120, pattern=r"\S", description="Who says it.")
    text: str = Field(min_length=1, max_length=4000, pattern=r"\S", description="What is said.")

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"by": "Ada", "text": "heard it on the round"}]}
    )


class AnswerNotice(Reasoned):
    """What operations answers."""

    answer: Literal["process", "machine"] = Field(description="Is it the process, or each machine for itself?")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"by": "Olga", "answer": "process", "why": "cooling water at 31 degC"}]}
    )


class CommentOut(BaseModel):
    """One comment."""

    id: str
    subject: str
    at: datetime
    by: str
    text: str

    model_config = _example(id="co-1", subject="alert:al-1", at=MOMENT, by="Ada", text="heard it on the round")


class NoticeOut(BaseModel):
    """One question to operations; `kind` is sisters or process, `answer` is empty while it is open."""

    id: str
    kind: str
    asset_class: str
    suspicion: str
    cause: str
    title: str
    assets: list[str]
    cases: list[str]
    opened_at: datetime
    state: str
    answer: str
    answered_by: str
    answered_at: datetime | None
    why: str

    model_config = _example(
        id="no-1",
        kind="sisters",
        asset_class="pump",
        suspicion="bearing_wear",
        cause="cooling_water CW-1",
        title="5 of 9 pumps on cooling_water CW-1 moved within 6 h: is it the process?",
        assets=["P-101", "P-102"],
        cases=["ca-1", "ca-2"],
        opened_at=MOMENT,
        state="open",
        answer="",
        answered_by="",
        answered_at=None,
        why="",
    )


_GROUP = {
    "name": "all",
    "raised": 14,
    "right": 11,
    "unfounded": 3,
    "undecided": 0,
    "precision": 0.79,
    "interval": [0.53, 0.94],
    "false_per_year": 0.2,
}


class FiguresOut(BaseModel):
    """One group of alerts; the interval is the exact 90 % one of the precision."""

    name: str
    raised: int
    right: int
    unfounded: int
    undecided: int
    precision: float | None
    interval: tuple[float, float]
    false_per_year: float | None

    model_config = _example(**_GROUP)


class AlertingOut(BaseModel):
    """The health of alerting."""

    weeks: list[dict[str, Any]]
    whole: FiguresOut
    by_class: list[FiguresOut]
    by_mode: list[FiguresOut]
    by_model: list[FiguresOut]
    per_week: float
    engineers: int
    per_engineer: float | None
    failures: int
    sufficient_lead: int
    missed: int
    reopened: int
    chattering: int
    stale: int
    bursts: int
    escalated: int
    worst: list[dict[str, Any]]
    silenced: list[dict[str, Any]]

    model_config = _example(
        weeks=[{"start": "3 Aug 2026", "raised": 2, "right": 1, "unfounded": 0}],
        whole=_GROUP,
        by_class=[_GROUP],
        by_mode=[_GROUP],
        by_model=[_GROUP],
        per_week=1.1,
        engineers=3,
        per_engineer=0.4,
        failures=4,
        sufficient_lead=3,
        missed=1,
        reopened=1,
        chattering=0,
        stale=0,
        bursts=0,
        escalated=1,
        worst=[{"asset": "P-101", "mode": "Bearing wear", "raised": 3, "unfounded": 1}],
        silenced=[],
    )
