"""Narrow tables and columns that name their machine, turned into one row per machine and moment with one column per measurement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from pdm.errors import InputError
from pdm.onboarding.answers import Answers
from pdm.onboarding.facts import Facts
from pdm.onboarding.layout import Laid
from pdm.readings.columns import simple, unit_symbol
from pdm.readings.narrow import converted

_WHAT = {
    "channel", "sensor", "signal", "measurement", "variable", "parameter", "channelname", "sensorname", "signalname", "messstelle",
    "kanal", "tag", "tagname", "point", "pointname", "metric", "quantity", "measure", "attribute", "variablename", "sensorid",
}  # fmt: skip
_HOW_MUCH = {"value", "reading", "val", "pv", "wert", "messwert", "valeur", "valor", "tagvalue", "readingvalue"}
_UNITS = {"unit", "units", "uom", "engineeringunit", "engineeringunits", "einheit"}
_ALSO_MACHINES = {"tag", "tagname"}
_SPLIT = re.compile(r"^(?P<machine>.*\d.*)[./:|\\](?P<what>[^./:|\\]*[^\W\d_]{2}[^./:|\\]*)$")
_DOUBLES = 0.01
MACHINE = "machine"


def widen(laid: Laid, columns: Sequence[Facts], answers: Answers, time: str | None) -> Laid:
    """A table with a column for *what* was measured and one for *how much*, as one column per measurement.

    time: the column with the moments. Left as it is where the table is wide already, or where `--asset` says that the names are machines.
    """
    what = next((c for c in columns if simple(c.name) in _WHAT and c.name != answers.asset), None)
    value = next((c for c in columns if simple(c.name) in _HOW_MUCH and c.kind == "number"), None)
    if what is None or value is None or time is None or what.name == time or what.distinct < 2:
        return laid
    unit = next((c for c in columns if simple(c.name) in _UNITS and c.kind == "text"), None)
    others = [c for c in columns if c.name not in {what.name, value.name, time, unit.name if unit else None}]
    frame = laid.frame
    names = frame[what.name].astype("str").str.strip()
    if unit is not None:
        symbols = frame[unit.name].fillna("").astype("str").str.strip()
        usual = symbols.groupby(names).agg(lambda found: found.mode().iloc[0])
        frame = _in_one_unit(frame, value, names, symbols, names.map(usual))
        names = names + names.map(usual).map(lambda symbol: f" [{symbol}]" if symbol else "")
    keys = _keys(frame, names, others, time, answers)
    file = pd.Series(laid.file_of_row, name="file")
    index = [file, *(frame[name] for name in keys), frame[time]]
    doubled = float(pd.concat([*index, names], axis=1).duplicated().mean())
    if doubled > _DOUBLES:
        return laid
    cells = frame[value.name].groupby([*index, names], sort=False, dropna=False).first().unstack()
    wide = cells.reset_index()
    wide.columns = [str(column) for column in wide.columns]
    of_row = wide.pop("file").to_numpy(dtype=np.int64)
    dropped = [c.name for c in others if c.name not in keys]
    note = f"narrow table: '{what.name}' says what was measured ({what.distinct} different), '{value.name}' how much"
    note += f"; {', '.join(repr(name) for name in dropped)} not read" if dropped else ""
    questions = laid.questions
    if simple(what.name) in _ALSO_MACHINES and not keys:
        sentence = f"'{what.name}' is taken for the names of measurements; if it names machines: --asset {what.name}"
        questions = (*questions, sentence)
    return replace(laid, frame=wide, file_of_row=of_row, notes=(*laid.notes, note), questions=questions)


def _in_one_unit(
    frame: pd.DataFrame, value: Facts, names: pd.Series, symbols: pd.Series, usual: pd.Series
) -> pd.DataFrame:
    """Values that come in another unit than most of their kind, converted.

    Raises:
        InputError: one kind of measurement in units that have nothing to do with each other.
    """
    other = (symbols != usual) & (symbols != "")
    if not other.any():
        return frame
    values = value.values.copy()
    for name, source, target in sorted(set(zip(names[other], symbols[other], usual[other], strict=True))):
        rows = (other & (names == name) & (symbols == source)).to_numpy(dtype=bool)
        try:
            values[rows] = converted(values[rows], unit_symbol(source), unit_symbol(target) or "1")
        except InputError as error:
            raise InputError(
                f"'{name}' comes in {source} and in {target}: {error.message}", hint="export it in one unit"
            ) from None
    return frame.assign(**{value.name: values})


def _keys(frame: pd.DataFrame, names: pd.Series, others: Sequence[Facts], time: str, answers: Answers) -> list[str]:
    """What has to stand beside the moment to tell whose row it is: the machine as told, else the coarsest column that does."""
    if answers.asset is not None:
        return [answers.asset]
    alone = pd.concat([frame[time], names], axis=1)
    if alone.duplicated().mean() <= _DOUBLES:
        return [c.name for c in others if c.distinct == 1 and c.kind == "text"][:1]
    able = sorted((c for c in others if c.kind == "text" or c.whole), key=lambda c: c.distinct)
    for column in able:
        if column.distinct > 1 and pd.concat([alone, frame[column.name]], axis=1).duplicated().mean() <= _DOUBLES:
            return [column.name]
    return []


def stack_machines(laid: Laid, columns: Sequence[Facts], answers: Answers, time: str | None) -> Laid:
    """Columns called `P-101.Pressure`, `P-102.Pressure`: one row per machine and moment, and the machines in a column of their own."""
    if answers.asset is not None or answers.machine is not None or time is None:
        return laid
    measured = [c.name for c in columns if c.name != time and c.kind == "number"]
    found = {name: match for name in measured if (match := _SPLIT.match(name))}
    machines = list(dict.fromkeys(match["machine"] for match in found.values()))
    kinds = {machine: {m["what"] for m in found.values() if m["machine"] == machine} for machine in machines}
    if len(machines) < 2 or len(found) < len(measured) or len({frozenset(kind) for kind in kinds.values()}) > 1:
        return laid
    parts = []
    for machine in machines:
        mine = {name: match["what"] for name, match in found.items() if match["machine"] == machine}
        part = laid.frame[[time, *mine]].rename(columns=mine)
        part.insert(0, MACHINE, machine)
        parts.append(part)
    order = [MACHINE, time, *sorted(kinds[machines[0]])]
    frame = pd.concat(parts, ignore_index=True)[order]
    shown = ", ".join(machines[:4]) + (", ..." if len(machines) > 4 else "")
    return replace(
        laid,
        frame=frame,
        file_of_row=np.tile(laid.file_of_row, len(machines)),
        notes=(*laid.notes, f"the columns name their machines: {shown}"),
        questions=(*laid.questions, f"{shown} are taken for machines; if they are parts of one: --machine NAME"),
    )
