"""What the API answers about alerting itself: why there is no alert, questions to operations, comments."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from serving.api.schemas import MOMENT, _example

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
