"""What a planner of the small plant would hand over: stops, crews, stock, prices of production and preventive plans, as CSV lists.

Made from the plant itself (its lines, the crafts and parts of its job packages), so that the schedule has windows to weigh: a stop of
one line soon, one of the whole plant later, a crew that is short, a part that has to be ordered.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from pdm.catalogue import Catalogue
from pdm.operations.import_planning import import_planning
from pdm.operations.import_plans import import_plans
from pdm.ports import Plant
from pdm.readings.registry import Asset, read_assets

_HOURS = {"mechanic": 12, "electrician": 6, "operator": 8, "vibration analyst": 3, "instrument technician": 4}
_PRICES = {"pump": 350, "compressor": 900, "fan": 500}
_TASKS = (
    ("Check the coupling", 26, "WEEKS"),
    ("Lubricate the bearings", 4, "WEEKS"),
    ("Clean and inspect", 13, "WEEKS"),
    ("Proof test of the trip", 52, "WEEKS"),
)


def planner_lists(assets: Mapping[str, Asset], catalogue: Catalogue, now: datetime) -> dict[str, str]:
    """File name -> CSV text of every list, with stops and due dates counted from `now`."""
    lines = sorted({asset.location for asset in assets.values() if asset.location})
    parts = sorted({part.number for some in catalogue.packages.values() for one in some for part in one.parts})
    return {
        "stops.csv": _csv(("name", "start", "end", "scope"), _stops(lines, now)),
        "crews.csv": _csv(
            ("craft", "hours_per_day", "start", "end"),
            ((craft, _HOURS[craft], "", "") for craft in catalogue.planning.crafts if craft in _HOURS),
        ),
        "stock.csv": _csv(
            ("number", "quantity", "lead_days"),
            ((number, place % 3, "" if place % 3 else 5 + place % 4) for place, number in enumerate(parts)),
        ),
        "prices.csv": _csv(
            ("scope", "per_hour", "start", "end"),
            ((name, price, "", "") for name, price in _PRICES.items() if name in catalogue.classes),
        ),
        "plans.csv": _csv(
            (
                "pmnum",
                "assetnum",
                "description",
                "nextdate",
                "lastcompdate",
                "frequency",
                "frequnit",
                "worktype",
                "status",
            ),
            _plans(sorted(assets), now),
        ),
    }


def hand_over(plant: Plant) -> tuple[Path, ...]:
    """Write the lists into the plant's folder `lists`, and take them in as any plant would; the files."""
    texts = planner_lists(read_assets(plant.history), plant.catalogue, plant.clock.now())
    folder = plant.workspace.home / "lists"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    files = tuple(folder / name for name in texts)
    import_planning(plant, [file for file in files if file.name != "plans.csv"])
    import_plans(plant, [folder / "plans.csv"])
    return files


def _stops(lines: Sequence[str], now: datetime) -> Iterable[tuple[str, ...]]:
    morning = now.replace(hour=5, minute=0, second=0, microsecond=0)
    for place, line in enumerate(lines):
        start = morning + timedelta(days=6 + 5 * (place % 5))
        yield (
            f"cleaning {line.rpartition('/')[2]}, {line.split('/')[1]}",
            _said(start),
            _said(start + timedelta(hours=12)),
            line,
        )
    start = morning + timedelta(days=38)
    yield "spring stop", _said(start), _said(start + timedelta(days=3)), ""


def _plans(tags: Sequence[str], now: datetime) -> Iterable[tuple[str, ...]]:
    for place, tag in enumerate(tags[::3]):
        text, every, unit = _TASKS[place % len(_TASKS)]
        due = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=4 + (place * 5) % 40)
        done = due - timedelta(weeks=every)
        yield f"PM{1000 + place}", tag, text, _said(due), _said(done), str(every), unit, "PM", "ACTIVE"


def _said(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(header)
    out.writerows(rows)
    return text.getvalue()
