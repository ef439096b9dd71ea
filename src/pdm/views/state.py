"""The four words on an asset, as they hold at the moment of looking: an old assessment never says `normal`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pdm.scoring.assessment import Assessment, Condition, DataState, Equipment, ModelState
from pdm.views.words import ago

CONDITION_ORDER: dict[Condition, int] = {"act": 0, "watch": 1, "unknown": 2, "normal": 3}


_IDLE = {
    "standby": "It stands by: wear is judged when it runs.",
    "stopped": "It stands still: wear is judged when it runs.",
    "transient": "It is starting up: wear is judged when it has settled.",
}


@dataclass(frozen=True)
class FourWords:
    """Equipment, condition, data and model state, and in one sentence why the condition is unknown when it is."""

    equipment: Equipment
    condition: Condition
    data: DataState
    model: ModelState
    why: str = ""


def four_words(assessment: Assessment | None, now: datetime, stale_after: timedelta) -> FourWords:
    """The words of the newest assessment, taken back where time has passed since.

    An assessment was right when it was made; when scoring or the data stopped afterwards, only the reader's clock can tell.
    """
    if assessment is None:
        return FourWords("unknown", "unknown", "no data", "no model", "This asset has never been assessed.")
    equipment, condition, data = assessment.equipment, assessment.condition, assessment.data
    if now - assessment.as_of > stale_after:
        why = f"The last assessment was made {ago(assessment.as_of, now)}: scoring has stopped."
        return FourWords("unknown", "unknown", "no data" if data == "no data" else "stale", assessment.model, why)
    if data == "fresh" and assessment.data_time is not None and now - assessment.data_time > stale_after:
        data, equipment, condition = "stale", "unknown", "unknown"
    return FourWords(equipment, condition, data, assessment.model, _why(assessment, condition, data, now))


def _why(assessment: Assessment, condition: Condition, data: DataState, now: datetime) -> str:
    if condition != "unknown":
        return ""
    if data == "stale":
        return f"The newest reading came {ago(assessment.data_time, now)}: too old to say anything."
    reasons = {
        "no data": "There are no readings of this asset yet.",
        "bad quality": "The readings cannot be trusted: "
        + ("; ".join(assessment.quality_flags) or "bad quality")
        + ".",
    }
    if data in reasons:
        return reasons[data]
    if assessment.equipment in ("standby", "stopped", "transient") and assessment.model == "ok":
        return _IDLE[assessment.equipment]
    if assessment.model == "no model":
        return "No model has been promoted for this class yet."
    return "The model could not be applied." if assessment.model == "error" else ""
