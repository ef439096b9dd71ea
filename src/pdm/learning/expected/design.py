"""The inputs of an expected value as the terms of a regression: constant, each input, its square, and products of two.

A machine's answer to load and weather is smooth: a few curved terms follow it, and beyond the range seen they are held at its edge,
so that a cold spell nobody has seen is not taken for a fault (nor explained away by a parabola that runs off).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

HELD_STEPS = 24.0
EDGE = 4.0
"""Inputs are held at so many standard deviations from their centre."""


@dataclass(frozen=True)
class Design:
    """Which channels explain the others, and how they are scaled. centre, scale: one number per input, in its unit."""

    inputs: tuple[str, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]

    @property
    def size(self) -> int:
        """How many terms there are."""
        count = len(self.inputs)
        return 1 + 2 * count + count * (count - 1) // 2

    def terms(self, values: Floats) -> Floats:
        """Terms of each row, [n, size]; NaN where an input is missing. values: [n, inputs] in their units."""
        scaled = np.clip((values - np.asarray(self.centre)) / np.asarray(self.scale), -EDGE, EDGE)
        count = scaled.shape[1]
        products = [scaled[:, i] * scaled[:, j] for i in range(count) for j in range(i)]
        return np.column_stack([np.ones(len(scaled)), scaled, scaled**2, *products])


def design_of(inputs: tuple[str, ...], values: Floats) -> Design:
    """A design scaled by healthy rows; values: [n, inputs], rows with a gap are left out."""
    known = values[np.isfinite(values).all(axis=1)] if len(inputs) else values
    if not len(known) or not len(inputs):
        return Design(inputs, (0.0,) * len(inputs), (1.0,) * len(inputs))
    spread = np.std(known, axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    return Design(inputs, tuple(np.median(known, axis=0).tolist()), tuple(scale.tolist()))


def values_of(readings: pd.DataFrame, names: tuple[str, ...], asset_class: AssetClass) -> Floats:
    """Channels as float64 [n, channels]; one that is written by exception holds its value, for a day of steps at most.

    readings: sorted by asset and time.
    """
    table = readings.reindex(columns=list(names)).to_numpy(np.float64, copy=True)
    by_exception = [n for n, name in enumerate(names) if asset_class.channel(name).sampling == "exception"]
    if not by_exception or not len(table):
        return table
    asset = pd.factorize(readings["asset"])[0]
    first = np.maximum.accumulate(np.where(np.append(True, asset[1:] != asset[:-1]), np.arange(len(asset)), 0))
    position = asset_class.axis.positions(readings["time"])
    for column in by_exception:
        latest = np.maximum.accumulate(np.where(np.isnan(table[:, column]), -1, np.arange(len(table))))
        held = (latest >= first) & (position - position[latest] <= HELD_STEPS * asset_class.axis.step)
        table[:, column] = np.where(held, table[latest, column], np.nan)
    return table


def inputs_of(asset_class: AssetClass) -> tuple[str, ...]:
    """The channels that explain the others: settings and weather; without a setting also what the running rule looks at, as load."""
    explain = [channel.name for channel in asset_class.channels if channel.role != "condition"]
    load = asset_class.running.channel if asset_class.running else ""
    if load and not any(channel.role == "setting" for channel in asset_class.channels) and load not in explain:
        explain.append(load)
    return tuple(explain)
