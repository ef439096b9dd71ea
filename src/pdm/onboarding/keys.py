"""Which columns say *whose* row it is and *when* it was: no two rows of one machine share a moment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.errors import InputError
from pdm.onboarding.answers import Answers
from pdm.onboarding.facts import Facts
from pdm.readings.columns import simple, unit_symbol

Floats = npt.NDArray[np.float64]

_TIME_WORDS = {"time", "timestamp", "datetime", "date", "ts", "datum", "zeit", "zeitstempel", "horodatage", "fecha"}
_EPOCH_WORDS = re.compile(r"time|date|epoch|unix|stamp|zeit|(?:^|_)(?:ts|dt)(?:_|$)", re.I)
_WRITTEN_WORDS = re.compile(
    r"record|insert|creat|load|receiv|upload|export|ingest|arriv|server|modif|updat|known|sent|transmit|erfasst|eingang",
    re.I,
)
_RISING = 0.9
_FEW = 0.01
_CALLED_COUNTER = re.compile(
    r"(?:time[ _]?(?:in[ _])?)?cycles?(?:[ _](?:no|nr|number|index))?|zyklus|snapshot|flight|lap|shot|stroke", re.I
)
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
    """asset, time: columns, None where the file has none. counter: the time is a usage counter. why, questions: how they were found."""

    asset: str | None
    time: str | None
    counter: bool
    why: tuple[str, ...]
    questions: tuple[str, ...] = ()


def find_keys(columns: Sequence[Facts], answers: Answers, moments: Floats | None = None) -> Keys:
    """The key columns of a table.

    moments: float64 [n] positions of the time column where it holds calendar times, in any unit.
    """
    why: list[str] = []
    questions: tuple[str, ...] = ()
    time = find_time(columns, answers)
    counter = time is not None and time.kind == "number" and not time.epoch
    if time is None:
        why.append("no column rises with time: the rows are taken in the order of the file")
        questions = ("which column says when a row was measured? --time; without one the order of the file counts",)
    elif answers.time:
        why.append(f"'{time.name}' is the time, as told")
    else:
        what = "a counter" if counter else "the times of the rows"
        why.append(f"'{time.name}' holds {what}")
    positions = _positions(time, columns, moments)
    asset = _named(columns, answers.asset)
    if asset is not None:
        why.append(f"'{asset.name}' names the machine, as told")
    elif answers.machine is None:
        asset = _asset(columns, positions, time)
        if asset is not None and asset.constant:
            why.append(f"'{asset.name}' names the one machine of all rows: {asset.sample}")
        elif asset is not None:
            why.append(f"'{asset.name}' names the machine: {asset.distinct} of them, each with its own rows")
    questions += () if answers.time else _other_times(columns, time)
    return Keys(asset.name if asset else None, time.name if time else None, counter, tuple(why), questions)


def find_time(columns: Sequence[Facts], answers: Answers) -> Facts | None:
    """The column that says when: as told, else moments, else a counter."""
    return (
        _named(columns, answers.time)
        or _calendar(columns, answers)
        or _counter(columns, answers)
        or _called_counter(columns, answers)
    )


def _named(columns: Sequence[Facts], name: str | None) -> Facts | None:
    return next((column for column in columns if column.name == name), None) if name else None


def _calendar(columns: Sequence[Facts], answers: Answers) -> Facts | None:
    """A column of moments, or a number that counts from 1970: what was written down later than it happened comes last."""
    moments = [column for column in columns if column.kind == "time" and column.name not in answers.left_out]
    epochs = [c for c in columns if c.epoch and not c.missing and (_EPOCH_WORDS.search(c.name) or _rising(c) > _RISING)]
    ranked = sorted(
        [*moments, *(c for c in epochs if c.name not in answers.left_out)],
        key=lambda c: (
            bool(_WRITTEN_WORDS.search(c.name)),
            simple(c.name) not in _TIME_WORDS,
            c.distinct < 0.5 * max(other.distinct for other in [*moments, *epochs]),
            c.middle if c.kind == "time" else 0.0,
        ),
    )
    return ranked[0] if ranked else None


def _other_times(columns: Sequence[Facts], time: Facts | None) -> tuple[str, ...]:
    """A question about every other column of moments: which of them is when it was measured is not to be seen for sure."""
    if time is None or time.kind != "time":
        return ()
    return tuple(
        f"'{c.name}' holds times as well, usually {_apart(c.middle - time.middle)} '{time.name}': "
        f"if it is when the values were measured: --time '{c.name}'"
        for c in columns
        if c.kind == "time" and c is not time and not c.constant
    )


def _apart(hours: float) -> str:
    length = f"{abs(hours):.3g} h" if abs(hours) < 48 else f"{abs(hours) / 24:.3g} d"
    return f"{length} {'after' if hours >= 0 else 'before'}"


def _rising(column: Facts) -> float:
    """The share of rows that lie above the one before."""
    steps = np.diff(column.values)
    return float((steps > 0).mean()) if len(steps) else 0.0


def _counter(columns: Sequence[Facts], answers: Answers) -> Facts | None:
    """A number that mostly rises by steps and falls back only where another machine begins."""
    taken = {*answers.left_out, *answers.failed, *answers.settings, *answers.ambient, answers.asset}
    found = []
    for column in columns:
        if column.kind != "number" or column.missing or column.name in taken or column.distinct < 3:
            continue
        steps, rising = np.diff(column.values), _rising(column)
        if rising < _RISING:
            continue
        even = float((steps == np.median(steps)).mean())
        found.append((not _COUNTER_WORDS.search(column.name), not column.whole, -rising - even, column))
    return min(found, key=lambda item: item[:3])[3] if found else None


def _called_counter(columns: Sequence[Facts], answers: Answers) -> Facts | None:
    """Whole numbers under the name of a counter, in files whose rows stand in another order."""
    taken = {*answers.left_out, *answers.failed, *answers.settings, *answers.ambient, answers.asset}
    return next(
        (
            column
            for column in columns
            if _CALLED_COUNTER.fullmatch(column.name.strip())
            and column.whole
            and not column.missing
            and column.distinct > 2
            and column.name not in taken
        ),
        None,
    )


def _positions(time: Facts | None, columns: Sequence[Facts], moments: Floats | None) -> Floats:
    if time is None:
        return np.arange(columns[0].rows, dtype=np.float64)
    return moments if time.kind == "time" and moments is not None else time.values


def _asset(columns: Sequence[Facts], positions: Floats, time: Facts | None) -> Facts | None:
    """The column with which moments become unique, the coarsest first; where they are unique already, one that is the same throughout."""
    if not repeats(np.zeros(len(positions), dtype=np.int64), positions):
        return next((c for c in columns if _names_one(c)), None)
    able = [
        column
        for column in columns
        if column is not time
        and column.missing <= _FEW * column.rows
        and 2 <= column.distinct <= max(2, column.rows // 3)
        and (column.kind == "text" or column.whole)
        and not column.flag
        and not repeats(column.codes, positions)
    ]
    ranked = sorted(able, key=lambda c: (not _ASSET_WORDS.search(c.name), c.kind != "text", c.distinct))
    return ranked[0] if ranked else None


def _names_one(column: Facts) -> bool:
    """A constant word in a column that is called like a machine; a unit is none."""
    if column.kind != "text" or not column.constant or column.missing or not _ASSET_WORDS.search(column.name):
        return False
    try:
        return unit_symbol(column.sample) is None
    except InputError:
        return True


def repeats(codes: npt.NDArray[np.int64], positions: Floats) -> bool:
    """Whether one machine has two rows at one moment; a few doubles (an hour in autumn, a row sent twice) do not count."""
    known = np.isfinite(positions) & (codes >= 0)
    rows = pd.DataFrame({"of": codes[known], "at": positions[known]})
    return bool(rows.duplicated().mean() > _FEW)
