"""Did the repair of a case work: its risk, its deviation and the channels that spoke for it, before and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import numpy as np
import pandas as pd

from pdm.alerts.alert import UNSPECIFIED, Alert
from pdm.catalogue import AssetClass
from pdm.errors import InputError
from pdm.feedback.effect import Effect, Level, judge
from pdm.feedback.savings import ACTED
from pdm.feedback.verdict import Verdict
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.happenings import SAME_HAPPENING
from pdm.readings.running import RunningState, running_state
from pdm.readings.store import ReadingStore
from pdm.scoring.assessment import Assessment

DAYS = 7
SOUND_DAYS = 28
FEWEST = 5
"""Assessments, or running readings, without which a stretch says nothing."""
MOST_CHANNELS = 4
_RISK_STRAYS, _DEVIATION_STRAYS = 0.05, 0.25


@dataclass(frozen=True)
class _Stretch:
    """start < moment <= end."""

    start: datetime
    end: datetime

    def holds(self, one: Assessment) -> bool:
        return self.start < one.as_of <= self.end


def repair_effect(plant: Plant, case_id: str, *, days: int = DAYS) -> Effect:
    """The effect of the first repair on record since the case was opened, records of three days taken together.

    days: how long before and after the repair is looked at; sound are the four weeks that end so long before the first alert.
    Only assessments with fresh data and a model count, and only readings of the running machine.

    Raises:
        NotFound: no such case.
        InputError: no repair is on record since it was opened.
    """
    now = plant.clock.now()
    span = timedelta(days=days)
    with plant.unit_of_work() as work:
        case = work.cases.get(case_id)
        alerts = work.alerts.list(case_id=case_id)
        raised = min((one.first_seen for one in alerts), default=case.opened_at)
        sound = _Stretch(raised - span - timedelta(days=SOUND_DAYS), raised - span)
        history = work.assessments.history(case.asset, sound.start, now)
    begun, done, restoring = _repair(plant, case.asset, case_id, case.opened_at)
    stretches = (sound, _Stretch(max(begun - span, raised), begun), _Stretch(done, min(done + span, now)))
    usable = [one for one in history if one.data == "fresh" and one.model == "ok"]
    modes = {one.failure_mode for one in alerts}
    levels = [
        _assessed("risk", "%", _RISK_STRAYS, lambda one: _risk(one, modes), usable, stretches),
        _assessed("deviation", "limits", _DEVIATION_STRAYS, lambda one: _deviation(one, modes), usable, stretches),
    ]
    asset_class = plant.catalogue.asset_class(case.asset_class)
    levels += _channels(plant, asset_class, case.asset, _suspects(alerts, asset_class), stretches, usable)
    return judge([one for one in levels if one.before is not None], restoring=restoring)


def effect_sentence(plant: Plant, case_id: str, verdicts: Sequence[Verdict]) -> str:
    """The answer with its advice for a page; empty where nothing was repaired."""
    if not any(one.action in ACTED for one in verdicts):
        return ""
    found = repair_effect(plant, case_id)
    return f"{found.sentence} Advice: {found.advice}." if found.advice else found.sentence


def _repair(plant: Plant, asset: str, case_id: str, since: datetime) -> tuple[datetime, datetime, bool]:
    """Begin and end of the repair, and whether one of its records restores."""
    events = read_events(plant.history, assets=[asset], kinds=["repair"])
    events = events[events["time"].notna() & (events["time"] >= since)]
    if events.empty:
        raise InputError(
            f"no repair of {asset} is on record since case {case_id} was opened", hint="record its verdict"
        )
    first = events["time"].min()
    mine = events[events["time"] <= first + SAME_HAPPENING]
    return first.to_pydatetime(), mine["time"].max().to_pydatetime(), bool(mine["restores"].any())


def _risk(one: Assessment, modes: set[str]) -> float | None:
    mine = [risk.probability for risk in one.risks if risk.mode in modes or UNSPECIFIED in (risk.mode, *modes)]
    return max(mine, default=None)


def _deviation(one: Assessment, modes: set[str]) -> float | None:
    mine = [dev.level for dev in one.deviations if dev.mode in modes or UNSPECIFIED in (dev.mode, *modes)]
    return max(mine, default=None)


def _assessed(
    name: str,
    unit: str,
    strays: float,
    read: Callable[[Assessment], float | None],
    history: Sequence[Assessment],
    stretches: Sequence[_Stretch],
) -> Level:
    told = []
    for stretch in stretches:
        values = [value for one in history if stretch.holds(one) and (value := read(one)) is not None]
        told.append(median(values) if len(values) >= FEWEST else None)
    return Level(name, unit, told[0], told[1], told[2], strays, high_is_bad=True)


def _suspects(alerts: Sequence[Alert], asset_class: AssetClass) -> list[str]:
    """The channels that spoke for the alerts, the loudest first; settings such as speed say nothing of wear."""
    told = [
        channel for alert in alerts for one in alert.evidence.get("deviations") or () for channel in one["channels"]
    ]
    loud = [one for alert in alerts for one in alert.evidence.get("contributions") or () if one.get("effect", 0) > 0]
    told += [one["channel"] for one in sorted(loud, key=lambda one: -one["effect"])]
    sensors = {one.name for one in asset_class.channels if one.role != "setting"}
    return [one for one in dict.fromkeys(told) if one in sensors][:MOST_CHANNELS]


def _channels(
    plant: Plant,
    asset_class: AssetClass,
    asset: str,
    channels: Sequence[str],
    stretches: Sequence[_Stretch],
    history: Sequence[Assessment],
) -> list[Level]:
    if not channels:
        return []
    read = {*channels, asset_class.running.channel} if asset_class.running else set(channels)
    running = []
    for stretch in stretches:
        bounds = _bounds(asset_class, stretch, history)
        frame = pd.DataFrame(columns=sorted(read), dtype="float64")
        if bounds is not None:
            store = ReadingStore(plant.history)
            rows = store.scan(asset_class, assets=[asset], channels=sorted(read), start=bounds[0], end=bounds[1])
            frame = rows[running_state(rows, asset_class) == RunningState.RUNNING]
        running.append(frame)
    levels = []
    for name in channels:
        channel = asset_class.channel(name)
        values = [frame[name].dropna().to_numpy(dtype=np.float64) for frame in running]
        means = [float(one.mean()) if len(one) >= FEWEST else None for one in values]
        strays = float(values[0].std()) if len(values[0]) >= FEWEST else 0.0
        levels.append(Level(channel.title, channel.unit, means[0], means[1], means[2], strays))
    return levels


def _bounds(
    asset_class: AssetClass, stretch: _Stretch, history: Sequence[Assessment]
) -> tuple[datetime, datetime] | tuple[float, float] | None:
    """The stretch on the class's axis; on a counter as the assessments knew it."""
    if asset_class.axis.kind == "time":
        return stretch.start, stretch.end
    counts = [one.data_usage for one in history if stretch.holds(one) and one.data_usage is not None]
    return (min(counts), max(counts)) if counts else None
