"""What the watch list needs to know of every reading, made once: a replay asks a thousand moments about the same rows.

A row's values rest on the same row and on the day before it (a channel by exception holds its value), on nothing later. So rows made
from a long history are those that a round of scoring makes from the weeks it reads, as long as it reads `MARGIN_STEPS` more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.learning.expected.apply import expect
from pdm.learning.expected.design import HELD_STEPS, Bools, Floats
from pdm.learning.expected.model import ExpectedModel
from pdm.readings.running import RunningState, running_state

Ints = npt.NDArray[np.int64]

MARGIN_STEPS = HELD_STEPS + 1
"""So many steps before the first day are read as well."""


@dataclass(frozen=True)
class Rows:
    """Rows of a class in order of asset and time.

    assets: tags; firsts: the first row of each, and behind them how many there are. position: native units.
    running: whether the machine runs. told: whether anything says so in this very row.
    read, residual, standardised, spread: [n, channels] as in `Expected`. step, settle: native units.
    """

    assets: tuple[str, ...]
    firsts: Ints
    position: Floats
    running: Bools
    told: Bools
    read: Floats
    residual: Floats
    standardised: Floats
    spread: Floats
    step: float
    settle: float

    def some(self, lows: Ints, highs: Ints) -> Rows:
        """Of each asset the rows `lows` to `highs`; an asset without any is left out."""
        there = np.flatnonzero(highs > lows)
        rows = np.concatenate([np.empty(0, np.int64), *(np.arange(lows[place], highs[place]) for place in there)])
        taken = {name: getattr(self, name)[rows] for name in _BY_ROW}
        firsts = np.concatenate([[0], np.cumsum(highs[there] - lows[there])]).astype(np.int64)
        return Rows(tuple(self.assets[place] for place in there), firsts, **taken, step=self.step, settle=self.settle)


_BY_ROW = tuple(one.name for one in fields(Rows) if one.name not in ("assets", "firsts", "step", "settle"))


def watch_rows(model: ExpectedModel, readings: pd.DataFrame, asset_class: AssetClass) -> Rows:
    """The rows of `readings` (sorted by asset and time)."""
    told = expect(model, readings, asset_class)
    rule = asset_class.running
    codes, names = pd.factorize(readings["asset"].to_numpy(dtype=object), sort=True)
    known = np.ones(len(readings), dtype=bool)
    if rule is not None:
        known = np.isfinite(readings[rule.channel].to_numpy(dtype=np.float64))
    return Rows(
        tuple(str(name) for name in names),
        np.searchsorted(codes, np.arange(len(names) + 1)).astype(np.int64),
        asset_class.axis.positions(readings["time"]),
        running_state(readings, asset_class) == RunningState.RUNNING,
        known,
        told.read,
        told.residual,
        told.standardised,
        told.spread,
        asset_class.axis.step,
        rule.settle if rule else 0.0,
    )


def beside(parts: Sequence[Rows]) -> Rows:
    """Rows of different assets as one table, in the order of their tags."""
    owner = sorted((asset, part, place) for part, rows in enumerate(parts) for place, asset in enumerate(rows.assets))
    spans = [(part, int(parts[part].firsts[place]), int(parts[part].firsts[place + 1])) for _, part, place in owner]
    taken = {
        name: np.concatenate([getattr(parts[part], name)[low:high] for part, low, high in spans]) for name in _BY_ROW
    }
    firsts = np.concatenate([[0], np.cumsum([high - low for _, low, high in spans])]).astype(np.int64)
    first = parts[0]
    return Rows(tuple(asset for asset, *_ in owner), firsts, **taken, step=first.step, settle=first.settle)


def aligned(rows: Rows, end: float, since: Mapping[str, float]) -> tuple[Rows, dict[str, float]]:
    """Machines that count on their own, laid so that the newest row of each stands at `end`; and their moments of `since` with them.

    Cycle 500 of one engine is not cycle 500 of its sister: days are counted back from where each of them stands.
    """
    newest = rows.position[rows.firsts[1:] - 1]
    shift = dict(zip(rows.assets, (end - newest).tolist(), strict=True))
    moved = rows.position + np.repeat(end - newest, np.diff(rows.firsts))
    return replace(rows, position=moved), {asset: at + shift.get(asset, 0.0) for asset, at in since.items()}


def counted_from(rows: Rows, lows: Ints, highs: Ints, restored: Mapping[str, float]) -> Floats:
    """Up to which position each asset's rows say nothing, [assets]: a repair, or nobody knew yet whether it had settled."""
    since = np.array([restored.get(asset, -np.inf) for asset in rows.assets])
    for place, (low, high) in enumerate(zip(lows, highs, strict=True)):
        heard = rows.told[low:high]
        first = int(np.argmax(heard)) if len(heard) else 0
        settled = rows.position[low + first] + rows.settle if len(heard) and heard[first] else np.inf
        since[place] = max(since[place], np.nextafter(settled, -np.inf))
    return since
