"""From a list of stops, crews, stock, prices or protected plans to checked rows: what is wrong waits with its reason, the rest goes on.

A list is recognised by its headers, German or English, in any order; columns that nobody needs are passed over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from pdm.errors import ColumnsError
from pdm.readings.columns import simple
from pdm.readings.files import RawTable
from pdm.readings.quarantine import Rejected
from pdm.readings.timestamps import to_times
from pdm.readings.troubles import Troubles, shown, to_quarantine
from pdm.records.planning import TABLES, Table, within

Row = dict[str, str]

HEADERS: dict[Table, dict[str, tuple[str, ...]]] = {
    "stops": {
        "name": ("stop", "name", "description", "text", "stillstand", "bezeichnung", "revision"),
        "start": ("start", "begin", "from", "start date", "beginn", "von", "start stillstand"),
        "end": ("end", "finish", "to", "until", "end date", "ende", "bis"),
        "scope": ("scope", "asset", "line", "location", "anlage", "linie", "technischer platz", "functional location"),
    },
    "crews": {
        "craft": ("craft", "trade", "work center", "gewerk", "arbeitsplatz", "beruf"),
        "hours_per_day": ("hours per day", "free hours per day", "hours", "stunden pro tag", "stunden", "freie stunden"),
        "hours_per_week": ("hours per week", "free hours per week", "stunden pro woche"),
        "start": ("start", "from", "von", "beginn", "valid from", "gültig ab"),
        "end": ("end", "to", "until", "bis", "ende", "valid to", "gültig bis"),
    },
    "stock": {
        "number": ("part", "part number", "number", "material", "item", "materialnummer", "teil", "teilenummer", "itemnum"),
        "quantity": ("quantity", "stock", "unrestricted", "balance", "menge", "bestand", "frei verwendbar", "curbal"),
        "lead_days": ("lead time", "lead days", "lead time days", "planned delivery time", "wiederbeschaffungszeit",
                      "lieferzeit", "planlieferzeit", "delivery time"),
    },
    "prices": {
        "scope": ("scope", "asset", "line", "location", "class", "anlage", "linie", "technischer platz"),
        "per_hour": ("price per hour", "per hour", "loss per hour", "production loss per hour", "preis pro stunde",
                     "ausfallkosten pro stunde", "kosten pro stunde"),
        "start": ("start", "from", "von", "valid from", "gültig ab"),
        "end": ("end", "to", "until", "bis", "valid to", "gültig bis"),
    },
    "protected": {
        "plan": ("plan", "maintenance plan", "wartungsplan", "number", "pmnum", "warpl"),
        "reason": ("reason", "protected", "grund", "schutzgrund", "why"),
    },
}  # fmt: skip

NEEDED: dict[Table, tuple[tuple[str, ...], ...]] = {
    "stops": (("start",), ("end",)),
    "crews": (("craft",), ("hours_per_day", "hours_per_week")),
    "stock": (("number",), ("quantity",)),
    "prices": (("per_hour",),),
    "protected": (("plan",), ("reason",)),
}
"""Alternatives of which one column must be there."""

_TELLS: dict[Table, tuple[str, ...]] = {
    "stops": ("start", "end"), "crews": ("craft",), "stock": ("quantity",), "prices": ("per_hour",), "protected": ("reason",)
}  # fmt: skip
_BARE_DAY = re.compile(r"^\s*(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})(?:[ T]00:00(?::00)?)?\s*$")
_WORKDAYS = 5


@dataclass(frozen=True)
class Known:
    """What rows may speak of. assets: tag -> location. part_numbers: of all job packages. zone: of times without one."""

    assets: Mapping[str, str]
    classes: Collection[str]
    crafts: Collection[str]
    part_numbers: Collection[str]
    zone: str


@dataclass(frozen=True)
class PlanningIntake:
    """One list after all checks. rows: as they are kept, in the file's order."""

    table: Table
    rows: tuple[Row, ...]
    rejected: tuple[Rejected, ...]
    rows_read: int


def recognise(raw: RawTable, table: Table | None = None) -> tuple[Table, dict[str, str]]:
    """Which table a file is, and field -> column.

    Raises:
        ColumnsError: no list has these columns, or one that is needed is missing.
    """
    found = {name: _columns(raw, name) for name in ([table] if table else TABLES)}
    fitting = [name for name, columns in found.items() if not _missing(name, columns)]
    if table is None:
        fitting = [name for name in fitting if set(_TELLS[name]) <= set(found[name])]
        if "prices" in fitting or "crews" in fitting:  # both have dates too: their own column tells
            fitting = [name for name in fitting if name in ("prices", "crews")]
    if fitting:
        return fitting[0], found[fitting[0]]
    if table is None:
        raise ColumnsError(
            f"{raw.name} is none of the planner's lists: it has {', '.join(map(str, raw.frame.columns))}",
            hint="say which with --table: " + ", ".join(TABLES),
        )
    lacking = " or ".join(_missing(table, found[table])[0])
    known = {spelling for field in _missing(table, found[table])[0] for spelling in HEADERS[table][field]}
    raise ColumnsError(
        f"{raw.name}: a list of {table} needs a column {lacking}", hint="called " + ", ".join(sorted(known))
    )


def take_planning(raw: RawTable, known: Known, table: Table | None = None) -> PlanningIntake:
    """Check every row of one list.

    Raises:
        ColumnsError: as `recognise`. InputError: `03/05/2026`, and no row tells which number is the day.
    """
    name, columns = recognise(raw, table)
    texts = shown(raw.frame)
    cells = {field: texts[column].str.strip() for field, column in columns.items()}
    troubles = Troubles()
    times = _times(cells, columns, known, troubles)
    table_rows = list(zip(*(cells[field].tolist() for field in cells), strict=True))
    rows: list[Row] = []
    for number, values in enumerate(table_rows):
        if number in troubles.rows:
            continue
        row = dict(zip(cells, values, strict=True)) | {field: moments[number] for field, moments in times.items()}
        try:
            rows.append(_CHECKS[name](row, known))
        except ValueError as error:
            troubles.add({number: str(error)})
    read = len(raw.frame) + len(raw.broken)
    return PlanningIntake(name, tuple(_joined(name, rows)), to_quarantine(raw, troubles), read)


def number(text: str, what: str) -> float:
    """A number as people write it, with a comma or a point.

    >>> number("1.250,5", "hours"), number("7,5", "hours"), number("1,250.5", "hours")
    (1250.5, 7.5, 1250.5)

    Raises:
        ValueError: it is none, or below zero.
    """
    plain = text.replace(" ", "").replace("'", "")
    if "," in plain and "." in plain:
        decimal = max(plain.rfind(","), plain.rfind("."))
        plain = re.sub(r"[.,]", "", plain[:decimal]) + "." + plain[decimal + 1 :]
    try:
        value = float(plain.replace(",", "."))
    except ValueError:
        raise ValueError(f"{what}: {text!r} is no number" if text else f"{what} is missing") from None
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{what} is {text}: it cannot be negative" if value < 0 else f"{what}: {text!r} is no number")
    return value


def _columns(raw: RawTable, table: Table) -> dict[str, str]:
    names = {simple(str(column)): str(column) for column in raw.frame.columns}
    found: dict[str, str] = {}
    for field, spellings in HEADERS[table].items():
        hit = next((names[simple(word)] for word in (field, *spellings) if simple(word) in names), None)
        if hit is not None and hit not in found.values():
            found[field] = hit
    return found


def _missing(table: Table, columns: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [fields for fields in NEEDED[table] if not set(fields) & set(columns)]


def _times(
    cells: dict[str, pd.Series], columns: Mapping[str, str], known: Known, troubles: Troubles
) -> dict[str, list[str]]:
    """Start and end as ISO text in UTC, "" where the list says nothing; the end of a bare day is its end."""
    found: dict[str, list[str]] = {}
    for field in ("start", "end"):
        if field not in cells:
            continue
        text = cells[field].reset_index(drop=True)
        said = np.flatnonzero(text.ne("").to_numpy())
        part = text.iloc[said].reset_index(drop=True)
        read = to_times(part, zone=known.zone, source="planning", series=np.zeros(len(part), dtype=np.int64))
        troubles.add({int(said[n]): reason for n, reason in read.reasons.items()}, f"{columns[field]}: ")
        moments = [""] * len(text)
        for place, moment in zip(said.tolist(), read.times.tolist(), strict=True):
            if moment is not pd.NaT:
                over = timedelta(days=1) if field == "end" and _BARE_DAY.match(text.iloc[place]) else timedelta(0)
                moments[place] = (moment.to_pydatetime() + over).isoformat()
        found[field] = moments
    return found


def _stop(row: Row, known: Known) -> Row:
    start, end = row["start"], row["end"]
    if not start or not end:
        raise ValueError(f"the stop has no {'beginning' if not start else 'end'}")
    if datetime.fromisoformat(end) <= datetime.fromisoformat(start):
        raise ValueError(f"the stop ends ({end}) before it begins ({start})")
    return {"name": row.get("name") or "planned stop", "start": start, "end": end, "scope": _scope(row, known)}


def _crew(row: Row, known: Known) -> Row:
    craft = _near(row["craft"], known.crafts)
    if craft is None:
        raise ValueError(
            f"craft {row['craft']!r} is unknown; the site's planning names {', '.join(known.crafts)}"
            if row["craft"]
            else "the craft is missing"
        )
    weekly = row.get("hours_per_week", "")
    if row.get("hours_per_day") or not weekly:
        hours = number(row.get("hours_per_day", ""), "hours per day")
    else:
        hours = number(weekly, "hours per week") / _WORKDAYS
    _in_order(row)
    return {"craft": craft, "hours_per_day": f"{hours:g}", "start": row.get("start", ""), "end": row.get("end", "")}


def _stock(row: Row, known: Known) -> Row:
    part = _near(row["number"], known.part_numbers)
    if part is None:
        raise ValueError(
            f"no job package names a part {row['number']!r}" if row["number"] else "the part number is missing"
        )
    lead = row.get("lead_days", "")
    days = re.sub(r"(?i)\s*(?:d|days?|tage?)$", "", lead)
    return {
        "number": part,
        "quantity": f"{number(row['quantity'], 'quantity'):g}",
        "lead_days": f"{number(days, 'lead time'):g}" if days else "",
    }


def _price(row: Row, known: Known) -> Row:
    hourly = number(row["per_hour"], "price per hour")
    _in_order(row)
    scope = row.get("scope", "")
    named = _near(scope, known.classes) if scope else ""
    return {
        "scope": named if named else _scope(row, known),
        "per_hour": f"{hourly:g}",
        "start": row.get("start", ""),
        "end": row.get("end", ""),
    }


def _protected(row: Row, known: Known) -> Row:  # noqa: ARG001  all checks take the same
    if not row["plan"] or not row["reason"]:
        raise ValueError("the plan is missing" if not row["plan"] else "the reason is missing")
    return {"plan": re.sub(r"^0+(?=\d)", "", row["plan"]), "reason": row["reason"]}


_CHECKS: dict[Table, Callable[[Row, Known], Row]] = {
    "stops": _stop,
    "crews": _crew,
    "stock": _stock,
    "prices": _price,
    "protected": _protected,
}


def _scope(row: Row, known: Known) -> str:
    """A tag or a location that some asset has; empty is the whole plant."""
    scope = row.get("scope", "")
    if not scope:
        return ""
    tag = _near(scope, known.assets)
    if tag is not None:
        return tag
    if any(within(scope, "", location) for location in known.assets.values()):
        return scope.strip("/")
    raise ValueError(f"no asset and no location is called {scope!r}")


def _near(word: str, known: Collection[str]) -> str | None:
    """The known spelling of a word, without regard to case and blanks around it."""
    if word in known:
        return word
    return next((one for one in known if one.casefold() == word.casefold()), None)


def _in_order(row: Row) -> None:
    start, end = row.get("start", ""), row.get("end", "")
    if start and end and datetime.fromisoformat(end) <= datetime.fromisoformat(start):
        raise ValueError(f"it ends ({end}) before it begins ({start})")


def _joined(table: Table, rows: list[Row]) -> list[Row]:
    """One part in several storage places is one stock; the longest lead time counts."""
    if table != "stock":
        return rows
    found: dict[str, Row] = {}
    for row in rows:
        known = found.get(row["number"])
        if known is None:
            found[row["number"]] = dict(row)
            continue
        known["quantity"] = f"{float(known['quantity']) + float(row['quantity']):g}"
        leads = [float(one["lead_days"]) for one in (known, row) if one["lead_days"]]
        known["lead_days"] = f"{max(leads):g}" if leads else ""
    return list(found.values())
