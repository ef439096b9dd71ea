"""From the facts about columns to a proposal: keys, channels, labels, running rule and lengths, each with its reason."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import Axis, Channel, RunningRule
from pdm.errors import ColumnsError
from pdm.onboarding.answers import Answers
from pdm.onboarding.facts import Facts
from pdm.onboarding.keys import Keys, find_keys, repeats
from pdm.onboarding.labels import counts_down, failure_flags, is_clock
from pdm.onboarding.lengths import choose
from pdm.onboarding.proposal import Measured, Mode, Proposal
from pdm.onboarding.units import name_and_unit, role_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_AT_REST = 0.05
_SELDOM_AT_REST = 0.02
_RUNNING_WORDS = re.compile(r"running|betrieb|speed|rpm|drehzahl|current|strom|power|leistung|flow|load", re.I)


@dataclass(frozen=True)
class Table:
    """The rows of all files with their columns' facts.

    file_of_row: int64 [n]; files: their names, for when each is a machine of its own. moments: float64 [n] hours since 1970, where the
    time is no counter. notes, questions: what was done to the files so that they became this table.
    """

    columns: tuple[Facts, ...]
    file_of_row: Ints
    files: tuple[str, ...]
    moments: Floats | None = None
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    def column(self, name: str) -> Facts:
        return next(column for column in self.columns if column.name == name)


def propose(asset_class: str, table: Table, answers: Answers, *, told: Sequence[Mode] = ()) -> Proposal:
    """What the rows seem to mean.

    told: failure modes that files of events tell of.

    Raises:
        ColumnsError: an answer names a column that is not there, or no column holds numbers that could be a channel.
    """
    _check_named(table, answers)
    keys = find_keys(table.columns, answers, table.moments)
    machines, count = _machines(table, keys)
    positions = _positions(table, keys)
    axis, questions = _axis(keys, answers, machines, positions)
    questions = [*table.questions, *keys.questions, *questions]
    blocked = _whose(keys, answers, machines, positions)
    left_out: dict[str, str] = dict.fromkeys(answers.left_out, "as told")
    taken = {keys.asset, keys.time, *left_out}
    rest = [column for column in table.columns if column.name not in taken]
    modes, flags = failure_flags(rest, answers, machines)
    labels = [c.name for c in rest if c.name not in flags and counts_down(c, machines, positions)]
    left_out |= dict.fromkeys(labels, "it counts down to the last row of every machine: only the future could tell it")
    clocks = [c.name for c in rest if c.name not in (*flags, *left_out) and is_clock(c, machines, positions)]
    left_out |= dict.fromkeys(clocks, "a second clock: it only says how much time has passed")
    ends = answers.run_to_failure if answers.run_to_failure is not None else bool(labels)
    attributes = []
    measured: list[Measured] = []
    for column in rest:
        if column.name in flags or column.name in left_out:
            continue
        reason = _useless(column)
        explains = column.name in (*answers.settings, *answers.ambient)
        if not column.constant and not explains and _fixed(column, machines, count):
            attributes.append(column.name)
        elif reason is not None:
            left_out[column.name] = reason
        else:
            measured.append(_channel(column, answers, {item.channel.name for item in measured}))
    if not measured:
        raise ColumnsError(
            "no column holds numbers that change", hint="name the time and machine columns: --time, --asset"
        )
    _ask_about_units(measured, questions)
    if ends and not modes:
        modes = (Mode("failure", "Failure", "", count),)
    modes = _together(modes, told) or (Mode("failure", "Failure"),)
    failures = sum(mode.count for mode in modes)
    if not failures:
        questions.append(
            "no failures are known: if every machine ran until it failed say --run-to-failure, else give --events FILE or --failed COLUMN"
        )
    span = _span(machines, positions)
    life = span / max(1.0, failures / count) if failures else None
    return Proposal(
        asset_class=asset_class,
        axis=axis,
        asset=keys.asset,
        machine=answers.machine,
        time=keys.time,
        zone=answers.zone,
        measured=tuple(measured),
        modes=modes,
        attributes=tuple(attributes),
        labels=tuple(labels),
        left_out=left_out,
        running=_running(measured, table, answers) if axis.kind == "time" else None,
        run_to_failure=ends,
        lengths=choose(axis, span, life, whole_lives=ends and count >= 2),
        rows=len(machines),
        assets=count,
        failures=failures,
        why=(
            *table.notes,
            *_gaps(measured, table),
            *keys.why,
            *([] if blocked else _by_file(table, keys, answers)),
            *_ends_sentence(ends, labels, count),
        ),
        questions=(*([blocked] if blocked else []), *questions),
        blocked=blocked,
    )


def _together(modes: Sequence[Mode], told: Sequence[Mode]) -> tuple[Mode, ...]:
    """Modes of the rows and of the events, each once."""
    found = {mode.name: mode for mode in modes}
    for mode in told:
        known = found.get(mode.name)
        found[mode.name] = replace(known, count=known.count + mode.count) if known else mode
    return tuple(found.values())


def _whose(keys: Keys, answers: Answers, machines: Ints, positions: Floats) -> str:
    """What has to be answered before anything is stored: rows share moments, and nothing tells whose they are."""
    if keys.time is None or not repeats(machines, positions):
        return ""
    if keys.asset is None and answers.machine is None:
        return f"several rows share a moment in '{keys.time}', and no column tells them apart: which one names the machine? --asset"
    return f"rows of one machine share moments in '{keys.time}': is another column the machine (--asset) or the time (--time)?"


def _by_file(table: Table, keys: Keys, answers: Answers) -> list[str]:
    """That machines are called like their files, where nothing else names them."""
    if keys.asset is not None or (answers.machine is not None and len(table.files) == 1):
        return []
    if len(table.files) == 1:
        return [f"all rows are of one machine, called '{table.files[0]}' like the file; --machine calls it otherwise"]
    shown = ", ".join(table.files[:3]) + (", ..." if len(table.files) > 3 else "")
    return [f"each file is a machine: {shown}"]


def _gaps(measured: Sequence[Measured], table: Table) -> list[str]:
    """Words among numbers, which become gaps."""
    columns = [table.column(item.column) for item in measured]
    return [
        f"'{column.name}' holds no number in {column.words:,} of {column.rows:,} rows: they become gaps, and stand in quarantine"
        for column in columns
        if column.words
    ]


def slug(name: str) -> str:
    """A column's name as a channel may be called.

    >>> slug("Air temperature"), slug("Öldruck (Ein)"), slug("7_x")
    ('air_temperature', 'oldruck_ein', 'c_7_x')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    word = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "channel"
    return word if word[0].isalpha() else f"c_{word}"


def _check_named(table: Table, answers: Answers) -> None:
    known = [column.name for column in table.columns]
    if missing := [name for name in answers.named if name not in known]:
        raise ColumnsError(f"no column is called {missing[0]!r}", hint="columns: " + ", ".join(known))


def _machines(table: Table, keys: Keys) -> tuple[Ints, int]:
    codes = table.column(keys.asset).codes if keys.asset else table.file_of_row
    return codes, len(np.unique(codes[codes >= 0]))


def _positions(table: Table, keys: Keys) -> Floats:
    if keys.time is None:
        return np.arange(len(table.file_of_row), dtype=np.float64)
    if keys.counter or table.moments is None:
        return table.column(keys.time).values
    return table.moments


def _axis(keys: Keys, answers: Answers, machines: Ints, positions: Floats) -> tuple[Axis, list[str]]:
    """Along what the machines age, and what to ask about it."""
    step = _step(machines, positions)
    if keys.time is not None and not keys.counter:
        return Axis("time", step, "h", 24.0), []
    unit = _counter_unit(keys.time)
    questions = []
    if answers.per_day is None:
        questions.append(f"how many {unit} does a machine make on an average day? --per-day; 24 is assumed for dates")
    return Axis("usage", step, unit, answers.per_day or 24.0), questions


def _counter_unit(name: str | None) -> str:
    """A counter's unit from its column: `snapshot` counts snapshots, an index counts rows."""
    word = slug(name or "row").removesuffix("_no").removesuffix("_nr").removeprefix("c_")
    if word in {"time", "timestamp", "ts", "t"}:
        return "time steps"
    if word in {"udi", "index", "id", "row", "seq", "number", "no", "n", "step"}:
        return "rows"
    return (word if word.endswith("s") else word + "s").replace("_", " ")


def _step(machines: Ints, positions: Floats) -> float:
    """The usual distance of two rows of one machine."""
    order = np.lexsort((positions, machines))
    distance = np.diff(positions[order])[np.diff(machines[order]) == 0]
    distance = distance[distance > 0]
    return float(np.median(distance)) if len(distance) else 1.0


def _span(machines: Ints, positions: Floats) -> float:
    """How far the median machine's rows reach."""
    grouped = pd.Series(positions).groupby(machines)
    return float((grouped.max() - grouped.min()).median()) or 1.0


def _useless(column: Facts) -> str | None:
    if column.kind == "empty":
        return "it is empty"
    if column.constant:
        return "it never changes"
    if column.kind == "time":
        return "a second time"
    if column.kind == "text":
        return "words, not numbers"
    return None


def _fixed(column: Facts, machines: Ints, count: int) -> bool:
    """The same in all rows of a machine, and not in all machines."""
    if count < 2 or column.missing:
        return False
    per_machine = pd.Series(column.codes).groupby(machines).nunique()
    return bool((per_machine == 1).all())


def _channel(column: Facts, answers: Answers, taken: set[str]) -> Measured:
    bare, symbol, unknown = name_and_unit(column.name, answers.units.get(column.name))
    name = slug(bare)
    while name in taken or name in {"asset", "time", "recorded_at"}:
        name += "_x"
    role = role_of(bare)
    if column.name in answers.settings:
        role = "setting"
    elif column.name in answers.ambient:
        role = "ambient"
    margin = 0.5 * (column.high - column.low)
    low = 0.0 if 0 <= column.low <= margin and role != "ambient" else column.low - margin
    channel = Channel(
        name, bare.replace("_", " ").strip().lower(), symbol or "1", _tidy(low), _tidy(column.high + margin), role=role
    )
    return Measured(column.name, channel, (column.low, column.high), unknown)


def _tidy(value: float) -> float:
    """Two and a half digits: a range that a person would have written."""
    return float(f"{value:.3g}")


def _ask_about_units(measured: Sequence[Measured], questions: list[str]) -> None:
    unknown = [item.column for item in measured if item.channel.unit == "1" and item.seen != (0.0, 1.0)]
    if unknown:
        shown = ", ".join(repr(name) for name in unknown[:4]) + (
            f" and {len(unknown) - 4} more" if len(unknown) > 4 else ""
        )
        questions.append(f"in which unit is {shown}? --unit 'COLUMN=bar'; until then it counts as a plain number")


def _running(measured: Sequence[Measured], table: Table, answers: Answers) -> RunningRule | None:
    """The first speed, current or power that now and then lies near zero, well apart from its usual level."""
    by_column = {item.column: item.channel.name for item in measured}
    if answers.running:
        return RunningRule(by_column[answers.running[0]], answers.running[1])
    for item in measured:
        values = table.column(item.column).values
        usual = float(np.nanquantile(values, 0.9))
        near_zero = float(np.nanmean(values < _AT_REST * usual)) if usual > 0 else 0.0
        if _RUNNING_WORDS.search(item.column) and _SELDOM_AT_REST < near_zero < 0.9:
            return RunningRule(item.channel.name, _tidy(0.1 * usual))
    return None


def _ends_sentence(ends: bool, labels: Sequence[str], count: int) -> list[str]:
    if not ends:
        return []
    seen = f" ('{labels[0]}' counts down to it)" if labels else ""
    return [f"each of the {count} machines ran until it failed{seen}: its last row is its failure"]
