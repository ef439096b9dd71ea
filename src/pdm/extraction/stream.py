"""Features as readings come in: the next feature rows of every asset, bit for bit those of `extract` on its whole history.

A stream keeps of each asset the readings its windows still look back on, those that may still be corrected (`keep`), and a
checkpoint of everything that counts from the beginning: lives, drift, smoothed means, run hours, the grid of rows.
Nothing is approximated: what cannot be answered exactly any more is refused with a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue.asset_class import Channel, RunningRule
from pdm.catalogue.axis import Axis, microseconds
from pdm.catalogue.feature_set import FeatureSet
from pdm.clock import aware
from pdm.errors import ColumnsError, InputError
from pdm.extraction.extract import check_held
from pdm.extraction.history_needed import needs_events, needs_lives
from pdm.extraction.plan import make_plan
from pdm.extraction.scale import Ticks
from pdm.extraction.stream_asset import (
    AssetState,
    Base,
    Rules,
    answer,
    go_back,
    look,
    may_go_back,
    take,
    trim,
)
from pdm.extraction.stream_file import read_states, write_states
from pdm.extraction.stream_life import new_life
from pdm.extraction.stream_log import Log, changed_from, with_rows
from pdm.extraction.stream_rows import Rows
from pdm.extraction.stream_running import Run
from pdm.extraction.stream_windows import Matrix, wanted
from pdm.readings.order import in_order
from pdm.readings.registry import Asset

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Update:
    """What some new rows brought.

    features: `asset`, `time` and the feature columns, sorted; rows that are new or have to be replaced.
    rewound: by asset, the as-of time from which on all its earlier rows are void; `features` has what takes their place.
    """

    features: pd.DataFrame
    rewound: Mapping[str, Any] = field(default_factory=dict)


class FeatureStream:
    """The features of one class, reading by reading.

    keep: how far before an asset's newest reading a late or corrected one may lie (`"7d"`, or `"30 cycles"` on a usage axis);
        memory grows with it. columns: only these features, in this order (those of a model). The rest as in `extract`.

    >>> from pdm.catalogue.feature_set import Window
    >>> stream = FeatureStream(FeatureSet("pump", ("p",), (Window(rows=2),), {"mean": None}), axis=Axis("usage", unit="h"), keep="9")
    >>> readings = pd.DataFrame({"asset": "P-101", "time": [1.0, 2.0, 3.0], "p": [1.0, 2.0, 6.0]})
    >>> stream.push(readings[:2]).features["p__mean"].tolist()
    [1.0, 1.5]
    >>> stream.push(readings[2:]).features["p__mean"].tolist()
    [4.0]
    """

    def __init__(
        self,
        feature_set: FeatureSet,
        *,
        keep: str,
        axis: Axis | None = None,
        running: RunningRule | None = None,
        channels: Sequence[Channel] = (),
        assets: Mapping[str, Asset] | None = None,
        columns: Sequence[str] | None = None,
    ) -> None:
        plan = make_plan(feature_set, axis or Axis())
        check_held(feature_set, channels)
        if feature_set.vibration:
            raise InputError(
                f"feature set {feature_set.name} has vibration snapshots, which a stream of readings does not take",
                hint="extract(..., snapshots=..., only_last=True): snapshots come a few times a day",
            )
        if unknown := [name for name in columns or () if name not in set(plan.names)]:
            raise ColumnsError(
                f"feature set {feature_set.name} has no {', '.join(unknown)}", hint="see `feature_names`"
            )
        asks = feature_set.running_only or (feature_set.events is not None and feature_set.events.run_hours)
        raw = dict.fromkeys([*feature_set.channels, *([running.channel] if running and asks else [])])
        sampling = {channel.name: channel.sampling for channel in channels}
        self._rules = Rules(
            plan=plan,
            work=wanted(plan, columns),
            raw=tuple(raw),
            running=running if asks else None,
            sampling=sampling.get(running.channel, "regular") if running else "regular",
            assets=assets or {},
            keep=plan.scale.span(keep),
        )
        self._states: dict[str, AssetState] = {}
        self._timed: bool | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """The channels a reading brings, in the order of `push_row`."""
        return self._rules.raw

    @property
    def columns(self) -> tuple[str, ...]:
        """The features, in order."""
        return tuple(self._rules.plan.names[place] for place in self._rules.work.columns)

    @property
    def kept(self) -> Mapping[str, int]:
        """How many readings are kept of each asset."""
        return {asset: len(state.rows) for asset, state in self._states.items()}

    def push(
        self,
        readings: pd.DataFrame | None = None,
        events: pd.DataFrame | None = None,
        lives: pd.DataFrame | None = None,
    ) -> Update:
        """Take new rows of any assets, in any order, and give the feature rows they bring.

        readings: as `extract` takes them; a row at the time of an earlier one takes its place. events: only new ones.
        lives: all lives known now of the assets in it. Nothing is taken when anything is refused.

        Raises:
            ColumnsError: a channel or a key column is missing.
            InputError: times that do not fit the axis; something so late that rows which are no longer kept would change.
        """
        parts = {} if readings is None or readings.empty else self._split(readings)
        happened = self._by_asset(events if needs_events(self._rules.plan.feature_set) else None)
        begun = self._by_asset(lives if needs_lives(self._rules.plan.feature_set) else None)
        states: dict[str, AssetState] = {}
        answers: dict[str, tuple[Ticks, Matrix]] = {}
        rewound: dict[str, Any] = {}
        for asset in sorted({*parts, *happened, *begun}):
            known = self._states.get(asset)
            state = states[asset] = known.copy() if known else self._new(asset)
            due = state.due
            if asset in happened or asset in begun:
                self._note(state, happened.get(asset), begun.get(asset))
            if asset in parts:
                take(state, self._rules, *parts[asset])
            if not len(state.rows):
                continue
            if state.due < due:
                rewound[asset] = self._rules.plan.scale.times(np.array([state.due])).iloc[0]
            answers[asset] = answer(state, self._rules, timed=bool(self._timed))
            trim(state, self._rules)
        self._states |= states
        return Update(self._table(answers), rewound)

    def push_row(
        self,
        asset: str,
        time: datetime | float,
        values: Sequence[float] | npt.NDArray[np.float64],
        recorded_at: datetime | None = None,
    ) -> tuple[Ticks, Matrix]:
        """The quick way for one reading: as-of times as ticks (microseconds since 1970, or the counter) and [rows, features].

        values: of `inputs`, NaN where there is none. A late reading gives all rows from its time on.

        Raises:
            InputError: a time that does not fit the axis, or one so late that it would change rows which are no longer kept.
        """
        calendar = self._rules.plan.scale.calendar
        if isinstance(time, datetime) != calendar:
            raise InputError(
                f"the time {time!r} does not fit the axis", hint="a moment on the calendar, else a counter"
            )
        if len(values) != len(self.inputs):
            raise ColumnsError(f"{len(values)} values for {len(self.inputs)} channels", hint=", ".join(self.inputs))
        at = np.array([_tick(time)], dtype=np.int64 if calendar else np.float64)
        self._agree(timed=recorded_at is not None)
        known = np.array([_tick(recorded_at) if recorded_at else np.iinfo(np.int64).min])
        state = self._states.get(asset) or self._new(asset)
        if len(state.rows) and at[0] <= state.rows["position"][-1]:
            state = state.copy()  # a refusal in the middle must leave nothing behind
        take(state, self._rules, at, known, np.array([values], dtype=np.float64))
        found = answer(state, self._rules, timed=bool(self._timed))
        trim(state, self._rules)
        self._states[asset] = state
        return found

    def forget(self, asset: str) -> None:
        """Drop everything about one asset: its whole history may then be pushed again."""
        self._states.pop(asset, None)

    def save(self, path: Path) -> None:
        """Write the state as one file of plain arrays and JSON, in place of an older one at once."""
        write_states(path, self._rules, self._timed, self._states)

    def restore(self, path: Path) -> None:
        """Take up a state that a stream of the same definition has saved.

        Raises:
            UnreadableFile: not such a file.
            InputError: it was written for another definition, or by another version of the computation.
        """
        self._timed, self._states = read_states(path, self._rules)

    def _new(self, asset: str) -> AssetState:
        scale, life = self._rules.plan.scale, self._rules.plan.feature_set.life
        channels = len(self._rules.plan.feature_set.channels)
        dtype = np.int64 if scale.calendar else np.float64
        never, sums = scale.never, new_life(life, channels) if life else None
        rows = Rows(
            {
                "position": np.empty(0, dtype=dtype),
                "known": np.empty(0, dtype=np.int64),
                "raw": np.empty((0, len(self._rules.raw))),
                "value": np.empty((0, channels)),
                "hours": np.empty(0),
                "level": np.empty((0, len(self._rules.held))),
                "counted": np.empty(0, dtype=np.bool_),
            }
        )
        nothing_known = int(np.iinfo(np.int64).min)
        base = Base(0, never, never, nothing_known, Run(), (never, 0), (never, 0), sums)
        return AssetState(asset, base, rows, Log(), never, Run(), sums.copy() if sums else None)

    def _note(self, state: AssetState, events: pd.DataFrame | None, lives: pd.DataFrame | None) -> None:
        timed, features = bool(self._timed), self._rules.plan.feature_set
        old = state.past or look(state, self._rules, timed=timed)
        state.log = with_rows(state.log, events, lives, self._rules.plan.scale)
        state.past = look(state, self._rules, timed=timed)
        if state.past is None:
            return
        position = changed_from(old, state.past, features, self._rules.plan.scale)
        if position < state.due:
            may_go_back(state, self._rules, position)
            go_back(state, position)

    def _split(self, readings: pd.DataFrame) -> dict[str, tuple[Ticks, npt.NDArray[np.int64], Any]]:
        """By asset: positions, when each was known, and values; ascending, the last of equal ones."""
        if missing := [name for name in ("asset", "time", *self.inputs) if name not in readings]:
            raise ColumnsError(
                f"readings for feature set {self._rules.plan.feature_set.name} lack {', '.join(missing)}",
                hint="they have " + ", ".join(map(str, readings.columns)),
            )
        self._agree(timed="recorded_at" in readings)
        rows = in_order(readings).drop_duplicates(["asset", "time"], keep="last")
        at = self._rules.plan.scale.ticks(rows["time"])
        known = microseconds(rows["recorded_at"]) if self._timed else np.full(len(rows), np.iinfo(np.int64).min)
        values = rows[list(self.inputs)].to_numpy(dtype=np.float64, na_value=np.nan)
        names = rows["asset"].to_numpy(dtype=object)
        cuts = [0, *(np.flatnonzero(names[1:] != names[:-1]) + 1), len(names)]
        parts = [slice(int(first), int(end)) for first, end in pairwise(cuts)]
        return {str(names[part.start]): (at[part], known[part], values[part]) for part in parts}

    def _agree(self, *, timed: bool) -> None:
        """Whether readings say when they were known matters on a usage axis, and cannot change on the way."""
        timed = timed and not self._rules.plan.scale.calendar
        if self._timed is not None and timed != self._timed:
            raise InputError(
                "some readings of this stream say when they were recorded and some do not",
                hint="give recorded_at with all of them, or with none",
            )
        self._timed = timed

    def _by_asset(self, rows: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
        return {} if rows is None or rows.empty else {str(tag): part for tag, part in rows.groupby("asset")}

    def _table(self, answers: Mapping[str, tuple[Ticks, Matrix]]) -> pd.DataFrame:
        scale = self._rules.plan.scale
        names = [asset for asset, (at, _) in answers.items() for _ in range(len(at))]
        ticks = [at for at, _ in answers.values()] or [np.empty(0, dtype=np.int64 if scale.calendar else np.float64)]
        matrix = [block for _, block in answers.values()] or [np.empty((0, len(self.columns)), dtype=np.float32)]
        keys = pd.DataFrame({"asset": pd.Series(names, dtype="str"), "time": scale.times(np.concatenate(ticks))})
        return pd.concat([keys, pd.DataFrame(np.concatenate(matrix), columns=list(self.columns))], axis=1)


def _tick(time: datetime | float) -> Any:
    return (aware(time) - _EPOCH) // _MICROSECOND if isinstance(time, datetime) else float(time)
