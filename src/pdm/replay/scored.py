"""Assessments of a stretch of history in one file: scored once, decided upon as often as anybody likes.

Only what decisions look at is kept; reasons and features stay behind.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pdm.readings.tables import UTC_US
from pdm.scoring.assessment import Assessment, Deviation, RemainingLife, Risk

_WORDS = ("asset", "asset_class", "equipment", "condition", "data", "model", "rung", "bundle")
_SCHEMA = pa.schema(
    [(name, pa.string()) for name in _WORDS]
    + [("as_of", UTC_US), ("data_time", UTC_US), ("data_usage", pa.float64())]
    + [(name, pa.string()) for name in ("risks", "remaining_life", "deviations", "quality_flags")]
)

Rounds = list[tuple[datetime, list[Assessment]]]


def write_scored(path: Path, rounds: Iterable[tuple[datetime, list[Assessment]]]) -> None:
    """Write rounds of assessments, in the order in which they come; nobody ever reads half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".tmp")
    with pq.ParquetWriter(beside, _SCHEMA, compression="zstd") as writer:
        for _, assessments in rounds:
            if assessments:
                writer.write_table(pa.Table.from_pylist([_row(one) for one in assessments], _SCHEMA))
    beside.replace(path)


def read_scored(path: Path) -> Rounds:
    """The rounds of `write_scored`, by their moment."""
    return [(now, list(some)) for now, some in groupby(_read(path), key=lambda one: one.as_of)]


def _read(path: Path) -> Iterator[Assessment]:
    for batch in pq.ParquetFile(path).iter_batches(batch_size=20_000):
        for row in batch.to_pylist():
            yield _assessment(row)


def _row(one: Assessment) -> dict[str, Any]:
    life = asdict(one.remaining_life) if one.remaining_life else None
    return {name: getattr(one, name) for name in (*_WORDS, "as_of", "data_time", "data_usage")} | {
        "risks": json.dumps([risk.plain for risk in one.risks]),
        "remaining_life": json.dumps(life, default=str),
        "deviations": json.dumps([[d.mode, d.level, d.channels, d.sentence] for d in one.deviations]),
        "quality_flags": json.dumps(one.quality_flags),
    }


def _assessment(row: dict[str, Any]) -> Assessment:
    life = json.loads(row.pop("remaining_life"))
    if life is not None:
        for name in ("median_date", "low_date", "high_date"):
            life[name] = datetime.fromisoformat(life[name]) if life[name] else None
        life = RemainingLife(**life)
    return Assessment(
        **{name: row[name] for name in (*_WORDS, "as_of", "data_time", "data_usage")},
        risks=tuple(Risk(*one) for one in json.loads(row["risks"])),
        remaining_life=life,
        deviations=tuple(
            Deviation(mode, level, tuple(of), said) for mode, level, of, said in json.loads(row["deviations"])
        ),
        quality_flags=tuple(json.loads(row["quality_flags"])),
    )
