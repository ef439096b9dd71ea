"""Machines whose normal began anew after the model in charge had learnt it: their level is learnt in service, once, and frozen then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.learning.expected.healthy import healthy_rows
from pdm.learning.expected.model import ExpectedModel
from pdm.learning.expected.settle import SETTLE_ROWS, settle
from pdm.readings.baselines import baselines_from
from pdm.readings.exclusions import read_exclusions
from pdm.readings.tables import HistoryTables
from pdm.registry.bundle import Bundle
from pdm.scoring.watching import Watched


@dataclass(frozen=True)
class Begun:
    """Expected values with the new levels; since: asset -> position from which a machine counts again; told: what it says until then."""

    expected: ExpectedModel
    since: dict[str, float]
    told: dict[str, Watched]


def begun_anew(bundle: Bundle, asset_class: AssetClass, events: pd.DataFrame) -> dict[str, float]:
    """Asset -> beginning of its baseline, where that is newer than what the model in charge learnt its level from."""
    if bundle.watch is None:
        return {}
    begins = baselines_from(events, asset_class.axis, bundle.definition.watch.new_baseline_after)
    return {
        asset: begin
        for asset, begin in begins.items()
        if begin > learnt_until(bundle.watch.expected).get(asset, -np.inf)
    }


def learnt_until(model: ExpectedModel) -> dict[str, float]:
    """Asset -> position of the newest reading behind its level."""
    found: dict[str, float] = {}
    for channel in model.channels:
        for asset, own in channel.own.items():
            found[asset] = max(own.until, found.get(asset, own.until))
    return found


def settled(
    history: HistoryTables,
    bundle_expected: ExpectedModel,
    readings: pd.DataFrame,
    asset_class: AssetClass,
    begins: Mapping[str, float],
    now: datetime,
) -> Begun:
    """The new levels, from readings of these machines since they began anew (sorted by asset and time)."""
    sound = healthy_rows(readings, asset_class, None, read_exclusions(history, known_at=now))
    expected = settle(bundle_expected, readings, sound, asset_class, begins)
    until = learnt_until(expected)
    tags, position = readings["asset"].to_numpy(dtype=object), asset_class.axis.positions(readings["time"])
    told = {}
    for asset, begin in begins.items():
        if asset not in until:
            heard = int((sound & (tags == asset) & (position >= begin)).sum())
            sentence = f"its baseline begins anew ({_moment(begin, asset_class)}): {heard} of {SETTLE_ROWS} sound readings heard"
            told[asset] = Watched(flags=(sentence,))
    return Begun(expected, {asset: until[asset] for asset in begins if asset in until}, told)


def start_of(begins: Mapping[str, float], asset_class: AssetClass) -> datetime | None:
    """The moment from which readings are needed; None for all, on a counter."""
    if asset_class.axis.kind == "usage" or not begins:
        return None
    return datetime.fromtimestamp(0, UTC) + timedelta(hours=min(begins.values()))


def _moment(begin: float, asset_class: AssetClass) -> str:
    if asset_class.axis.kind == "usage":
        return f"at {begin:,.0f} {asset_class.axis.unit}"
    return f"{datetime.fromtimestamp(begin * 3600, UTC):%Y-%m-%d}"
