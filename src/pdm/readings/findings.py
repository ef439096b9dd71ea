"""What is odd about readings, in plain words: gaps, sensors that stand still, impossible values, jumps of unit, times to come.

A finding disturbs nobody and changes no value; it tells the people who own the sensors where to look. How a channel is sampled
matters: one that is written by exception is silent while nothing moves, so its silence is neither a gap nor a fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass, Channel
from pdm.readings.jumps import Jump, find_jumps, find_strangers
from pdm.readings.phrases import Position, number, place, speaker
from pdm.readings.running import RunningState, running_state
from pdm.readings.standing import find_standing

Kind = Literal["gap", "stuck", "out_of_range", "unit_jump", "future"]

GAP_STEPS = 3.0
STUCK_STEPS = 24
AHEAD = timedelta(minutes=5)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Finding:
    """One oddity. channel: "" when it is about all of them. start, end: in the type of the class's `time` column."""

    asset: str
    channel: str
    kind: Kind
    start: Position
    end: Position
    sentence: str


@dataclass(frozen=True)
class _Table:
    """Readings sorted by asset and time, as arrays."""

    tags: npt.NDArray[np.object_]
    asset: Ints
    position: Floats
    step: Floats  # [assets] usual distance of two rows, at least the class's
    running: Flags
    resting: Flags
    values: dict[str, Floats]


def findings(
    readings: pd.DataFrame,
    asset_class: AssetClass,
    *,
    now: datetime,
    zone: str = "UTC",
    gap_steps: float = GAP_STEPS,
    stuck_steps: int = STUCK_STEPS,
) -> list[Finding]:
    """What is odd about the readings of one class, sorted by asset, then by time.

    readings: `asset`, `time` and channels, raw (impossible values included when they are to be found).
    zone: IANA zone in which sentences tell the time. gap_steps: a gap is longer than so many usual steps.
    stuck_steps: so many equal readings in a row, while the machine runs, are a sensor that stands still.
    """
    if readings.empty:
        return []
    table = _table(readings, asset_class)
    teller = _Teller(table, asset_class, now, zone)
    found = teller.gaps(gap_steps) + teller.future()
    for channel in asset_class.channels:
        if channel.name in table.values and not np.isnan(table.values[channel.name]).all():
            found += teller.out_of_range(channel) + teller.stuck(channel, stuck_steps) + teller.jumps(channel)
    return sorted(found, key=lambda finding: (finding.asset, finding.start, finding.channel))


@dataclass(frozen=True)
class _Teller:
    table: _Table
    asset_class: AssetClass
    now: datetime
    zone: str

    def gaps(self, steps: float) -> list[Finding]:
        """Silence of a whole asset, and of single channels while the others go on."""
        silent = [c.name for c in self.asset_class.channels if c.sampling == "exception"]
        heard = {name: ~np.isnan(values) for name, values in self.table.values.items() if name not in silent}
        if not heard:
            return []
        whole = self._silences(np.logical_or.reduce(list(heard.values())), steps)
        known = {(first, last) for first, last in whole}
        found = [self._gap(None, first, last) for first, last in whole]
        for name, flags in heard.items():
            single = [pair for pair in self._silences(flags, steps) if pair not in known]
            found += [self._gap(self.asset_class.channel(name), first, last) for first, last in single]
        return found

    def _silences(self, heard: Flags, steps: float) -> list[tuple[int, int]]:
        rows = np.flatnonzero(heard)
        asset, position = self.table.asset[rows], self.table.position[rows]
        steps_apart = np.diff(position)
        same = asset[1:] == asset[:-1]
        usual = _usual_step(asset, position, self.table.step)
        long = np.flatnonzero(same & (steps_apart > steps * usual[asset[1:]]))
        return [(int(rows[n]), int(rows[n + 1])) for n in long.tolist()]

    def _gap(self, channel: Channel | None, first: int, last: int) -> Finding:
        what = f"{channel.title} is missing" if channel else "sent nothing"
        return self._finding("gap", channel, first, last, f"{what} from {{start}} to {{end}}")

    def future(self) -> list[Finding]:
        """Rows that carry a time which has not come yet."""
        if self.asset_class.axis.kind == "usage":
            return []
        ahead = self.table.position > (self.now + AHEAD).timestamp() / 3600.0
        return [
            self._finding("future", None, rows[0], rows[-1], f"sent {_count(rows)} with times to come, up to {{end}}")
            for rows in self._by_asset(ahead)
        ]

    def out_of_range(self, channel: Channel) -> list[Finding]:
        """Values that the channel's definition calls impossible."""
        values, found = self.table.values[channel.name], []
        sides = ((channel.low, -1.0, "below"), (channel.high, 1.0, "above"))
        for limit, sign, word in sides:
            if limit is None:
                continue
            for rows in self._by_asset(sign * (values - limit) > 0):
                worst = values[rows][np.argmax(sign * values[rows])]
                found.append(
                    self._finding(
                        "out_of_range",
                        channel,
                        rows[0],
                        rows[-1],
                        f"{channel.title} read {_measured(float(worst), channel)}, {word} the possible {limit:g}, "
                        f"in {_count(rows)} from {{start}} to {{end}}",
                    )
                )
        return found

    def stuck(self, channel: Channel, steps: int) -> list[Finding]:
        """A value that does not move while the machine runs. Settings may stand; a machine at rest may too."""
        if channel.role == "setting":
            return []
        values, table = self.table.values[channel.name], self.table
        runs = find_standing(
            values, table.asset, table.position, table.step, table.running, table.resting, channel, steps
        )
        found = []
        for first, last in runs:
            value = _measured(float(values[first]), channel)
            how = f"stood still at {value}"
            if channel.sampling == "exception":
                how = f"moved by no more than its dead band ({channel.dead_band:g}{_unit(channel)}) around {value}"
            found.append(
                self._finding("stuck", channel, first, last, f"{channel.title} {how} from {{start}} to {{end}}")
            )
        return found

    def jumps(self, channel: Channel) -> list[Finding]:
        """Levels that change by what a change of unit would do, within an asset or against its sisters."""
        table = self.table
        steady = table.running
        rule = self.asset_class.running
        if rule is not None and rule.channel == channel.name:
            steady = np.ones(len(table.asset), dtype=bool)  # in the wrong unit it would seem to stand
        values = table.values[channel.name]
        inside = find_jumps(values, table.asset, steady, channel)
        jumped = {int(table.asset[jump.row]) for jump in inside}
        found = [self._jump(channel, jump, "from {start} on") for jump in inside]
        strangers = find_strangers(values, table.asset, steady, channel, except_for=jumped)
        return found + [
            self._jump(channel, jump, f"compared with the other assets of class {self.asset_class.name}")
            for jump in strangers
        ]

    def _jump(self, channel: Channel, jump: Jump, where: str) -> Finding:
        text = (
            f"{channel.title} is about {_measured(jump.after, channel)} instead of {number(jump.before)} "
            f"{where}: {jump.reading}?"
        )
        rows = np.flatnonzero(self.table.asset == self.table.asset[jump.row])
        return self._finding("unit_jump", channel, jump.row, int(rows[-1]), text)

    def _by_asset(self, flags: Flags) -> list[Ints]:
        rows = np.flatnonzero(flags)
        if not rows.size:
            return []
        return np.split(rows, np.flatnonzero(np.diff(self.table.asset[rows])) + 1)

    def _finding(self, kind: Kind, channel: Channel | None, first: int, last: int, text: str) -> Finding:
        axis, table = self.asset_class.axis, self.table
        say = speaker(axis, self.zone, self.now)
        start, end = float(table.position[first]), float(table.position[last])
        tag = str(table.tags[table.asset[first]])
        sentence = f"{tag} {text.format(start=say(start), end=say(end))}"
        return Finding(tag, channel.name if channel else "", kind, place(axis, start), place(axis, end), sentence)


def _table(readings: pd.DataFrame, asset_class: AssetClass) -> _Table:
    asset, tags = pd.factorize(readings["asset"], sort=True)
    position = asset_class.axis.positions(readings["time"])
    order = np.lexsort((position, asset))
    names = [name for name in asset_class.channel_names if name in readings]
    values = {name: readings[name].to_numpy(dtype=np.float64)[order] for name in names}
    state = _state(readings.iloc[order], asset_class)
    sorted_asset, sorted_position = asset[order].astype(np.int64), position[order]
    at_least = np.full(len(tags), asset_class.axis.step)
    step = _usual_step(sorted_asset, sorted_position, at_least)
    running = state == RunningState.RUNNING
    resting = (state == RunningState.STANDBY) | (state == RunningState.TRANSIENT)
    return _Table(np.asarray(tags, dtype=object), sorted_asset, sorted_position, step, running, resting, values)


def _state(readings: pd.DataFrame, asset_class: AssetClass) -> npt.NDArray[np.int8]:
    """The running state of each row; a row without the rule's channel takes over the state before it."""
    rule = asset_class.running
    if rule is not None and rule.channel not in readings:
        return np.full(len(readings), RunningState.RUNNING, dtype=np.int8)
    state = pd.Series(running_state(readings, asset_class), index=readings.index).astype("float64")
    held = state.where(state != RunningState.UNKNOWN).groupby(readings["asset"]).ffill()
    return held.fillna(int(RunningState.UNKNOWN)).to_numpy().astype(np.int8)


def _usual_step(asset: Ints, position: Floats, at_least: Floats) -> Floats:
    """The median distance of two rows per asset, never below `at_least`."""
    same = asset[1:] == asset[:-1]
    medians = pd.Series(np.diff(position)[same]).groupby(asset[1:][same]).median()
    usual = at_least.copy()
    usual[medians.index] = np.maximum(usual[medians.index], medians.to_numpy())
    return usual


def _count(rows: Ints) -> str:
    return f"{len(rows):,} readings" if len(rows) > 1 else "1 reading"


def _measured(value: float, channel: Channel) -> str:
    """A value with its unit; a plain number has none to say."""
    return f"{number(value)}{_unit(channel)}"


def _unit(channel: Channel) -> str:
    return "" if channel.unit == "1" else f" {channel.unit}"
