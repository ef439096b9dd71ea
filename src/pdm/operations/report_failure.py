"""Report a failure, above all one that nobody predicted: what is not written down cannot count as missed, nor be learnt from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import get_args

import pandas as pd

from pdm.alerts.alert import UNSPECIFIED, Case
from pdm.alerts.comment import Comment
from pdm.audit.entry import AuditEntry
from pdm.catalogue import FailureMode, Severity
from pdm.clock import aware
from pdm.errors import InputError, NotFound
from pdm.operations._again import again
from pdm.ports import Plant, UnitOfWork
from pdm.readings.events import append_events, read_events
from pdm.readings.happenings import REPORTED, SAME_HAPPENING
from pdm.readings.registry import UNIT, Asset, read_assets
from pdm.work.draft import mode_of

LONGEST = 3500
_OLDEST = 1950
_LOOK_BACK = timedelta(days=90)


@dataclass(frozen=True)
class Reported:
    """One reported failure. case_id: the open case of its asset, empty without one. new: False where it was on record already.

    at: of the failure on record, which is the earlier one's where it had been reported before.
    """

    event_id: str
    asset: str
    failure_mode: str
    severity: str
    at: datetime
    by: str
    case_id: str
    new: bool


def report_failure(
    plant: Plant,
    asset: str,
    *,
    by: str,
    at: datetime,
    failure_mode: str = UNSPECIFIED,
    severity: str = "critical",
    text: str = "",
) -> Reported:
    """Store one failure event, with its name in the audit and a comment on the asset's open case when there is one.

    severity: as found; `critical` means that it had failed. The maintenance system telling of the same failure within three days
    is one happening with this one. So is a second report of this mode, unless a repair lies between: it goes into the audit only,
    or names the mode that the first one left open. The report closes nothing; the case waits for its verdict.

    Raises:
        NotFound: no such asset.
        InputError: a failure mode or severity that the catalogue does not know, nobody's name, or a moment in the future.
    """
    now, moment = plant.clock.now(), aware(at)
    known = read_assets(plant.history).get(asset)
    if known is None:
        raise NotFound(f"no asset {asset!r}", hint="`plantpdm assets` lists them")
    mode = _mode(plant, known, failure_mode)
    if not by.strip():
        raise InputError("a report needs a name", hint="say who saw it")
    if severity not in get_args(Severity):
        raise InputError(f"severity is {severity!r}", hint="one of: " + ", ".join(get_args(Severity)))
    if moment.year < _OLDEST:
        raise InputError(f"nobody remembers a failure of {moment.year}", hint="check the year")
    if moment > now:
        raise InputError(
            f"a failure cannot be reported before it happens ({moment.isoformat()})", hint="check the time"
        )
    if len(text) > LONGEST:
        raise InputError(f"a report has at most {LONGEST} characters, this one {len(text)}", hint="shorten it")
    named = mode.name if mode.name != UNSPECIFIED else ""
    content = f"{REPORTED}|{asset}|{named}|{moment.isoformat()}"
    said = Reported(hashlib.sha256(content.encode()).hexdigest(), asset, named, severity, moment, by.strip(), "", True)
    return again(lambda: _report(plant, said, known, mode, text.strip(), now))


def _report(plant: Plant, said: Reported, asset: Asset, mode: FailureMode, text: str, now: datetime) -> Reported:
    with plant.unit_of_work() as work:
        case = work.cases.open_for(said.asset)
        said = replace(said, case_id=case.id if case else "")
        told, known_mode = _on_record(plant, said)
        if told.new or (said.failure_mode and not known_mode):
            append_events(plant.history, _event(plant, work, told, asset, mode, text), now=now, source=REPORTED)
        if not _in_the_audit(work, told, text):
            _note(work, told, case, mode, text, now)
            work.commit()
        return told


def _on_record(plant: Plant, said: Reported) -> tuple[Reported, str]:
    """The report with the identity of the one that it repeats, and that one's mode.

    It repeats a report of the same mode, or of one of which either does not say the mode, within three days and without a repair
    in between. Where only the later one names the mode, it becomes a new version of the earlier.
    """
    events = read_events(plant.history, assets=[said.asset])
    events = events[events["time"].notna()]
    modes = {said.failure_mode, ""} if said.failure_mode else set(events["failure_mode"])
    mine = events["kind"].eq("failure") & events["source"].eq(REPORTED) & events["failure_mode"].isin(modes)
    near = events[mine & ((events["time"] - said.at).abs() <= SAME_HAPPENING)]
    done = events.loc[events["kind"].isin(("repair", "installation")), "time"]
    for event_id, at, mode in zip(near["event_id"], near["time"], near["failure_mode"], strict=True):
        first, last = sorted((at.to_pydatetime(), said.at))
        if not done.between(first, last, inclusive="neither").any():
            return replace(said, event_id=str(event_id), at=at.to_pydatetime(), new=False), str(mode)
    return said, ""


def _event(plant: Plant, work: UnitOfWork, said: Reported, asset: Asset, mode: FailureMode, text: str) -> pd.DataFrame:
    row = {
        "event_id": said.event_id,
        "asset": said.asset,
        "time": said.at,
        "usage": _usage(plant, work, asset, said.at),
        "kind": "failure",
        "maintainable_item": mode.maintainable_item,
        "failure_mode": said.failure_mode,
        "mode": mode.mode,
        "mechanism": mode.mechanism,
        "severity": said.severity,
        "text": text,
    }
    frame = pd.DataFrame([row])
    return frame.astype({"time": "datetime64[us, UTC]", "usage": "float64"})


def _usage(plant: Plant, work: UnitOfWork, asset: Asset, at: datetime) -> float | None:
    """Where the asset stood on its counter at that moment, as the last assessment before it knows."""
    if plant.catalogue.asset_class(asset.asset_class).axis.kind == "time":
        return None
    known = [one for one in work.assessments.history(asset.asset, at - _LOOK_BACK, at) if one.data_usage is not None]
    return known[-1].data_usage if known else None


def _in_the_audit(work: UnitOfWork, told: Reported, text: str) -> bool:
    """Whether the same person said the same before: a call that is repeated, or one that a crash had cut short."""
    mine = work.audit.list(subject=f"asset:{told.asset}", limit=1000)
    return any(
        one.verb == "report" and one.who == told.by and one.why == text and one.details.get("event") == told.event_id
        for one in mine
    )


def _note(work: UnitOfWork, told: Reported, case: Case | None, mode: FailureMode, text: str, now: datetime) -> None:
    details = {
        "event": told.event_id,
        "failure_mode": told.failure_mode,
        "severity": told.severity,
        "at": told.at.isoformat(),
        "case": told.case_id,
        "new": told.new,
    }
    work.audit.append(AuditEntry(now, told.by, "report", f"asset:{told.asset}", text, details))
    if case is None:
        return
    sentence = f"reported as failed at {told.at.isoformat(timespec='minutes')}: {mode.title} ({told.severity})"
    sentence = f"{sentence}. {text}" if text else sentence
    subject = f"case:{case.id}"
    content = f"{subject}|{told.event_id}|{told.by}|{text}"
    number = "co-" + hashlib.sha256(content.encode()).hexdigest()[:16]
    work.comments.add(Comment(number, subject, now, told.by, sentence))
    work.audit.append(AuditEntry(now, told.by, "comment", subject, sentence, {"comment": number}))


def _mode(plant: Plant, asset: Asset, name: str) -> FailureMode:
    definition = plant.catalogue.models.get(asset.asset_class)
    if name in (UNSPECIFIED, ""):
        return FailureMode(UNSPECIFIED, "Failure of unknown kind", UNIT)
    known = [mode.name for mode in definition.failure_modes] if definition else []
    if definition is None or name not in known:
        hint = f"one of: {', '.join([*known, UNSPECIFIED])}"
        raise InputError(f"{asset.asset_class} has no failure mode {name!r}", hint=hint)
    return mode_of(definition, name)
