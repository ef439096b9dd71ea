"""One asset on one page: condition, remaining life, channels, and one timeline of everything that happened to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from pdm.alerts.alert import OPEN_STATES, Alert
from pdm.alerts.read_suppressions import read_suppressions
from pdm.catalogue import AssetClass, ModelDefinition
from pdm.errors import InputError, NotFound
from pdm.ports import Plant
from pdm.readings.registry import Asset, read_assets
from pdm.readings.store import ReadingStore
from pdm.scoring.assessment import Assessment, Contribution, Deviation
from pdm.units import duration
from pdm.views import words
from pdm.views.ahead import Ahead, ahead
from pdm.views.bands import expected_bands
from pdm.views.likely import PastLives, Race, past_lives, race
from pdm.views.rung import Standing, standing_of
from pdm.views.series import Chart, channel_charts, life_chart, risk_chart
from pdm.views.state import FourWords, four_words
from pdm.views.timeline import Entry, timeline
from pdm.work.request import OPEN_REQUESTS, WorkRequest

DAYS_SHOWN = 30


@dataclass(frozen=True)
class Reason:
    """One contribution as a sentence. share: 0..1 of the strongest one; worse: it raised the risk."""

    sentence: str
    share: float
    worse: bool


@dataclass(frozen=True)
class LifeBand:
    """The remaining-life band for drawing: places 0..1 between now and `end`, and the dates in the plant's zone.

    until: what would most likely end it, empty where nobody tells.
    """

    sentence: str
    until: str
    low: float
    median: float
    high: float
    dates: str
    end: str
    at_cap: bool


@dataclass(frozen=True)
class AssetPage:
    """Everything the asset page shows. since, until: the window of the channel charts, as words.

    rung_why: why the answer stands on its rung. blind: failures that these sensors do not show coming.
    """

    asset: Asset
    class_title: str
    words: FourWords
    assessed: str
    risks: tuple[str, ...]
    deviations: tuple[str, ...]
    life: LifeBand | None
    reasons: tuple[Reason, ...]
    quality_flags: tuple[str, ...]
    doubted: Mapping[str, str]
    rung: str
    rung_why: str
    blind: tuple[str, ...]
    standing: Standing
    bundle: str
    charts: tuple[Chart, ...]
    risk_chart: Chart
    life_chart: Chart
    timeline: tuple[Entry, ...]
    alerts: tuple[Alert, ...]
    requests: tuple[WorkRequest, ...]
    window: str
    usage: bool
    race: Race | None
    ahead: Ahead | None
    past: PastLives
    silence: str


def find_asset(plant: Plant, tag: str) -> Asset:
    """The asset with this tag.

    Raises:
        NotFound: nobody has registered it.
    """
    found = read_assets(plant.history).get(tag)
    if found is None:
        raise NotFound(f"no asset {tag!r}", hint="the fleet page lists all; register new ones with a CSV of assets")
    return found


def asset_page(plant: Plant, tag: str, *, since: datetime | None = None, until: datetime | None = None) -> AssetPage:
    """The page of one asset.

    since, until: the time window of charts and timeline (default: the 30 days up to the newest reading). On a usage axis the channel
    charts show the whole counter.

    Raises:
        NotFound: no such asset or class. InputError: the window is upside down.
    """
    asset = find_asset(plant, tag)
    asset_class = plant.catalogue.asset_class(asset.asset_class)
    model = plant.catalogue.models.get(asset.asset_class)
    now = plant.clock.now()
    start, end = _window(plant, asset, asset_class, since, until)
    with plant.unit_of_work() as work:
        latest = next(iter(work.assessments.latest(tag)), None)
        history = work.assessments.history(tag, start, max(end, now))
        alerts = work.alerts.list(asset=tag)
        requests = work.requests.list(asset=tag)
        verdicts = work.verdicts.list(asset=tag)
    readings = read_window(plant, asset_class, tag, start, end)
    titles = {mode.name: mode.title for mode in model.failure_modes} if model else {}
    standing = standing_of(plant, asset_class.name)
    coming = ahead(latest, asset_class, model, standing)
    return AssetPage(
        asset=asset,
        class_title=asset_class.title,
        words=four_words(latest, now, duration(plant.settings.stale_after)),
        assessed=words.ago(latest.as_of, now) if latest else "never",
        risks=risk_sentences(latest, asset_class, model),
        deviations=deviation_sentences(latest, model),
        life=life_band(latest, asset_class, plant.settings.time_zone, coming),
        reasons=reasons(latest.contributions) if latest else (),
        quality_flags=latest.quality_flags if latest else (),
        doubted=_doubted(latest, asset_class),
        rung=latest.rung if latest else "",
        rung_why=standing.why if latest and latest.rung == standing.rung else "",
        blind=standing.blind,
        standing=standing,
        bundle=latest.bundle if latest else "",
        charts=channel_charts(readings, asset_class, bands=expected_bands(plant, asset_class, readings)),
        risk_chart=risk_chart(history, titles, model.policy.threshold(asset.criticality) if model else None),
        life_chart=life_chart(history, asset_class.axis),
        timeline=timeline(plant, tag, alerts, requests, verdicts),
        alerts=tuple(alert for alert in alerts if alert.state in OPEN_STATES),
        requests=tuple(request for request in requests if request.state in OPEN_REQUESTS),
        window=_window_words(start, end, plant.settings.time_zone, asset_class),
        usage=asset_class.axis.kind == "usage",
        race=race(latest, asset_class, model),
        ahead=coming,
        past=past_lives(plant, latest, asset_class, model),
        silence=_silence(plant, asset, latest, now),
    )


def ahead_of(plant: Plant, tag: str) -> Ahead | None:
    """The time ahead of one asset by its newest assessment.

    Raises:
        NotFound: no such asset.
    """
    asset = find_asset(plant, tag)
    with plant.unit_of_work() as work:
        latest = next(iter(work.assessments.latest(tag)), None)
    model = plant.catalogue.models.get(asset.asset_class)
    return ahead(latest, plant.catalogue.asset_class(asset.asset_class), model, standing_of(plant, asset.asset_class))


def read_window(plant: Plant, asset_class: AssetClass, tag: str, start: datetime, end: datetime) -> pd.DataFrame:
    """The readings of one asset in `(start, end]`; on a usage axis all of them."""
    store = ReadingStore(plant.history)
    if asset_class.axis.kind == "usage":
        return store.scan(asset_class, assets=[tag])
    return store.scan(asset_class, assets=[tag], start=start, end=end)


def risk_sentences(
    assessment: Assessment | None, asset_class: AssetClass, model: ModelDefinition | None
) -> tuple[str, ...]:
    """Every risk with its horizon, the most probable first."""
    risks = sorted(assessment.risks, key=lambda risk: -risk.probability) if assessment else []
    return tuple(words.risk(risk, asset_class.axis, model) for risk in risks)


def deviation_sentences(assessment: Assessment | None, model: ModelDefinition | None) -> tuple[str, ...]:
    """What the watch list says, the strongest first, with the level in words; nothing while all is as expected."""
    found = sorted(assessment.deviations, key=lambda one: -one.level) if assessment else []
    clear = model.policy.clear_deviation if model else 0.5
    return tuple(sentence for one in found if one.level >= clear and one.sentence for sentence in _away(one, model))


def _away(one: Deviation, model: ModelDefinition | None) -> tuple[str, ...]:
    """A sentence per channel, then what they come to together."""
    title = words.mode_title(one.mode, model)
    unknown = title == words.mode_title("", model)
    fits = "it fits no failure mode in particular" if unknown else f"these are signs of {title[:1].lower()}{title[1:]}"
    above = (
        f"{one.level:.1f} times the alert limit" if one.level >= 1 else f"{100 * one.level:.0f} % of the alert limit"
    )
    parts = [part for part in one.sentence.split("; ") if part]
    return (*(f"{part[:1].upper()}{part[1:]}." for part in parts), f"Together {above}; {fits}.")


def _silence(plant: Plant, asset: Asset, latest: Assessment | None, now: datetime) -> str:
    """Why nobody is alerted about it now, and until when; empty where somebody would be."""
    marks = read_suppressions(plant.history, plant.catalogue.models, {asset.asset: asset})
    interval = marks.at(asset.asset, now, latest.data_usage if latest else None, now)
    if interval is None:
        return ""
    until = words.when(interval.end, plant.settings.time_zone) if isinstance(interval.end, datetime) else ""
    return f"Nobody is alerted {f'until {until}' if until else 'until further notice'}: {interval.reason}."


def _doubted(latest: Assessment | None, asset_class: AssetClass) -> dict[str, str]:
    """Channels whose unit is doubted: name -> title."""
    flags = latest.quality_flags if latest else ()
    return {
        channel.name: channel.title
        for channel in asset_class.channels
        if any(flag.startswith(f"{channel.title}: a level of about") for flag in flags)
    }


def reasons(contributions: Sequence[Contribution]) -> tuple[Reason, ...]:
    """Contributions as sentences, the strongest first."""
    strongest = max((abs(item.effect) for item in contributions), default=0.0)
    ranked = sorted(contributions, key=lambda item: -abs(item.effect))
    return tuple(
        Reason(item.sentence, abs(item.effect) / strongest if strongest else 0.0, item.effect > 0) for item in ranked
    )


def life_band(
    assessment: Assessment | None, asset_class: AssetClass, zone: str, ahead: Ahead | None = None
) -> LifeBand | None:
    """The band of the newest assessment, laid out between now and a fifth beyond its far end. ahead: what would end it."""
    life = assessment.remaining_life if assessment else None
    if life is None:
        return None
    axis = asset_class.axis
    end = max(life.high, life.low, axis.step) * 1.2
    dates = "" if life.at_cap else f"{words.day(life.low_date, zone)} to {words.day(life.high_date, zone)}"
    if life.open_end and not life.at_cap:
        dates = f"{words.day(life.low_date, zone)} to after {words.day(life.high_date, zone)}"
    return LifeBand(
        sentence=words.band(life, axis),
        until=ahead.until if ahead else "",
        low=round(life.low / end, 4),
        median=round(life.median / end, 4),
        high=1.0 if life.at_cap or life.open_end else round(life.high / end, 4),
        dates=dates if life.low_date else "",
        end=words.length(end, axis),
        at_cap=life.at_cap,
    )


def _window(
    plant: Plant, asset: Asset, asset_class: AssetClass, since: datetime | None, until: datetime | None
) -> tuple[datetime, datetime]:
    end = until or _newest(plant, asset, asset_class) or plant.clock.now()
    start = since or end - timedelta(days=DAYS_SHOWN)
    if start >= end:
        raise InputError(f"the window of {asset.asset} ends before it starts", hint="write since before until")
    return start, end


def _newest(plant: Plant, asset: Asset, asset_class: AssetClass) -> datetime | None:
    """Time of the newest reading, so that the charts of a machine whose data stopped are not empty."""
    if asset_class.axis.kind == "usage":
        return None
    return newest_readings(plant, asset_class).get(asset.asset)


def newest_readings(plant: Plant, asset_class: AssetClass) -> Mapping[str, datetime]:
    """The newest reading of every asset of a class: its time, or on a usage axis when it was recorded."""
    table = ReadingStore(plant.history).last(asset_class)
    column = "recorded_at" if asset_class.axis.kind == "usage" else "time"
    return {str(tag): moment.to_pydatetime() for tag, moment in zip(table["asset"], table[column], strict=True)}


def _window_words(start: datetime, end: datetime, zone: str, asset_class: AssetClass) -> str:
    if asset_class.axis.kind == "usage":
        return f"all {asset_class.axis.unit} on record"
    return f"{words.day(start, zone)} to {words.day(end, zone)}"
