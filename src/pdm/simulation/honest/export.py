"""The plant's data in the shape of real exports: a historian's CSV per class and month, and the lists of a maintenance system.

Times are naive and local, as historians and SAP lists write them. One section of the plant speaks German (semicolons, decimal
commas, `31.12.2024`), the other English. Equipment numbers are not asset tags, and tags are typed as people type them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from pdm.readings.registry import Asset
from pdm.records.headers import standard_header
from pdm.simulation.honest.historian import SECTIONS
from pdm.simulation.honest.settings import ClassSettings
from pdm.simulation.honest.simulate import HonestPlant

Language = Literal["de", "en"]

HISTORIAN, RECORDS = "historian", "records"

_WORK = ("number", "kind", "order", "text", "equipment", "location", "technical_id", "noted", "started", "started_time", "ended",
         "ended_time", "finished", "finished_time", "breakdown", "part", "damage", "damage_text", "priority", "created",
         "created_time", "long_text")  # fmt: skip
_ORDERS = ("number", "kind", "notification", "text", "equipment", "location", "technical_id", "due", "started", "started_time",
           "finished", "finished_time", "closed", "plan", "created", "created_time", "part", "damage", "damage_text",
           "long_text")  # fmt: skip
_PLANS = ("number", "call", "text", "equipment", "location", "technical_id", "due", "called", "finished", "order")
_STRUCTURE = ("location", "parent", "equipment", "parent_equipment", "technical_id", "text", "kind", "serial", "item", "installed",
              "removed", "commissioned", "criticality", "manufacturer")  # fmt: skip


def export(plant: HonestPlant, folder: Path) -> tuple[Path, ...]:
    """Write all files of a plant into `folder`; returns them.

    historian/<class>_<year>-<month>.csv: wide or narrow, as the class says. records/<section>/: IW29, IW39, IP24, IH01.
    """
    files: list[Path] = []
    for machine in plant.settings.machine:
        files += _export_readings(
            plant.readings[machine.name], machine, folder / HISTORIAN, plant.settings.period.time_zone
        )
    for section, language in SECTIONS:
        spoken: Language = "de" if language == "de" else "en"
        files += _export_records(plant, section, spoken, folder / RECORDS / section)
    return tuple(files)


def _export_readings(readings: pd.DataFrame, machine: ClassSettings, folder: Path, zone: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    local = readings["time"].dt.tz_convert(zone).dt.tz_localize(None)
    month = local.dt.year * 12 + local.dt.month - 1
    stamps = pc.strftime(pa.Array.from_pandas(local).cast(pa.timestamp("s")), "%Y-%m-%d %H:%M:%S")
    written = []
    for number in np.unique(month).tolist():
        mine = np.flatnonzero(month.to_numpy() == number)
        part, times = readings.iloc[mine], stamps.take(pa.array(mine))
        path = folder / f"{machine.name}_{number // 12}-{number % 12 + 1:02d}.csv"
        if machine.export == "wide":
            csv.write_csv(_wide(part, times, machine), path)
        else:
            csv.write_csv(_narrow(part, times, machine), path, csv.WriteOptions(delimiter=";", quoting_style="none"))
        written.append(path)
    return written


def _wide(part: pd.DataFrame, times: pa.Array, machine: ClassSettings) -> pa.Table:
    columns = {"tag": pa.array(part["asset"]), "timestamp": times}
    columns |= {f"{c.title} [{c.unit}]": pa.array(part[c.name], from_pandas=True) for c in machine.channel}
    return pa.table(columns)


def _narrow(part: pd.DataFrame, times: pa.Array, machine: ClassSettings) -> pa.Table:
    """One row per value: `Tag;Messstelle;Zeitstempel;Wert`, with a decimal comma."""
    tags, pieces = pa.array(part["asset"]), []
    for channel in machine.channel:
        there = pa.array(np.flatnonzero(part[channel.name].notna().to_numpy()))
        said = pc.cast(pa.array(part[channel.name].to_numpy()).take(there), pa.string())
        pieces.append(
            pa.table(
                {
                    "Tag": tags.take(there),
                    "Messstelle": pa.array([channel.name] * len(there)),
                    "Zeitstempel": times.take(there),
                    "Wert": pc.replace_substring(said, ".", ","),
                }
            )
        )
    return pa.concat_tables(pieces)


def _export_records(plant: HonestPlant, section: str, language: Language, folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    book = {asset.asset: asset for asset in plant.assets}
    rows = {
        "IW29": (_WORK, [_work_row(row, book) for row in plant.records.notifications[section]]),
        "IW39": (_ORDERS, [_work_row(row, book) for row in plant.records.orders[section]]),
        "IP24": (_PLANS, [_plan_row(n, row, book, language) for n, row in enumerate(plant.records.plans[section], 1)]),
        "IH01": (_STRUCTURE, list(_structure(plant, section, language))),
    }
    written = []
    for name, (fields, listed) in rows.items():
        path = folder / f"{name}.csv"
        _write_list(path, name, fields, listed, language, plant.settings.period.time_zone)
        written.append(path)
    return written


def _write_list(
    path: Path, name: str, fields: Sequence[str], rows: Iterable[Mapping[str, Any]], language: Language, zone: str
) -> None:
    """A list as SAP writes it: a date and its time in two columns, dates in the user's own format."""
    date = "%d.%m.%Y" if language == "de" else "%m/%d/%Y"
    table = pd.DataFrame(list(rows), columns=[field for field in fields if not field.endswith("_time")], dtype=object)
    columns: dict[str, list[str]] = {}
    for field in fields:
        clock = field.endswith("_time")
        values = table[field.removesuffix("_time")]
        # SAP writes "Equipment" in both languages.
        header = "Equipment" if field == "equipment" else standard_header(name, field, language)
        columns[header] = [_cell(value, "%H:%M:%S" if clock else date, zone) for value in values]
    encoding, delimiter = ("cp1252", ";") if language == "de" else ("utf-8", ",")
    pd.DataFrame(columns).to_csv(
        path, sep=delimiter, index=False, encoding=encoding, errors="replace", lineterminator="\n"
    )


def _cell(value: Any, moment: str, zone: str) -> str:
    if isinstance(value, pd.Timestamp):
        return "" if value is pd.NaT else value.tz_convert(zone).strftime(moment)
    return "" if value is None or value != value else str(value)


def _work_row(row: Mapping[str, Any], book: Mapping[str, Asset]) -> dict[str, Any]:
    return {**row, **_object(str(row["equipment"]), book, str(row["number"])), "noted": row["created"]}


def _plan_row(number: int, row: Mapping[str, Any], book: Mapping[str, Asset], language: Language) -> dict[str, Any]:
    text = row["text"][0 if language == "de" else 1]
    return {**row, **_object(str(row["equipment"]), book, ""), "call": str(number), "text": text}


def _object(booked: str, book: Mapping[str, Asset], typed: str) -> dict[str, str]:
    """What a record says of its machine: equipment number, functional location, and the tag as somebody typed it."""
    asset = book.get(booked)
    if asset is None:
        return {"equipment": "", "location": booked, "technical_id": ""}
    tag = asset.asset
    # One in twelve tags is typed otherwise, always the same way in the same record.
    spelling = (
        {"0": tag.replace("-", ""), "1": tag.replace("-", " ").lower()}.get(typed[-1:], tag) if _odd(typed) else tag
    )
    return {
        "equipment": str(asset.attributes["equipment"]),
        "location": str(asset.attributes["functional_location"]),
        "technical_id": spelling,
    }


def _odd(number: str) -> bool:
    return bool(number) and int(number) % 6 == 0


def _structure(plant: HonestPlant, section: str, language: Language) -> Iterable[dict[str, Any]]:
    """Functional locations, the machines in them, and the serial parts in those."""
    top = section.upper()
    assets = [asset for asset in plant.assets if asset.attributes["section"] == section]
    yield {"location": top, "text": "Werk Nord" if language == "de" else "South works", "kind": "PLANT"}
    for line in sorted({asset.parent for asset in assets}):
        yield {
            "location": line,
            "parent": top,
            "text": ("Linie " if language == "de" else "Line ") + line[-1],
            "kind": "LINE",
        }
    for asset in assets:
        place = asset.attributes["functional_location"]
        yield {"location": place, "parent": asset.parent, "text": asset.description, "kind": "POSITION"}
        yield {
            "location": place,
            "equipment": asset.attributes["equipment"],
            "technical_id": asset.asset,
            "text": asset.description,
            "kind": asset.asset_class.upper(),
            "commissioned": None if asset.commissioned is None else pd.Timestamp(asset.commissioned),
            "criticality": "ABCDE"[asset.criticality - 1],
            "manufacturer": asset.attributes["maker"],
        }
    yield from _parts(plant, {asset.asset: asset for asset in assets})


def _parts(plant: HonestPlant, book: Mapping[str, Asset]) -> Iterable[dict[str, Any]]:
    for number, part in enumerate(plant.installations):
        if part.asset not in book:
            continue
        machine = book[part.asset]
        yield {
            "location": machine.attributes["functional_location"],
            "equipment": str(20_000_000 + number),
            "parent_equipment": machine.attributes["equipment"],
            "text": f"{part.maintainable_item} {part.asset}",
            "kind": part.maintainable_item.upper(),
            "serial": part.item,
            "item": part.maintainable_item,
            "installed": pd.Timestamp(part.start),
            "removed": None if part.end is None else pd.Timestamp(part.end),
        }
