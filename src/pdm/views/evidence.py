"""The measurements that an alert rests on, drawn beside what a sound machine would have shown in the same load and weather."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pdm.catalogue import AssetClass
from pdm.ports import Plant
from pdm.scoring.assessment import Assessment, Contribution
from pdm.views.asset import read_window
from pdm.views.bands import expected_bands
from pdm.views.series import Chart, channel_charts

SHOWN = 3
"""More charts than this are for the asset's page."""


def evidence_charts(
    plant: Plant,
    asset_class: AssetClass,
    tag: str,
    told: Sequence[Contribution],
    latest: Assessment | None,
    *,
    since: datetime,
    until: datetime,
) -> tuple[Chart, ...]:
    """Charts of the channels that speak for the suspicion, the strongest first; on a usage axis over the whole counter."""
    chosen = speaking_channels(told, latest, asset_class)[:SHOWN]
    if not chosen:
        return ()
    readings = read_window(plant, asset_class, tag, since, until)
    if readings.empty:
        return ()
    bands = expected_bands(plant, asset_class, readings)
    charts = channel_charts(readings[["asset", "time", *chosen]], asset_class, bands=bands)
    return tuple(sorted((chart for chart in charts if chart.drawn), key=lambda chart: chosen.index(chart.name)))


def speaking_channels(told: Sequence[Contribution], latest: Assessment | None, asset_class: AssetClass) -> list[str]:
    """Channels that raise the risk, then those that deviate from what is expected, the strongest first."""
    raising = sorted((one for one in told if one.effect > 0), key=lambda one: -one.effect)
    away = sorted(latest.deviations, key=lambda one: -one.level) if latest else []
    named = [one.channel for one in raising] + [channel for one in away for channel in one.channels]
    known = set(asset_class.channel_names)
    return list(dict.fromkeys(channel for channel in named if channel in known))
