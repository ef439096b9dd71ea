"""A plant's list of machines as a file: one row per asset, further columns become attributes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from pdm.errors import ColumnsError, InputError
from pdm.readings.cells import to_numbers
from pdm.readings.columns import simple
from pdm.readings.files import RawTable, read_file
from pdm.readings.registry import Asset
from pdm.readings.timestamps import to_times
from pdm.readings.troubles import shown, spelled

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "asset": ("tag", "asset_id", "machine", "machine_id", "equipment", "position"),
    "asset_class": ("class", "type", "kind"),
    "description": ("name", "title", "text"),
    "location": ("functional_location", "area", "site"),
    "criticality": ("abc", "priority"),
    "parent": ("superior", "system"),
    "redundancy": ("standby",),
    "commissioned": ("commissioned_at", "commissioning_date", "start_up_date", "in_service_since"),
}
_BARE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4}|")


def read_asset_list(path: Path, *, plant_zone: str, time_zone: str | None = None) -> list[Asset]:
    """The assets of a file.

    plant_zone: in which bare commissioning dates count from midnight. time_zone: of times without a zone.

    Raises:
        UnreadableFile, ColumnsError, ZoneQuestion: the file, its columns or its times are not understood.
        InputError: a row cannot be used, with its number.
    """
    raw = read_file(path)
    roles, attributes = _columns(raw)
    if raw.broken:
        raise _bad_row(raw, raw.broken[0].row, raw.broken[0].reason)
    words = {role: spelled(raw.frame[column]).tolist() for role, column in roles.items()}
    for role in ("asset", "asset_class"):
        for n, word in enumerate(words[role]):
            if not word:
                raise _bad_row(raw, int(raw.rows[n]), f"{role} is missing")
    _refuse_twins(raw, words["asset"])
    size = len(raw.frame)
    criticality = _criticality(raw, roles.get("criticality"), size)
    commissioned = _commissioned(raw, roles.get("commissioned"), plant_zone, time_zone, size)
    extras = shown(raw.frame[attributes]).to_dict("records") if attributes else [{} for _ in range(size)]
    texts = [role for role in roles if role not in ("criticality", "commissioned")]
    return [
        Asset(
            **{role: words[role][n] for role in texts},
            criticality=criticality[n],
            commissioned=commissioned[n],
            attributes={str(key): str(value).strip() for key, value in extras[n].items() if str(value).strip()},
        )
        for n in range(size)
    ]


def _columns(raw: RawTable) -> tuple[dict[str, str], list[str]]:
    """Field -> column, and the columns that become attributes; a near miss of a field's name is an error."""
    known = {simple(word): role for role, others in _FIELDS.items() for word in (role, *others)}
    roles: dict[str, str] = {}
    others: list[str] = []
    for column in raw.frame.columns:
        role = known.get(simple(column))
        if role is not None and role not in roles:
            roles[role] = column
            continue
        near = difflib.get_close_matches(simple(column), [simple(field) for field in _FIELDS], n=1, cutoff=0.8)
        if role is None and near:
            raise ColumnsError(
                f"{raw.name}: unknown column {column!r}: did you mean {known[near[0]]!r}?",
                hint="rename it; columns unlike any field become attributes",
            )
        others.append(column)
    missing = [field for field in ("asset", "asset_class") if field not in roles]
    if missing:
        raise ColumnsError(
            f"{raw.name} has no column {' and no column '.join(missing)}", hint="columns: " + ", ".join(_FIELDS)
        )
    return roles, others


def _refuse_twins(raw: RawTable, tags: list[str]) -> None:
    seen: dict[str, int] = {}
    for tag, row in zip(tags, raw.rows.tolist(), strict=True):
        if tag in seen:
            raise _bad_row(raw, row, f"{tag} stands in row {seen[tag]} already")
        seen[tag] = row


def _criticality(raw: RawTable, column: str | None, size: int) -> list[int]:
    if column is None:
        return [3] * size
    numbers = to_numbers(raw.frame[column])
    levels = np.where(numbers.filled, numbers.values, 3.0)
    bad = ~np.isin(levels, (1.0, 2.0, 3.0, 4.0, 5.0))
    if bad.any():
        n = int(np.flatnonzero(bad)[0])
        raise _bad_row(raw, int(raw.rows[n]), f"criticality {raw.frame[column].iloc[n]!r} is not 1 (matters most) to 5")
    return [int(level) for level in levels.tolist()]


def _commissioned(
    raw: RawTable, column: str | None, plant_zone: str, time_zone: str | None, size: int
) -> list[datetime | None]:
    if column is None:
        return [None] * size
    cells = raw.frame[column]
    blank = spelled(cells) == ""
    # A date is no reading of a clock: it needs no question, only the place where the day began.
    bare = all(_BARE_DATE.fullmatch(word) for word in spelled(cells).tolist())
    zone = time_zone or (plant_zone if bare else None)
    found = to_times(cells, zone=zone, source=raw.name, series=np.zeros(size, dtype=np.int64), day_first=None)
    for n, reason in found.reasons.items():
        if not blank.iloc[n]:
            raise _bad_row(raw, int(raw.rows[n]), reason)
    return [None if pd.isna(moment) else moment.to_pydatetime() for moment in found.times]


def _bad_row(raw: RawTable, row: int, reason: str) -> InputError:
    return InputError(f"{raw.name}, row {row}: {reason}", hint="mend the row; nothing of the list was stored")
