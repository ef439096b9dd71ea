"""What the planner knows and the sensors do not: planned stops, crews, stock, prices of production and protected plans.

Each is one table in `home/records`, kept as CSV that people can read. Sending a list again replaces the table of its kind: the
maintenance system owns these facts, and the newest list is what holds.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from pdm.readings.quarantine import disarm
from pdm.records.structure import FOLDER

Table = Literal["stops", "crews", "stock", "prices", "protected"]
TABLES: tuple[Table, ...] = get_args(Table)

COLUMNS: dict[Table, tuple[str, ...]] = {
    "stops": ("name", "start", "end", "scope"),
    "crews": ("craft", "hours_per_day", "start", "end"),
    "stock": ("number", "quantity", "lead_days"),
    "prices": ("scope", "per_hour", "start", "end"),
    "protected": ("plan", "reason"),
}


@dataclass(frozen=True)
class Stop:
    """One planned stop. scope: an asset's tag, the beginning of locations (`north/line-1`), or empty for the whole plant."""

    name: str
    start: datetime
    end: datetime
    scope: str = ""

    def holds(self, asset: str, location: str) -> bool:
        """Whether this asset stands still during the stop.

        >>> from datetime import UTC
        >>> line = Stop("May", datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 2, tzinfo=UTC), "north/line-1")
        >>> line.holds("P-1", "north/line-1/water"), line.holds("P-1", "north/line-10")
        (True, False)
        """
        return within(self.scope, asset, location)


@dataclass(frozen=True)
class Crew:
    """Free hours of one craft per working day, between two moments (None: for ever)."""

    craft: str
    hours_per_day: float
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Stock:
    """What the store has of one part; lead_time: when it must be ordered, None where the list does not say."""

    number: str
    quantity: float
    lead_time: timedelta | None = None


@dataclass(frozen=True)
class Price:
    """What an hour without production costs now. scope: an asset's tag, a location, a class, or empty for everything."""

    scope: str
    per_hour: float
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class PlannedTask:
    """One preventive plan on one machine, as `import plans` keeps it."""

    source: str
    plan: str
    asset: str
    text: str = ""
    cycle: str = ""
    unit: str = ""
    due: datetime | None = None
    finished: datetime | None = None


@dataclass(frozen=True)
class PlanningTables:
    """Everything that is on record. protected: plan -> why it is never put off. stock: part number -> stock."""

    stops: tuple[Stop, ...] = ()
    crews: tuple[Crew, ...] = ()
    stock: Mapping[str, Stock] | None = None
    prices: tuple[Price, ...] = ()
    protected: Mapping[str, str] | None = None
    plans: tuple[PlannedTask, ...] = ()


def within(scope: str, asset: str, location: str) -> bool:
    """Whether an asset lies in a scope: its own tag, a location above it, or everything."""
    if scope in ("", asset):
        return True
    place, above = location.strip("/").lower(), scope.strip("/").lower()
    return place == above or place.startswith(above + "/")


def planning_file(home: Path, table: Table) -> Path:
    """Where a table is kept."""
    return home / FOLDER / f"{table}.csv"


def read_planning(home: Path) -> PlanningTables:
    """All tables of a plant; empty ones before the first import."""
    stock = [Stock(row["number"], float(row["quantity"]), _days(row["lead_days"])) for row in _rows(home, "stock")]
    return PlanningTables(
        stops=tuple(
            Stop(row["name"], datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"]), row["scope"])
            for row in _rows(home, "stops")
        ),
        crews=tuple(
            Crew(row["craft"], float(row["hours_per_day"]), _moment(row["start"]), _moment(row["end"]))
            for row in _rows(home, "crews")
        ),
        stock={one.number: one for one in stock},
        prices=tuple(
            Price(row["scope"], float(row["per_hour"]), _moment(row["start"]), _moment(row["end"]))
            for row in _rows(home, "prices")
        ),
        protected={row["plan"]: row["reason"] for row in _rows(home, "protected")},
        plans=_plans(home),
    )


def write_table(home: Path, table: Table, rows: Sequence[Mapping[str, str]]) -> Path:
    """Replace a table."""
    path = planning_file(home, table)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS[table])
        out.writerows([disarm(row.get(name, "")) for name in COLUMNS[table]] for row in rows)
    return path


def _rows(home: Path, table: Table) -> list[dict[str, str]]:
    return _read(planning_file(home, table))


def _plans(home: Path) -> tuple[PlannedTask, ...]:
    return tuple(
        PlannedTask(
            row["source"], row["plan"], row["asset"], row["text"], row["cycle"], row["unit"],
            _moment(row["due"]), _moment(row["finished"]),
        )
        for row in _read(home / FOLDER / "plans.csv")
    )  # fmt: skip


def _read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{name: _rearmed(cell or "") for name, cell in row.items()} for row in csv.DictReader(file)]


def _rearmed(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in "=+-@\t\r" else cell


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _days(text: str) -> timedelta | None:
    return timedelta(days=float(text)) if text else None
