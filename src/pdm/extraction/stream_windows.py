"""The window columns of a few as-of rows of one asset: all channels in one visit of each kernel, and only the columns asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pdm.extraction.calculators import Floats, Indices, Output, calculate
from pdm.extraction.fallback import tsfresh_values
from pdm.extraction.plan import Block, Plan
from pdm.extraction.scale import Ticks

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Group:
    """Channels whose columns over one window are the same.

    channels: [channels] places among the feature set's. columns: [channels, outputs] places among the plan's columns.
    """

    window: int
    min_rows: int
    outputs: tuple[Output, ...]
    channels: Indices
    columns: Indices


@dataclass(frozen=True)
class Wanted:
    """Kernels to run, blocks for tsfresh and for time-weighted columns, and where the columns asked for lie among the plan's."""

    groups: tuple[Group, ...]
    slow: tuple[Block, ...]
    columns: Indices
    held: tuple[Block, ...] = ()


def wanted(plan: Plan, columns: Iterable[str] | None) -> Wanted:
    """What must be computed for some columns of a plan, all of them without a choice.

    Raises:
        KeyError: a column that the plan does not have.
    """
    place = {name: index for index, name in enumerate(plan.names)}
    chosen = np.array([place[name] for name in (plan.names if columns is None else columns)], dtype=np.int64)
    needed = set(chosen.tolist())
    number = {channel: index for index, channel in enumerate(plan.feature_set.channels)}
    together: dict[tuple[int, int, str], list[tuple[Block, list[int]]]] = {}
    for block in plan.blocks:
        places = [place for place, column in enumerate(block.columns) if column in needed]
        if places:
            key = (block.window, block.min_rows, repr([block.outputs[place] for place in places]))
            together.setdefault(key, []).append((block, places))
    groups = [
        Group(
            window=found[0][0].window,
            min_rows=found[0][0].min_rows,
            outputs=tuple(found[0][0].outputs[place] for place in found[0][1]),
            channels=np.array([number[block.channel] for block, _ in found], dtype=np.int64),
            columns=np.array([[block.columns[place] for place in places] for block, places in found], dtype=np.int64),
        )
        for found in together.values()
    ]
    slow = [replace(block, outputs=(), columns=()) for block in plan.blocks if needed & set(block.slow_columns)]
    held = [block for block in plan.blocks if needed & set(block.held_columns)]
    return Wanted(tuple(groups), tuple(slow), chosen, tuple(held))


def window_columns(
    work: Wanted, plan: Plan, values: Floats, positions: Ticks, starts: list[Indices], ends: Indices, matrix: Matrix
) -> None:
    """Fill the window columns of `matrix` [as-of rows, columns of the plan].

    values: [rows, channels], not finite where there is no usable value. starts: per window, the first row of each as-of row.
    """
    if not work.groups and not work.slow:
        return
    low = int(min(int(first.min()) for first in starts))
    part = np.ascontiguousarray(values[low : int(ends.max())].T)
    usable = np.isfinite(part)
    # One channel after the other: what was counted up to its first value is where its own series begins.
    count = np.concatenate([[0], np.cumsum(usable)])
    series, width = part[usable], part.shape[1]
    ticks = np.broadcast_to(positions[low : low + width], part.shape)[usable]
    for group in work.groups:
        base = (group.channels * width - low)[:, None]
        found = calculate(
            series,
            count[base + starts[group.window]].ravel(),
            count[base + ends].ravel(),
            group.outputs,
            min_rows=group.min_rows,
            ticks=ticks if plan.scale.calendar else None,
        )
        shaped = found.reshape(len(group.channels), len(ends), len(group.outputs)).transpose(1, 0, 2)
        matrix[:, group.columns.ravel()] = shaped.reshape(len(ends), -1)
    for block in work.slow:
        base = plan.feature_set.channels.index(block.channel) * width - low
        matrix[:, list(block.slow_columns)] = tsfresh_values(
            series,
            ticks,
            count[base + starts[block.window]],
            count[base + ends],
            block.slow,
            min_rows=block.min_rows,
            calendar=plan.scale.calendar,
        )
