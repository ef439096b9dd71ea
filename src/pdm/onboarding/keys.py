"""Which columns say *whose* row it is and *when* it was: no two rows of one machine share a moment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.onboarding.answers import Answers
from pdm.onboarding.facts import Facts
from pdm.readings.columns import simple

Floats = npt.NDArray[np.float64]

_TIME_WORDS = {"time", "timestamp", "datetime", "date", "ts", "datum", "zeit", "zeitstempel", "horodatage", "fecha"}
_COUNTER_WORDS = re.compile(
    r"cycle|zyklus|snapshot|counter|count|index|udi|step|hours?$|stunden|operat|number|no$|nr$|shot|stroke|lap|seq",
    re.I,
)
_ASSET_WORDS = re.compile(
    r"asset|machine|maschine|equip|unit|engine|bearing|pump|motor|turbine|robot|tag|serial|position|anlage|device|id$",
    re.I,
)


@dataclass(frozen=True)
class Keys:
    """asset, time: columns, None where the file has none. counter: the time is a usage counter. why: how they were found."""

    asset: str | None
    time: str | None
    counter: bool
    why: tuple[str, ...]


def find_keys(columns: Sequence[Facts], answers: Answers, moments: Floats | None = None) -> Keys:
    """The key columns of a table.

    moments: float64 [n] positions of the time column where it holds calendar times, in any unit.
    """
    why: list[str] = []
    time = _named(columns, answers.time) or _calendar(columns) or _counter(columns, answers)
    counter = time is not None and time.kind == "number" and simple(time.name) not in _TIME_WORDS
    if time is None:
        why.append("no column rises with time: the rows are taken in the order of the file")
    elif answers.time:
        why.append(f"'{time.name}' is the time, as told")
    else:
        what = "a counter that rises row by row" if counter else "the times of the rows"
        why.append(f"'{time.name}' holds {what}")
    positions = _positions(time, columns, moments)
    asset = _named(columns, answers.asset)
    if asset is not None:
        why.append(f"'{asset.name}' names the machine, as told")
    elif answers.machine is None:
        asset = _asset(columns, positions, time)
        if asset is not None:
            why.append(f"'{asset.name}' names the machine: {asset.distinct} of them, each with its own rows")
    return Keys(asset.name if asset else None, time.name if time else None, counter, tuple(why))


def _named(columns: Sequence[Facts], name: str | None) -> Facts | None:
    return next((column for column in columns if column.name == name), None) if name else None


def _calendar(columns: Sequence[Facts]) -> Facts | None:
    """A column of moments, or a number that is called time and is too large for a counter."""
    moments = [column for column in columns if column.kind == "time"]
    epochs = [c for c in columns if c.kind == "number" and simple(c.name) in _TIME_WORDS and c.low > 1e8]
    by_name = sorted(moments + epochs, key=lambda c: (simple(c.name) not in _TIME_WORDS, -c.distinct))
    return by_name[0] if by_name else None


def _counter(columns: Sequence[Facts], answers: Answers) -> Facts | None:
    """A number that mostly rises by steps and falls back only where another machine begins."""
    taken = {*answers.left_out, *answers.failed, *answers.settings, *answers.ambient, answers.asset}
    found = []
    for column in columns:
        if column.kind != "number" or column.missing or column.name in taken or column.distinct < 3:
            continue
        steps = np.diff(column.values)
        rising = float((steps > 0).mean()) if len(steps) else 0.0
        if rising < 0.9:
            continue
        even = float((steps == np.median(steps)).mean())
        found.append((not _COUNTER_WORDS.search(column.name), not column.whole, -rising - even, column))
    return min(found, key=lambda item: item[:3])[3] if found else None


def _positions(time: Facts | None, columns: Sequence[Facts], moments: Floats | None) -> Floats:
    if time is None:
        return np.arange(columns[0].rows, dtype=np.float64)
    return moments if time.kind == "time" and moments is not None else time.values


def _asset(columns: Sequence[Facts], positions: Floats, time: Facts | None) -> Facts | None:
    """The column with which moments become unique, the coarsest first; none when they are unique already."""
    if not _repeats(np.zeros(len(positions), dtype=np.int64), positions):
        return None
    able = [
        column
        for column in columns
        if column is not time
        and not column.missing
        and 2 <= column.distinct <= max(2, column.rows // 3)
        and (column.kind == "text" or column.whole)
        and not column.flag
        and not _repeats(column.codes, positions)
    ]
    ranked = sorted(able, key=lambda c: (not _ASSET_WORDS.search(c.name), c.kind != "text", c.distinct))
    return ranked[0] if ranked else None


def _repeats(codes: npt.NDArray[np.int64], positions: Floats) -> bool:
    """Whether one machine has two rows at one moment; a few doubles (an hour in autumn, a row sent twice) do not count."""
    known = np.isfinite(positions)
    rows = pd.DataFrame({"of": codes[known], "at": positions[known]})
    return bool(rows.duplicated().mean() > 0.01)
