"""Columns that tell the outcome: flags of failures, and counters that only someone who knew the end could have written.

Neither may become a channel. A flag becomes failures; a countdown says that every machine's last row is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.onboarding.answers import Answers
from pdm.onboarding.facts import Facts
from pdm.onboarding.proposal import Mode

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_FAILURE_WORDS = re.compile(r"fail|fault|breakdown|broken|defe[ck]t|st[öo]rung|ausfall|anomal|label|panne|fallo", re.I)
_RARE = 0.2
_PART_OF = 0.8
_STEADY = 0.98


def failure_flags(columns: Sequence[Facts], answers: Answers, machines: Ints) -> tuple[tuple[Mode, ...], set[str]]:
    """Failure modes from flags, and all columns that are flags of failures.

    A flag counts when it is told, or rare and named like one; a rare flag whose ones nearly all fall on rows that such a flag marks is
    one of its modes. Where modes explain a general flag, that flag only stands for what no mode explains.
    """
    flags = [c for c in columns if c.flag and float(np.nanmean(c.values)) < _RARE]
    general = [c for c in columns if c.name in answers.failed or (c in flags and _FAILURE_WORDS.search(c.name))]
    if not general:
        return (), set()
    failed = np.any([column.values == 1 for column in general], axis=0)
    special = [c for c in flags if c not in general and float(failed[c.values == 1].mean()) >= _PART_OF]
    # A rare flag among others of its kind is one too, even when nobody counted it as a failure.
    beside = [c for c in flags if c not in general and c not in special and special and _alike(c.name, special)]
    if not special:
        return tuple(_mode(column, machines) for column in general), {c.name for c in general}
    explained = np.any([column.values == 1 for column in special], axis=0)
    unexplained = rises(failed & ~explained, machines)
    modes = [_mode(column, machines) for column in special]
    if unexplained:
        modes.append(Mode("other_failure", "Other failure", general[0].name, unexplained))
    return tuple(modes), {c.name for c in (*general, *special, *beside)}


def counts_down(column: Facts, machines: Ints, positions: Floats) -> bool:
    """Whether the column falls in step with time to its least value on each machine's last row: a remaining life."""
    if column.kind != "number" or column.missing or column.distinct < 3:
        return False
    rows = pd.DataFrame({"of": machines, "at": positions, "value": column.values}).sort_values(
        ["of", "at"], kind="stable"
    )
    grouped = rows.groupby("of")
    if not (grouped["value"].last() == float(column.low)).all():
        return False
    usual, steady = _rate(rows)
    return usual < 0 and steady


def is_clock(column: Facts, machines: Ints, positions: Floats) -> bool:
    """Whether the column only says once more how much time has passed: it rises in step with it on every machine."""
    if column.kind != "number" or column.missing or column.distinct < 3:
        return False
    rows = pd.DataFrame({"of": machines, "at": positions, "value": column.values}).sort_values(
        ["of", "at"], kind="stable"
    )
    usual, steady = _rate(rows)
    return usual > 0 and steady


def _rate(rows: pd.DataFrame) -> tuple[float, bool]:
    """How fast `value` usually moves with `at` within a machine, and whether nearly every step moves at this rate."""
    same = rows["of"].diff() == 0
    moved, passed = rows["value"].diff()[same], rows["at"].diff()[same]
    rate = (moved / passed)[passed > 0].to_numpy(dtype=np.float64)
    rate = rate[np.isfinite(rate)]
    if not len(rate):
        return 0.0, False
    usual = float(np.median(rate))
    return usual, bool((np.abs(rate - usual) < 1e-6 * abs(usual)).mean() > _STEADY)


def _alike(name: str, others: Sequence[Facts]) -> bool:
    """Named in the same manner: the same length and case as the others."""
    return all(len(name) == len(other.name) and name.isupper() == other.name.isupper() for other in others)


def rises(flag: npt.NDArray[np.bool_], machines: Ints) -> int:
    """How often a flag goes up in the rows of one machine after the other: a failure that lasts is one."""
    order = np.argsort(machines, kind="stable")
    up, of = flag[order], machines[order]
    before = np.append(False, up[:-1] & (of[1:] == of[:-1]))
    return int((up & ~before).sum())


def _mode(column: Facts, machines: Ints) -> Mode:
    word = re.sub(r"[^a-z0-9]+", "_", column.name.casefold()).strip("_") or "failure"
    name = word if word[0].isalpha() else f"mode_{word}"
    return Mode(name, column.name.strip(), column.name, rises(column.values == 1, machines))
