"""The truth about a fleet as tables: its potential failures, what each did to the sensors, and when an oracle could have known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pdm.simulation.honest.fleet import Fleet, observed
from pdm.simulation.honest.lives import Life
from pdm.simulation.honest.regimes import Regimes
from pdm.simulation.honest.settings import ChannelSettings
from pdm.simulation.honest.truth import FAILURE_COLUMNS, SIGNATURE_COLUMNS, table

BLOCK = 6
"""Hours per row of the signatures."""

FALSE_ALERT_YEARS = 20.0


def serial(tag: str, life: Life) -> str:
    """Serial number of a part, such as `BRG-P101-2`."""
    return f"{life.mode.letters}-{tag.replace('-', '')}-{life.number}"


def failure_id(tag: str, life: Life) -> str:
    """Name of a potential failure; a part has one."""
    return f"{serial(tag, life)}/{life.fails}"


def is_failure(life: Life, rows: int) -> bool:
    """Whether a life is a potential failure of the period: damage had begun, or it failed without any."""
    if life.ended_by == "failure":
        return True
    end = rows if life.ended is None else life.ended
    return life.precursor != "none" and life.onset < end


def failures_table(fleet: Fleet, regimes: Regimes) -> pd.DataFrame:
    """One row per potential failure; `detectable_from` is filled in by `with_detection`."""
    at = regimes.calendar
    rows: list[dict[str, Any]] = [
        {
            "failure_id": failure_id(fleet.tags[life.asset], life),
            "asset": fleet.tags[life.asset],
            "asset_class": fleet.machine.name,
            "item": serial(fleet.tags[life.asset], life),
            "maintainable_item": life.mode.maintainable_item,
            "failure_mode": life.mode.name,
            "onset": at.at(life.onset),
            "failure": at.at(life.fails),
            "ended_at": None if life.ended is None else at.at(life.ended),
            "ended_by": life.ended_by,
            "precursor": life.precursor,
            "visible": life.visible,
            "planning_time_h": life.mode.planning_hours,
            "parts_time_h": life.mode.parts_hours,
            "cost_unplanned": life.mode.cost_unplanned,
            "cost_planned": life.mode.cost_planned,
            "infant": life.infant,
        }
        for life in fleet.lives
        if is_failure(life, at.rows)
    ]
    return table(rows, FAILURE_COLUMNS)


def signatures_table(fleet: Fleet, regimes: Regimes) -> pd.DataFrame:
    """Mean shift of each channel in blocks of six hours, `time` being the end of the block, while the damage was there to be seen."""
    at, parts = regimes.calendar, []
    for life in fleet.lives:
        first, last = observed(life, at.rows)
        blocks = (last - first) // BLOCK
        if not is_failure(life, at.rows) or blocks < 1:
            continue
        span = slice(first, first + blocks * BLOCK)
        seen = life.curve[first - life.onset : span.stop - life.onset] * fleet.shows[life.asset, span]
        mean = seen.reshape(blocks, BLOCK).mean(axis=1)
        times = at.times[np.minimum(np.arange(first, span.stop, BLOCK) + BLOCK, at.rows - 1)]
        for name, shift in life.signature.items():
            channel = fleet.machine.channel_named(name)
            parts.append(
                pd.DataFrame(
                    {
                        "failure_id": failure_id(fleet.tags[life.asset], life),
                        "time": times,
                        "channel": name,
                        "shift": shift * mean,
                        "noise_sd": noise_sd(channel),
                    }
                )
            )
    return table(pd.concat(parts, ignore_index=True) if parts else [], SIGNATURE_COLUMNS)


def noise_sd(channel: ChannelSettings) -> float:
    """Standard deviation of what nothing explains in a mean over six hours, so that blocks count as independent.

    The white part averages out. The slow part hardly does, and it remembers the block before: its variance is raised by
    (1 + r) / (1 - r), r its correlation from block to block, which is what a mean over many blocks sees.
    """
    phi, lags = channel.memory, np.arange(1, BLOCK)
    mean = (BLOCK + 2 * float(np.sum((BLOCK - lags) * phi**lags))) / BLOCK**2
    r = phi**BLOCK
    return float(np.sqrt(channel.noise**2 / BLOCK + channel.slow**2 * mean * (1 + r) / (1 - r)))


def with_detection(failures: pd.DataFrame, signatures: pd.DataFrame) -> pd.DataFrame:
    """`detectable_from` filled in: the end of the first block at which the evidence suffices, or missing.

    Evidence is the expected log-likelihood ratio of an oracle that knows shape and noise: half the sum of (shift / noise)^2 over
    channels and blocks so far. It suffices at ln(number of blocks in 20 asset-years): a sequential test with this threshold is
    wrong at most once in so many blocks (Lorden 1971).
    """
    enough = float(np.log(FALSE_ALERT_YEARS * 365.25 * 24 / BLOCK))
    evidence = (signatures["shift"] / signatures["noise_sd"]) ** 2 / 2
    by_block = evidence.groupby([signatures["failure_id"], signatures["time"]]).sum()
    grown = by_block.groupby(level="failure_id").cumsum().reset_index(name="evidence")
    first = grown[grown["evidence"] >= enough].groupby("failure_id")["time"].min()
    found = failures["failure_id"].map(first)
    return table(failures.assign(detectable_from=found), FAILURE_COLUMNS)
