"""Running state and run hours of a few new readings, given where the machine stood before them.

The same rule as `pdm.readings.running`, with what it needs of the past written down in one small record instead of read again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pdm.catalogue.asset_class import RunningRule

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_GAP_STEPS = 3.0


@dataclass(frozen=True)
class Run:
    """Where a machine stood after a reading.

    position: of that reading, in native units; NaN before the first one. ran: whether it ran then, transients included.
    held: the rule channel's latest value. known: -1 when nothing was known yet, else whether it ran when it was last known.
    begun: position of its latest start. hours: native units it had run. levels: what channels with time-weighted columns held.
    counted: whether the time after that reading counts for them.
    """

    position: float = np.nan
    ran: bool = False
    held: float = np.nan
    known: int = -1
    begun: float = np.nan
    hours: float = 0.0
    levels: tuple[float, ...] = ()
    counted: bool = False


def run_on(
    run: Run, rule: RunningRule | None, sampling: str, step: float, positions: Floats, value: Floats, heard: Flags
) -> tuple[Flags, Floats, Run]:
    """Whether each reading counts as running, the run hours at each, and where the machine stands after them.

    positions: native units, ascending. value: the rule's channel. heard: whether any channel has a value (what counts without
    a rule). sampling: of the rule's channel. step: expected distance between two readings.
    """
    steady, ran, after = _by_rule(run, rule, sampling, positions, value) if rule else (heard, heard, run)
    before = ran if rule and sampling == "averaged" else np.concatenate([[run.ran], ran[:-1]])
    began = bool(np.isnan(run.position))
    span = np.diff(positions, prepend=positions[0] if began else run.position)
    span = np.where(span > _GAP_STEPS * step, step, span)
    gained = np.where(before, span, 0.0)
    if began:
        gained[0] = 0.0
    # One sum after the other, from the total so far: the very additions that a sum over the whole history makes.
    hours = np.cumsum(np.concatenate([[run.hours], gained]))[1:]
    last = Run(float(positions[-1]), bool(ran[-1]), after.held, after.known, after.begun, float(hours[-1]))
    return steady, hours, last


def _by_rule(run: Run, rule: RunningRule, sampling: str, positions: Floats, value: Floats) -> tuple[Flags, Flags, Run]:
    if sampling == "exception":
        value = np.concatenate([[run.held], value])
        value = value[_latest(~np.isnan(value))][1:]
    known, runs = ~np.isnan(value), value > rule.above
    was_known, did_run = np.concatenate([[run.known >= 0], known]), np.concatenate([[run.known == 1], runs])
    before = _latest(was_known)
    starts = runs & was_known[before[:-1]] & ~did_run[before[:-1]]
    began = _latest(np.concatenate([[True], starts]))[1:]
    begun = np.concatenate([[run.begun], positions])[began]
    with np.errstate(invalid="ignore"):
        settling = runs & (positions - begun < rule.settle) if rule.settle > 0 else np.zeros(len(runs), dtype=bool)
    last = before[-1]
    after = Run(held=float(value[-1]), known=int(did_run[last]) if was_known[last] else -1, begun=float(begun[-1]))
    return runs & ~settling, runs, after


def _latest(marked: Flags) -> npt.NDArray[np.intp]:
    """For each row the latest marked one up to it; the first row where there is none."""
    return np.maximum.accumulate(np.where(marked, np.arange(len(marked)), 0))
