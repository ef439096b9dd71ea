"""Time-weighted columns of a stream: what each channel held before the readings that are kept goes on from a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pdm.extraction.asof import AsOf
from pdm.extraction.held import Before, Course, Floats, held_values, hold
from pdm.extraction.plan import Block
from pdm.extraction.stream_rows import Rows
from pdm.extraction.stream_running import Run
from pdm.extraction.stream_windows import Matrix


@dataclass(frozen=True)
class Kept:
    """Readings that are kept, and how things stood before the first of them. position: of the reading before, None without one."""

    rows: Rows
    run: Run
    position: Any


def held_on(before: tuple[float, ...], channels: Sequence[int], raw: Floats) -> Floats:
    """What some channels hold from each of some new readings on: [rows, channels]. before: what they held until then."""
    levels = before or (np.nan,) * len(channels)
    columns = [hold(raw[:, channel], level) for channel, level in zip(channels, levels, strict=True)]
    return np.column_stack(columns) if columns else np.empty((len(raw), 0))


def held_columns_of(
    blocks: Sequence[Block],
    channels: Sequence[str],
    kept: Kept,
    spans: Sequence[Any] | None,
    asof: AsOf,
    matrix: Matrix,
) -> None:
    """Fill the time-weighted columns of some as-of rows. spans: of the windows in ticks, None for windows of rows."""
    for block in blocks:
        place = channels.index(block.channel)
        level = kept.run.levels[place] if kept.run.levels else np.nan
        before = Before(level, kept.run.counted, kept.position)
        course = Course(kept.rows["level"][:, place], kept.rows["counted"], kept.rows["position"], before)
        span = None if spans is None else spans[block.window]
        found = held_values(course, span, asof.at, asof.starts[block.window], asof.ends, block.held)
        matrix[:, list(block.held_columns)] = found
