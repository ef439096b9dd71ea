"""Readings as chart series: thinned to what a screen shows without hiding a spike, each with a sentence for those who cannot see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass, Axis, Channel
from pdm.catalogue.axis import microseconds
from pdm.scoring.assessment import Assessment
from pdm.views import words
from pdm.views.bands import Band

BUCKETS = 400
Values = tuple[float | None, ...]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """One line of a chart; low and high are the extremes around it, empty where every value is shown. band_words: what they mean."""

    title: str
    values: Values
    low: Values = ()
    high: Values = ()
    band_words: str = ""


@dataclass(frozen=True)
class Chart:
    """One chart. x: seconds since 1970 (UTC) when `time`, else positions on the counter `x_unit`. summary: the same in words.

    stacked: the lines are shares that stand on each other. rest: what the room above them means. limit_words: what a limit means.
    """

    name: str
    title: str
    unit: str
    x: tuple[float, ...]
    lines: tuple[Line, ...]
    summary: str
    time: bool = True
    x_unit: str = ""
    limits: tuple[float, ...] = ()
    range: tuple[float, float] | None = None
    stacked: bool = False
    rest: str = ""
    limit_words: str = ""

    @property
    def drawn(self) -> bool:
        """Whether there is any value to draw."""
        return any(value is not None for line in self.lines for value in line.values)


def channel_charts(
    readings: pd.DataFrame,
    asset_class: AssetClass,
    buckets: int = BUCKETS,
    bands: Mapping[str, Band] | None = None,
) -> tuple[Chart, ...]:
    """A chart per channel of one asset's readings (as `ReadingStore.scan` gives them), what answers to wear first.

    More than `buckets` points are thinned. A bucket keeps its mean, lowest and highest value: a spike of one reading stays
    visible in a year of them. bands: what is expected of a sound machine, by channel.
    """
    x = positions(readings, asset_class.axis)
    usage = asset_class.axis.kind == "usage"
    return tuple(
        _channel_chart(
            x,
            readings[channel.name].to_numpy(dtype=np.float64),
            channel,
            buckets,
            usage,
            asset_class.axis,
            (bands or {}).get(channel.name),
        )
        for channel in sorted(asset_class.channels, key=lambda channel: channel.role != "condition")
        if channel.name in readings.columns
    )


def positions(readings: pd.DataFrame, axis: Axis) -> Floats:
    """Places on the chart's horizontal axis: seconds since 1970, or the counter."""
    if axis.kind == "usage":
        return readings["time"].to_numpy(dtype=np.float64)
    return microseconds(readings["time"]) / 1e6


def thin(x: Floats, y: Floats, buckets: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Place, mean, lowest and highest of equal buckets along x; NaN where a bucket has no value, empty buckets left out.

    >>> thin(np.arange(4.0), np.array([1.0, 9.0, 2.0, 4.0]), 2)[3].tolist()
    [9.0, 4.0]
    """
    if not len(x):
        return x, y, y, y
    width = (x[-1] - x[0]) / buckets or 1.0
    number = np.minimum(((x - x[0]) / width).astype(np.int64), buckets - 1)
    table = pd.DataFrame({"x": x, "y": y}).groupby(number)
    y_of = table["y"]
    columns = (table["x"].mean(), y_of.mean(), y_of.min(), y_of.max())
    place, mean, low, high = (column.to_numpy(dtype=np.float64) for column in columns)
    return place, mean, low, high


def risk_chart(history: Sequence[Assessment], titles: dict[str, str], raise_at: float | None) -> Chart:
    """P(failure within the horizon) of every mode over the assessments, in percent."""
    x = _moments(history)
    modes = sorted({risk.mode for item in history for risk in item.risks})
    lines = []
    for mode in modes:
        found = [next((risk.probability for risk in item.risks if risk.mode == mode), None) for item in history]
        lines.append(
            Line(titles.get(mode, mode), tuple(None if value is None else round(value * 100, 2) for value in found))
        )
    limits = () if raise_at is None else (raise_at * 100,)
    said = "" if raise_at is None else f"dashed: {words.percent(raise_at)} raise an alert"
    return Chart(
        "risk", "Risk", "%", x, tuple(lines), _risk_summary(lines), limits=limits, range=(0.0, 100.0), limit_words=said
    )


def life_chart(history: Sequence[Assessment], axis: Axis) -> Chart:
    """The remaining-life band over the assessments, in days on the calendar, else in the counter's unit."""
    known = [item for item in history if item.remaining_life is not None]
    scale, unit = (24.0, "days") if axis.kind == "time" else (1.0, axis.unit)
    lives = [item.remaining_life for item in known if item.remaining_life is not None]

    def column(name: str) -> Values:
        return tuple(round(getattr(life, name) / scale, 2) for life in lives)

    line = Line("middle of the band", column("median"), column("low"), column("high"), "shaded: 90 % of such machines")
    summary = "No remaining life has been estimated yet."
    if lives:
        first, last = words.band(lives[0], axis), words.band(lives[-1], axis)
        summary = f"The 90 % band went from {first} to {last}." if first != last else f"The 90 % band stays at {last}."
    return Chart("remaining_life", "Remaining life", unit, _moments(known), (line,) if lives else (), summary)


def _moments(history: Sequence[Assessment]) -> tuple[float, ...]:
    return tuple(item.as_of.timestamp() for item in history)


def _channel_chart(
    x: Floats, y: Floats, channel: Channel, buckets: int, usage: bool, axis: Axis, band: Band | None
) -> Chart:
    if len(x) > buckets:
        place, mean, low, high = thin(x, y, buckets)
        line = Line(channel.title, _plain(mean), _plain(low), _plain(high))
    else:
        place, line = x, Line(channel.title, _plain(y))
    return Chart(
        name=channel.name,
        title=channel.title,
        unit="" if channel.unit == "1" else channel.unit,
        x=tuple(np.round(place, 3).tolist()),
        lines=(line, *_expected(x, band, buckets)),
        summary=_summary(y, channel, band),
        time=not usage,
        x_unit=axis.unit if usage else "",
    )


def _expected(x: Floats, band: Band | None, buckets: int) -> tuple[Line, ...]:
    """The expected band as a line of its own."""
    if band is None:
        return ()
    parts = [band.middle, band.low, band.high]
    if len(x) > buckets:
        parts = [thin(x, part, buckets)[1] for part in parts]
    middle, low, high = map(_plain, parts)
    return (Line("expected of a sound machine", middle, low, high, "shaded: its usual range"),)


def _plain(values: Floats) -> Values:
    """JSON knows no NaN."""
    return tuple(None if bad else float(f"{value:.6g}") for value, bad in zip(values, np.isnan(values), strict=True))


def _summary(y: Floats, channel: Channel, band: Band | None = None) -> str:
    """Latest value against what is expected of a sound machine, else against the range before it, as one sentence."""
    good = y[~np.isnan(y)]
    unit = "" if channel.unit == "1" else f" {channel.unit}"
    if not len(good):
        return "No good values in this window."
    if said := band and _against(y, band, unit):
        text = said
    else:
        low, high = np.quantile(good, [0.05, 0.95])
        text = f"Latest {words.number(good[-1])}{unit}; usually {words.number(low)} to {words.number(high)}{unit}"
    extremes = f"; lowest {words.number(good.min())}, highest {words.number(good.max())}"
    return f"{text}{extremes}."


def _against(y: Floats, band: Band, unit: str) -> str:
    """The latest value with an expectation beside it; empty where there is none."""
    known = np.flatnonzero(~np.isnan(y) & np.isfinite(band.low) & np.isfinite(band.high))
    if not len(known):
        return ""
    at = int(known[-1])
    value, low, high = float(y[at]), float(band.low[at]), float(band.high[at])
    away = "below" if value < low else "above" if value > high else "inside"
    newest = float(y[~np.isnan(y)][-1])
    told = f"Latest {words.number(value)}{unit}"
    if np.flatnonzero(~np.isnan(y))[-1] != at:
        told = f"Latest {words.number(newest)}{unit}, out of normal running, where nothing is expected; before, {words.number(value)}{unit}"
    return (
        f"{told}, expected {words.number(float(band.middle[at]))}{unit} "
        f"({words.number(low)} to {words.number(high)}): {away} the band"
    )


def _risk_summary(lines: Sequence[Line]) -> str:
    parts = []
    for line in lines:
        known = [value for value in line.values if value is not None]
        if known:
            parts.append(
                f"{line.title}: {words.percent(known[0] / 100)} at first, {words.percent(known[-1] / 100)} now, "
                f"{words.percent(max(known) / 100)} at most."
            )
    return " ".join(parts) or "Nothing has been predicted yet."
