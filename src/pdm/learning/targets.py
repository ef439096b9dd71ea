"""What a feature row should have been answered, as far as history knows it: remaining life, or failure within a horizon.

Time until an end is counted on the life of the maintainable item that a failure mode names. A life that ended otherwise
(replacement, another mode, or simply today) is *censored*: it says that the failure had not come until then, and nothing more.
A row censored before the horizon is therefore unknown, never negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import Axis, FailureMode, ModelDefinition, Target
from pdm.learning.model import Floats
from pdm.readings.registry import UNIT

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_ANY_MODE = ("", "unspecified")


@dataclass(frozen=True)
class Labels:
    """What is known about n feature rows for one target, native units.

    remaining: time until the life's end, NaN where the row belongs to no life (downtime, after the last end, excluded).
    observed: the end is a failure that counts; otherwise the life was censored there.
    age: time since the life began. life: number of the life that ends first (-1: none).
    """

    remaining: Floats
    observed: Bools
    age: Floats
    life: Ints

    @property
    def kept(self) -> Bools:
        """Rows that belong to a life."""
        return ~np.isnan(self.remaining)

    def within(self, horizon: float) -> Floats:
        """1 where the failure came within `horizon`, 0 where it did not, NaN where nobody knows."""
        answer = np.full(len(self.remaining), np.nan)
        answer[self.kept & (self.remaining >= horizon)] = 0.0
        answer[self.kept & self.observed] = 0.0
        answer[self.kept & self.observed & (self.remaining <= horizon)] = 1.0
        return answer

    def capped(self, cap: float) -> Floats:
        """Remaining life up to `cap`; NaN where it was censored below the cap."""
        known = self.kept & (self.observed | (self.remaining >= cap))
        return np.where(known, np.minimum(self.remaining, cap), np.nan)

    def only(self, rows: Bools) -> Labels:
        """The same labels with all other rows left out."""
        return replace(self, remaining=np.where(rows, self.remaining, np.nan), observed=self.observed & rows)


def label_rows(
    features: pd.DataFrame,
    lives: pd.DataFrame,
    definition: ModelDefinition,
    target: Target,
    axis: Axis,
    *,
    known_until: float | None = None,
) -> Labels:
    """The labels of one target for every row (`asset`, `time`) of a feature table, in its order.

    Of several modes the earliest end counts. `known_until` (a position on the axis) answers as history stood then:
    lives that went on are cut there, later lives do not exist yet.

    lives: one row per life with the columns of `pdm.readings.registry.LIFE_COLUMNS`.
    """
    positions = axis.positions(features["time"])
    codes, known = pd.factorize(features["asset"], use_na_sentinel=True)
    spans = _spans(lives, {str(name): code for code, name in enumerate(known)}, axis, known_until)
    answers = [_of_mode(positions, codes, spans, definition, definition.mode(name), axis) for name in target.modes]
    if known_until is not None:
        answers = [answer.only(positions <= known_until) for answer in answers]
    return _earliest(answers)


@dataclass(frozen=True)
class _Spans:
    """Lives as arrays: asset code, item name, start, end, whether a failure ended them, mode and severity."""

    asset: Ints
    item: npt.NDArray[np.str_]
    start: Floats
    end: Floats
    failed: Bools
    mode: npt.NDArray[np.str_]
    severity: npt.NDArray[np.str_]


def _spans(lives: pd.DataFrame, codes: dict[str, int], axis: Axis, known_until: float | None) -> _Spans:
    lives = lives[lives["asset"].isin(list(codes))].reset_index(drop=True)
    start, end = axis.positions(lives["start"]), axis.positions(lives["end"])
    failed = (lives["ended_by"] == "failure").to_numpy(dtype=bool)
    kept = np.ones(len(lives), dtype=bool)
    if known_until is not None:
        failed = failed & (end <= known_until)
        end, kept = np.minimum(end, known_until), start < known_until
    asset = np.array([codes[str(name)] for name in lives["asset"]], dtype=np.int64)
    order = np.lexsort((start, asset))
    order = order[kept[order]]
    return _Spans(
        asset[order],
        _words(lives["maintainable_item"])[order],
        start[order],
        end[order],
        failed[order],
        _words(lives["failure_mode"])[order],
        _words(lives["severity"])[order],
    )


def _words(column: pd.Series) -> npt.NDArray[np.str_]:
    return column.fillna("").to_numpy(dtype=np.str_)


def _of_mode(
    positions: Floats, assets: Ints, spans: _Spans, definition: ModelDefinition, mode: FailureMode, axis: Axis
) -> Labels:
    """The labels of one failure mode: its item's lives, or the whole unit's where the item has none on record."""
    chosen = spans.item == mode.maintainable_item
    with_own = np.isin(spans.asset, spans.asset[chosen])
    chosen |= ~with_own & (spans.item == UNIT)
    counts = chosen & spans.failed & _is_mode(spans.mode, mode, definition)
    counts &= np.isin(spans.severity, [*mode.counts_as_failure, ""])

    remaining = np.full(len(positions), np.nan)
    age, observed, life = remaining.copy(), np.zeros(len(positions), dtype=bool), np.full(len(positions), -1)
    for asset in np.unique(spans.asset[chosen]):
        rows = np.flatnonzero(assets == asset)
        own = np.flatnonzero(chosen & (spans.asset == asset))
        at = positions[rows]
        index = _life_of(at, spans.start[own], spans.end[own])
        inside = index >= 0
        rows, at, own = rows[inside], at[inside], own[index[inside]]
        if axis.kind == "time":
            # On the calendar the hour of the failure itself already shows the failure; a counter's last cycle was still flown.
            before = ~(spans.failed[own] & (at >= spans.end[own]))
            rows, at, own = rows[before], at[before], own[before]
        remaining[rows], age[rows] = spans.end[own] - at, at - spans.start[own]
        observed[rows], life[rows] = counts[own], own
    return Labels(remaining, observed, age, life)


def _is_mode(names: npt.NDArray[np.str_], mode: FailureMode, definition: ModelDefinition) -> Bools:
    """Failures of this mode; an unnamed failure belongs to it when its item has no other mode."""
    alone = sum(other.maintainable_item == mode.maintainable_item for other in definition.failure_modes) == 1
    return np.isin(names, [mode.name, *(_ANY_MODE if alone else ())])


def _life_of(at: Floats, start: Floats, end: Floats) -> Ints:
    """The life (sorted by start) in which each position lies: start < at <= end, the first moment included; else -1."""
    earlier = np.searchsorted(start, at, side="left") - 1
    inside = (earlier >= 0) & (at <= end[np.maximum(earlier, 0)])
    begun = np.searchsorted(start, at, side="right") - 1
    first_moment = (begun >= 0) & (at == start[np.maximum(begun, 0)])
    return np.where(inside, earlier, np.where(first_moment, begun, -1)).astype(np.int64)


def _earliest(answers: Sequence[Labels]) -> Labels:
    """The first end over several modes; at a tie a failure counts. A row must lie in a life of every mode that has any."""
    if len(answers) == 1:
        return answers[0]
    answers = [answer for answer in answers if answer.kept.any()] or list(answers[:1])
    remaining = np.stack([answer.remaining for answer in answers])
    observed = np.stack([answer.observed for answer in answers])
    first = np.lexsort((~observed, remaining), axis=0)[0]
    rows = np.arange(remaining.shape[1])
    lost = np.isnan(remaining).any(axis=0)
    age, life = (np.stack([getattr(answer, name) for answer in answers])[first, rows] for name in ("age", "life"))
    return Labels(np.where(lost, np.nan, remaining[first, rows]), observed[first, rows] & ~lost, age, life)
