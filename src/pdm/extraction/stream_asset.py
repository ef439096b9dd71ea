"""One asset of a stream: the readings that are kept, the checkpoint before them, and how both move on.

Two states stand beside the kept readings: `base`, as things stood before the first of them, and the head, as they stand after the
last. In-order readings move the head. Whatever comes late takes the head back to the base and over the kept readings again, so
the result is that of a history in which it had never been late. Dropping readings at the front moves the base over them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from pdm.catalogue.asset_class import RunningRule
from pdm.errors import InputError
from pdm.extraction.asof import AsOf, Indices
from pdm.extraction.event_features import event_columns
from pdm.extraction.held import held_channels
from pdm.extraction.history import AssetHistory, Happenings, latest_visible
from pdm.extraction.history_needed import needs_events, needs_lives
from pdm.extraction.plan import Plan
from pdm.extraction.scale import Ticks
from pdm.extraction.stream_held import Kept, held_columns_of, held_on
from pdm.extraction.stream_life import LifeState, live_on
from pdm.extraction.stream_log import Log, seen, without_past
from pdm.extraction.stream_rows import Rows
from pdm.extraction.stream_running import Run, run_on
from pdm.extraction.stream_windows import Matrix, Wanted, window_columns
from pdm.readings.registry import Asset

_SLACK = 64
"""Readings are dropped at the front only when there are so many to drop: moving the checkpoint costs more than keeping them."""


@dataclass(frozen=True)
class Rules:
    """What all assets of a stream share. raw: columns kept, the feature set's channels first. keep: in ticks."""

    plan: Plan
    work: Wanted
    raw: tuple[str, ...]
    running: RunningRule | None
    sampling: str
    assets: Mapping[str, Asset]
    keep: Any

    @property
    def spans(self) -> list[Any]:
        """Per window its length in ticks, or in rows."""
        windows = self.plan.feature_set.windows
        return [w.rows if w.rows is not None else self.plan.scale.span(str(w.duration)) for w in windows]

    @property
    def by_rows(self) -> bool:
        return self.plan.feature_set.windows[0].rows is not None

    @property
    def held(self) -> list[int]:
        """Channels with time-weighted columns, by their places."""
        features = self.plan.feature_set
        return [features.channels.index(channel) for channel in held_channels(features)]

    @property
    def counts_hours(self) -> bool:
        features = self.plan.feature_set
        return features.events is not None and features.events.run_hours


@dataclass(frozen=True)
class Base:
    """How things stood before the first reading that is kept.

    rows: how many readings lie before. position: of the last of them. first: position of the very first reading. known: when
    the latest reading was known. life, restart: (start as known there, first row of the history after it).
    """

    rows: int
    position: Any
    first: Any
    known: int
    run: Run
    life: tuple[Any, int]
    restart: tuple[Any, int]
    sums: LifeState | None


@dataclass
class AssetState:
    """One asset. due: as-of positions from here on have not been answered yet. run, sums: after the last reading."""

    asset: str
    base: Base
    rows: Rows
    log: Log
    due: Any
    run: Run
    sums: LifeState | None
    past: AssetHistory | None = None

    def copy(self) -> AssetState:
        """The same in memory of its own."""
        sums = self.sums.copy() if self.sums else None
        base = replace(self.base, sums=self.base.sums.copy() if self.base.sums else None)
        return replace(self, base=base, rows=self.rows.copy(), sums=sums)


def take(state: AssetState, rules: Rules, positions: Ticks, known: Indices, values: Any) -> None:
    """Put new readings (ascending) where they belong; late and corrected ones take the head back.

    Raises:
        InputError: a reading so late that rows which are no longer kept would change.
    """
    kept = state.rows["position"]
    late = len(kept) > 0 and positions[0] <= kept[-1]
    if not late:
        if not len(kept):
            state.base = replace(state.base, first=positions[0])
        state.rows.append(_derived(state, rules, positions, known, values))
        return
    _must_reach(state, rules, positions[0], "a reading")
    both = np.concatenate([kept, positions])
    order = np.argsort(both, kind="stable")
    order = order[np.append(both[order][1:] != both[order][:-1], True)]  # the newest of equal ones takes the place
    merged = [np.concatenate([state.rows[name], new])[order] for name, new in (("known", known), ("raw", values))]
    go_back(state, positions[0])
    state.run = state.base.run
    if not state.base.rows:
        state.base = replace(state.base, first=both[order[0]])
    state.rows = Rows(_derived(state, rules, both[order], *merged))


def go_back(state: AssetState, position: Any) -> None:
    """As-of rows from `position` on are answered again."""
    state.due = min(state.due, position)
    state.sums = state.base.sums.copy() if state.base.sums else None


def _must_reach(state: AssetState, rules: Rules, position: Any, what: str) -> None:
    """Refuse what would change as-of rows whose readings are no longer kept."""
    base, positions = state.base, state.rows["position"]
    if not base.rows:
        return
    if rules.by_rows:
        reached = position > base.position and np.searchsorted(positions, position) + 1 >= max(rules.spans)
    else:
        reached = position - max(rules.spans) >= base.position
    if not reached:
        when = rules.plan.scale.times(np.array([position])).iloc[0]
        raise InputError(
            f"{what} of {state.asset} changes its features from {when} on, which lies before what the stream keeps",
            hint="forget the asset and push its whole history again, or keep more",
        )


def may_go_back(state: AssetState, rules: Rules, position: Any) -> None:
    """Raises InputError when features from `position` on can no longer be computed anew."""
    _must_reach(state, rules, position, "an event or a life")


def _derived(state: AssetState, rules: Rules, positions: Ticks, known: Indices, raw: Any) -> dict[str, Any]:
    """The columns that are kept of some readings which follow on the head."""
    scale, features = rules.plan.scale, rules.plan.feature_set
    width = len(features.channels)
    values, hours = raw[:, :width], np.zeros(len(positions))
    before, counted = state.run, np.ones(len(positions), dtype=np.bool_)
    if (features.running_only and rules.running) or rules.counts_hours:
        value = raw[:, rules.raw.index(rules.running.channel)] if rules.running else hours
        heard = ~np.isnan(raw).all(axis=1)
        native = scale.native(positions)
        steady, hours, state.run = run_on(
            state.run, rules.running, rules.sampling, scale.axis.step, native, value, heard
        )
        if features.running_only and rules.running:
            values = np.where(steady[:, None], values, np.nan)
            counted = steady
    levels = held_on(before.levels, rules.held, raw)
    if rules.held and len(positions):
        state.run = replace(state.run, levels=tuple(levels[-1].tolist()), counted=bool(counted[-1]))
    return {
        "position": positions,
        "known": known,
        "raw": raw,
        "value": values,
        "hours": hours,
        "level": levels,
        "counted": counted,
    }


def moments(state: AssetState) -> Indices:
    """When each kept reading was known, on a usage axis."""
    return np.maximum(np.maximum.accumulate(state.rows["known"]), state.base.known)


def look(state: AssetState, rules: Rules, *, timed: bool) -> AssetHistory | None:
    """Lives and events as far as they are known; None without readings. timed: readings say when they were known."""
    features, scale = rules.plan.feature_set, rules.plan.scale
    if not len(state.rows) or not needs_events(features):
        return None
    if scale.calendar:
        return seen(state.asset, state.log, rules.assets, scale, state.rows["position"][-1:], None)
    known = moments(state) if timed else None
    return seen(state.asset, state.log, rules.assets, scale, state.rows["position"], known)


def answer(state: AssetState, rules: Rules, *, timed: bool) -> tuple[Ticks, Matrix]:
    """The feature rows that are due, and the head moved over them."""
    plan, positions = rules.plan, state.rows["position"]
    features, scale = plan.feature_set, plan.scale
    if state.past is None or (timed and not scale.calendar and not state.log.empty):
        state.past = look(state, rules, timed=timed)
    asof, life_rows, base_rows = _as_of(state, rules)
    matrix = np.empty((len(asof.at), len(plan.names)), dtype=np.float32)
    if len(asof.at):
        values = state.rows["value"]
        with np.errstate(over="ignore"):  # what exceeds float32 becomes inf, as it does in `extract`
            window_columns(rules.work, plan, values, positions, list(asof.starts), asof.ends, matrix)
            kept = Kept(state.rows, state.base.run, state.base.position if state.base.rows else None)
            spans = None if rules.by_rows else rules.spans
            held_columns_of(rules.work.held, held_channels(features), kept, spans, asof, matrix)
            column = plan.width_of_windows
            if features.life and state.sums:
                places = scale.native(positions - state.base.first)
                offset = state.base.rows
                found = live_on(
                    state.sums, features.life, values, places, offset, life_rows, base_rows, asof.ends + offset
                )
                matrix[:, column : column + found.shape[1]] = found
                column += found.shape[1]
                if features.life.age:
                    matrix[:, column] = scale.native(asof.at - asof.life_start)
                    column += 1
            if features.events and state.past:
                past = _history(state, state.past, rules, timed=timed)
                matrix[:, column:] = event_columns(past, asof, features.events, scale)
    last = positions[-1]
    if not rules.by_rows:
        every = scale.span(str(features.windows[0].every))
        last = np.asarray(int(last // every) * every, dtype=positions.dtype)[()]
    state.due = max(state.due, scale.after(last))
    return asof.at, matrix[:, rules.work.columns]


def _history(state: AssetState, past: AssetHistory, rules: Rules, *, timed: bool) -> AssetHistory:
    positions = state.rows["position"]
    known = positions if rules.plan.scale.calendar else (moments(state) if timed else None)
    return replace(past, positions=positions, run_hours=state.rows["hours"], moments=known)


def _as_of(state: AssetState, rules: Rules) -> tuple[AsOf, Indices, Indices]:
    """The as-of rows that are due, and the rows of the history at which the life and the baseline of each began."""
    windows, positions = rules.plan.feature_set.windows, state.rows["position"]
    if rules.by_rows:
        ends = np.arange(np.searchsorted(positions, state.due) + 1, len(positions) + 1, dtype=np.int64)
        at = positions[ends - 1]
        starts = [np.maximum(ends - span, 0) for span in rules.spans]
        _, life_row = _lives(state, rules, at)
        keep = (ends + state.base.rows - 1 - life_row) % int(windows[0].every) == 0
    else:
        at = _grid(state, rules)
        ends = np.searchsorted(positions, at, side="right").astype(np.int64)
        starts = [np.searchsorted(positions, at - span, side="right").astype(np.int64) for span in rules.spans]
        keep = ends > starts[int(np.argmax(rules.spans))]
    at = at[keep]
    life_start, life_row = _lives(state, rules, at)
    base_row = np.maximum(life_row, _restarts(state, rules, at)[1])
    asof = AsOf(at, ends[keep], tuple(first[keep] for first in starts), life_start, life_row)
    return asof, life_row, base_row


def _grid(state: AssetState, rules: Rules) -> Ticks:
    scale, positions, first = rules.plan.scale, state.rows["position"], state.base.first
    every = scale.span(str(rules.plan.feature_set.windows[0].every))
    lowest = int(np.ceil(first / every)) if not scale.calendar else -(-int(first) // every)
    if state.due > first:
        lowest = max(lowest, int(state.due // every) - 1)
    at = (np.arange(lowest, int(positions[-1] // every) + 1, dtype=np.int64) * every).astype(positions.dtype)
    due: Ticks = at[at >= state.due]
    return due


def _lives(state: AssetState, rules: Rules, at: Ticks) -> tuple[Ticks, Indices]:
    """Start and first row of the life known to run at each position, as `as_of_rows` finds them."""
    scale, base = rules.plan.scale, state.base
    if state.past is None or not needs_lives(rules.plan.feature_set):
        return np.full(len(at), base.first, dtype=at.dtype), np.zeros(len(at), dtype=np.int64)
    start = latest_visible(state.past.life_starts, state.past.life_visible, at, scale.never)
    row = _row_after(state, rules, start, base.life, start <= base.first)
    return np.where(start == scale.never, base.first, start), row


def _restarts(state: AssetState, rules: Rules, at: Ticks) -> tuple[Ticks, Indices]:
    """Latest re-baseline event visible at each position, and the first row after it."""
    scale, life = rules.plan.scale, rules.plan.feature_set.life
    if state.past is None or life is None or not life.baseline_rows:
        return np.full(len(at), scale.never, dtype=at.dtype), np.zeros(len(at), dtype=np.int64)
    events = _rebaselines(state.past)
    start = latest_visible(events.at, events.visible, at, scale.never)
    return start, _row_after(state, rules, start, state.base.restart, start < state.base.first)


def _rebaselines(past: AssetHistory) -> Happenings:
    return past.events.where("rebaseline")


def _row_after(
    state: AssetState, rules: Rules, start: Ticks, carried: tuple[Any, int], from_the_first: npt.NDArray[np.bool_]
) -> Indices:
    """The first row of the history later than each start, 0 where that is the very first one.

    Raises:
        InputError: a start among readings that are no longer kept.
    """
    base = state.base
    row = base.rows + np.searchsorted(state.rows["position"], start, side="right").astype(np.int64)
    if base.rows:
        gone = (start < base.position) & (start != carried[0]) & ~from_the_first
        if gone.any():
            when = rules.plan.scale.times(start[gone][:1]).iloc[0]
            raise InputError(
                f"a life or baseline of {state.asset} began at {when}, before what the stream keeps",
                hint="forget the asset and push its whole history again, or keep more",
            )
        row = np.where(start == carried[0], carried[1], row)
    return np.where(from_the_first, 0, row)


def trim(state: AssetState, rules: Rules) -> None:
    """Drop readings that no as-of row within `keep` of the newest reading looks back on, and move the checkpoint over them."""
    positions, scale, features = state.rows["position"], rules.plan.scale, rules.plan.feature_set
    limit = positions[-1] - rules.keep
    if rules.by_rows:
        count = int(np.searchsorted(positions, limit)) + 1 - max(rules.spans)
    else:
        count = int(np.searchsorted(positions, limit - max(rules.spans), side="right"))
    if state.sums is not None:
        count = min(count, state.sums.done - state.base.rows)
    count = _before_pending(state, rules, count)
    if count < max(_SLACK, len(positions) // 4):
        return
    base, at = state.base, positions[count - 1 : count]
    life, life_row = _lives(state, rules, at)
    restart, restart_row = _restarts(state, rules, at)
    sums = base.sums
    if features.life and sums:
        places = scale.native(positions[:count] - base.first)
        end = np.array([base.rows + count])
        live_on(
            sums,
            features.life,
            state.rows["value"][:count],
            places,
            base.rows,
            life_row,
            np.maximum(life_row, restart_row),
            end,
        )
    run = base.run
    if rules.counts_hours or features.running_only or rules.held:
        head, state.run = state.run, base.run
        _derived(state, rules, positions[:count], state.rows["known"][:count], state.rows["raw"][:count])
        run, state.run = state.run, head
    known = int(max(base.known, state.rows["known"][:count].max()))
    state.base = Base(
        base.rows + count,
        at[0],
        base.first,
        known,
        run,
        (life[0], int(life_row[0])),
        (restart[0], int(restart_row[0])),
        sums,
    )
    state.rows.drop(count)
    if state.past is not None:
        state.log = without_past(state.log, state.past, features, scale, at[0])
        state.past = None


def _before_pending(state: AssetState, rules: Rules, count: int) -> int:
    """So many rows at most that no life or baseline begins among them which becomes visible only later."""
    past, positions = state.past, state.rows["position"]
    if past is None or not needs_lives(rules.plan.feature_set):
        return count
    events = _rebaselines(past)
    starts = np.concatenate([past.life_starts, events.at])
    visible = np.concatenate([past.life_visible, events.visible])
    while count > 0:
        pending = (visible > positions[count - 1]) & (starts < positions[count - 1])
        if not pending.any():
            break
        count = int(np.searchsorted(positions, starts[pending].min(), side="right"))
    return count
