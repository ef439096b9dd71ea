"""At which moments features are computed, and which readings each window holds there.

* Windows of rows: an as-of row at every `every`-th reading, counted from the first reading of a life; the window is the last
  `rows` readings, whether or not a life began among them.
* Windows of time: as-of rows on a grid of `every` anchored at the UTC epoch (at 0 on a usage axis), wherever the longest
  window holds at least one reading, and never later than the asset's last reading; the window is `(t - duration, t]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pdm.catalogue.feature_set import Window
from pdm.extraction.history import AssetHistory, latest_visible
from pdm.extraction.scale import Scale, Ticks

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class AsOf:
    """As-of rows of one asset.

    at: positions. ends: number of readings known at each. starts: per window, the first reading of each.
    life_start: where the present life began, as known there. life_row: its first reading.
    """

    at: Ticks
    ends: Indices
    starts: tuple[Indices, ...]
    life_start: Ticks
    life_row: Indices


def as_of_rows(history: AssetHistory, windows: Sequence[Window], scale: Scale, *, only_last: bool = False) -> AsOf:
    """The as-of rows of one asset; with `only_last` just the newest, with the same windows it has among all."""
    positions = history.positions
    if windows[0].rows is not None:
        at, ends = positions, np.arange(1, len(positions) + 1, dtype=np.int64)
        _, life_row = _life(history, at, scale)
        keep = (ends - 1 - life_row) % int(windows[0].every) == 0
        starts = [np.maximum(ends - int(window.rows or 0), 0) for window in windows]
    else:
        at, ends, spans = _grid(positions, windows, scale)
        starts = [np.searchsorted(positions, at - span, side="right").astype(np.int64) for span in spans]
        keep = ends > starts[int(np.argmax(spans))]
    chosen = np.flatnonzero(keep)[-1:] if only_last else np.flatnonzero(keep)
    life_start, life_row = _life(history, at[chosen], scale)
    return AsOf(at[chosen], ends[chosen], tuple(first[chosen] for first in starts), life_start, life_row)


def _grid(positions: Ticks, windows: Sequence[Window], scale: Scale) -> tuple[Ticks, Indices, list[int | float]]:
    every = scale.span(str(windows[0].every))
    spans = [scale.span(str(window.duration)) for window in windows]
    first = int(np.ceil(positions[0] / every)) if not scale.calendar else -(-int(positions[0]) // every)
    last = int(positions[-1] // every)
    at = np.arange(first, last + 1, dtype=np.int64) * every
    at = at.astype(positions.dtype)
    return at, np.searchsorted(positions, at, side="right").astype(np.int64), spans


def _life(history: AssetHistory, at: Ticks, scale: Scale) -> tuple[Ticks, Indices]:
    """Start and first reading of the life that was known to run at each position; the first reading where none is on record.

    A reading at the very moment of a start still belongs to what was before, unless nothing was.
    """
    first = history.positions[0]
    if not len(history.life_starts):
        return np.full(len(at), first), np.zeros(len(at), dtype=np.int64)
    start = latest_visible(history.life_starts, history.life_visible, at, scale.never)
    row = np.searchsorted(history.positions, start, side="right").astype(np.int64)
    return np.where(start == scale.never, first, start), np.where(start <= first, 0, row)
