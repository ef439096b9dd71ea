"""Questions to operations with what they rest on: who moved, how far, and the channel that all of them speak of, in one chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from pdm.alerts.alert import OPEN_STATES, UNSPECIFIED, Alert
from pdm.alerts.notice import Notice
from pdm.catalogue import AssetClass
from pdm.ports import Plant
from pdm.readings.registry import Asset, read_assets
from pdm.readings.store import ReadingStore
from pdm.views import words
from pdm.views.series import Chart, Line, positions
from pdm.views.similar import channels_of

DAYS = 14
STEPS = 112
"""Points of the chart: one for three hours."""
LINES = 4
"""More lines than that nobody can tell apart."""
ANSWERED = 10
_SAID = {"process": "it is the process", "machine": "each machine is looked at for itself"}


@dataclass(frozen=True)
class Member:
    """One machine that a question is about. share: its probability, 0..1, for a bar; alert: its open alert, if it has one."""

    asset: str
    description: str
    alert: str
    risk: str
    share: float
    since: str


@dataclass(frozen=True)
class NoticePage:
    """One question. chart: the channel that speaks loudest, of the machines that moved furthest; answer: who said what, and when."""

    notice: Notice
    suspicion: str
    asked: str
    members: tuple[Member, ...]
    chart: Chart | None
    answer: str


@dataclass(frozen=True)
class Notices:
    """What waits for operations, the oldest first, and what was answered lately, the newest first."""

    open: tuple[NoticePage, ...]
    answered: tuple[NoticePage, ...]


def notices(plant: Plant) -> Notices:
    """Every open question, and the last ten answers."""
    assets = read_assets(plant.history)
    with plant.unit_of_work() as work:
        every = work.notices.list()
        alerts = work.alerts.list(states=sorted(OPEN_STATES))
    waiting = sorted((one for one in every if one.state == "open"), key=lambda one: (one.opened_at, one.id))
    answered = sorted((one for one in every if one.answered_at), key=lambda one: one.answered_at or one.opened_at)
    return Notices(
        tuple(_page(plant, one, _about(one, alerts), assets) for one in waiting),
        tuple(_page(plant, one, [], assets) for one in answered[::-1][:ANSWERED]),
    )


def _about(notice: Notice, alerts: Sequence[Alert]) -> list[Alert]:
    """The open alerts that a question is about, the furthest first."""
    found = [
        one for one in alerts if one.case_id in notice.cases and one.failure_mode in (notice.suspicion, UNSPECIFIED)
    ]
    return sorted(found, key=lambda one: (-one.probability, one.asset))


def _page(plant: Plant, notice: Notice, alerts: Sequence[Alert], assets: Mapping[str, Asset]) -> NoticePage:
    now, zone = plant.clock.now(), plant.settings.time_zone
    asset_class = plant.catalogue.classes.get(notice.asset_class)
    titles = {one.name: one.title for one in asset_class.channels} if asset_class else {}
    suspicion = titles.get(notice.suspicion) or words.mode_title(
        notice.suspicion, plant.catalogue.models.get(notice.asset_class)
    )
    said = f"{notice.answered_by}, {words.when(notice.answered_at, zone)}: {_SAID.get(notice.answer, '')}. {notice.why}"
    mine = {one.asset: one for one in alerts}
    furthest = [*mine, *(tag for tag in notice.assets if tag not in mine)]
    return NoticePage(
        notice=notice,
        suspicion=suspicion,
        asked=f"{words.when(notice.opened_at, zone)} ({words.ago(notice.opened_at, now)})",
        members=tuple(_member(plant, tag, mine.get(tag), assets.get(tag), asset_class) for tag in furthest),
        chart=_chart(plant, notice, alerts, furthest, asset_class) if notice.state == "open" and asset_class else None,
        answer=said if notice.state != "open" else "",
    )


def _member(plant: Plant, tag: str, alert: Alert | None, asset: Asset | None, asset_class: AssetClass | None) -> Member:
    description = asset.description if asset else ""
    if alert is None:
        return Member(tag, description, "", words.NO_VALUE, 0.0, words.NO_VALUE)
    within = f" within {words.horizon(alert.horizon, asset_class.axis)}" if alert.horizon and asset_class else ""
    risk = f"{words.percent(alert.probability)}{within}" if alert.horizon else alert.deviation or words.NO_VALUE
    return Member(tag, description, alert.id, risk, alert.probability, words.ago(alert.raised_at, plant.clock.now()))


def _chart(
    plant: Plant, notice: Notice, alerts: Sequence[Alert], furthest: Sequence[str], asset_class: AssetClass
) -> Chart | None:
    """The channel that most of these alerts name, over the fortnight before now; None on a counter, or where none is named."""
    known = {one.name: one for one in asset_class.channels}
    counts = Counter(name for alert in alerts for name in channels_of(alert) if name in known)
    counts.update({notice.suspicion: len(alerts) + 1} if notice.suspicion in known else {})
    if not counts or asset_class.axis.kind == "usage":
        return None
    channel = known[counts.most_common(1)[0][0]]
    end = plant.clock.now()
    start = end - timedelta(days=DAYS)
    shown = list(furthest[:LINES])
    readings = ReadingStore(plant.history).scan(
        asset_class, assets=shown, channels=[channel.name], start=start, end=end
    )
    edges = np.linspace(start.timestamp(), end.timestamp(), STEPS + 1)
    place = np.clip(np.searchsorted(edges, positions(readings, asset_class.axis)) - 1, 0, STEPS - 1)
    means = readings[channel.name].groupby([readings["asset"], place]).mean()
    lines = tuple(
        Line(tag, tuple(_value(means.get((tag, step), np.nan)) for step in range(STEPS)))
        for tag in shown
        if tag in means.index.get_level_values(0)
    )
    middle = tuple(np.round((edges[1:] + edges[:-1]) / 2, 0).tolist())
    unit = "" if channel.unit == "1" else channel.unit
    chart = Chart(f"{notice.id}-{channel.name}", channel.title, unit, middle, lines, _summary(lines, unit))
    return chart if chart.drawn else None


def _value(mean: float) -> float | None:
    return None if np.isnan(mean) else float(f"{mean:.6g}")


def _summary(lines: Sequence[Line], unit: str) -> str:
    """How far each machine went in this stretch, as one sentence."""
    parts = []
    for line in lines:
        good = [value for value in line.values if value is not None]
        if good:
            parts.append(f"{line.title} from {words.number(good[0])} to {words.number(good[-1])} {unit}".strip())
    return f"In the last {DAYS} days: {'; '.join(parts)}." if parts else "No good values in this stretch."
