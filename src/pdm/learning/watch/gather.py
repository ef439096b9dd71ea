"""Evidence of the machines of a plant, day by day, with what people recorded afterwards: what plants may pool.

A file says nothing of who a machine is or what it read: machines and days are numbered, evidence is shares of limits. It says how many
days later a failure, or a repair of something found failing, was recorded; and how long afterwards anything could have been.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pdm.errors import ColumnsError, InputError
from pdm.learning.expected.design import Floats
from pdm.learning.watch.evidence import evidence_of
from pdm.learning.watch.model import Watch
from pdm.learning.watch.pieces import NAMES, VERSION
from pdm.learning.watch.rows import Ints, Rows
from pdm.learning.watch.standing import best_of, look, mode_levels

FACTS = b"plantpdm.evidence"
COLUMNS = ("machine", "day", "failed_in", "known_for")
_HINT = "export it again: plantpdm evidence export"


@dataclass(frozen=True)
class Gathered:
    """The evidence of one plant.

    days: one row per machine and day on which there was something to weigh: `COLUMNS` and the pieces of evidence. failed_in: days until
    the next record, NaN where there is none; known_for: days until the records end. machine_days: all days looked at, with or without
    evidence. failures: recorded on these days.
    """

    days: pd.DataFrame
    machine_days: int
    failures: int

    @property
    def plant(self) -> str:
        """A number of the content, so that the same plant is not counted twice."""
        numbers = self.days[[*COLUMNS, *NAMES]].to_numpy(dtype=np.float32)
        return hashlib.sha256(np.ascontiguousarray(numbers).tobytes()).hexdigest()[:12]


def evidence_at(
    rows: Rows, watch: Watch, *, end: float, restored: Mapping[str, float], until: Ints | None = None
) -> pd.DataFrame:
    """The evidence of all machines at one moment: asset, and the pieces; machines without any are left out.

    The arguments of `standings`; nothing behind `end` counts.
    """
    seen = look(rows, watch, end=end, restored=restored, until=until)
    if seen is None:
        return pd.DataFrame(columns=["asset", *NAMES])
    level = best_of(mode_levels(seen, watch)[0], len(seen.assets))
    table, told = evidence_of(seen.days, seen.own, seen.heard, level, watch)
    frame = pd.DataFrame(table[told], columns=list(NAMES))
    frame.insert(0, "asset", np.array(seen.assets, dtype=object)[told])
    return frame


def labelled(
    evidence: pd.DataFrame, records: pd.DataFrame, *, machine_days: int, first: pd.Timestamp, last: pd.Timestamp
) -> Gathered:
    """Evidence with what was recorded afterwards.

    evidence: asset, now and the pieces. records: asset and time of recorded failures and repairs of what was found failing.
    first, last: the days that were looked at; records end at `last`.
    """
    codes = {asset: number for number, asset in enumerate(sorted(set(evidence["asset"])))}
    now = _days_since(evidence["now"], first)
    failed_in = np.full(len(evidence), np.nan)
    known = records[(records["time"] > first) & (records["time"] <= last)]
    by_asset = {str(asset): np.sort(_days_since(part["time"], first)) for asset, part in known.groupby("asset")}
    tags = evidence["asset"].to_numpy(dtype=object)
    for asset, moments in by_asset.items():
        mine = np.flatnonzero(tags == asset)
        place = np.searchsorted(moments, now[mine], side="left")
        there = place < len(moments)
        failed_in[mine[there]] = moments[place[there]] - now[mine[there]]
    end = float(_days_since(pd.Series([last]), first)[0])
    frame = pd.DataFrame(
        {
            "machine": np.array([codes[asset] for asset in tags], dtype=np.int32),
            "day": now,
            "failed_in": failed_in,
            "known_for": end - now,
        }
    )
    pieces = evidence[list(NAMES)].reset_index(drop=True)
    whole = pd.concat([frame, pieces], axis=1).astype(dict.fromkeys((*COLUMNS[1:], *NAMES), np.float32))
    return Gathered(
        whole.sort_values(["machine", "day"], ignore_index=True),
        machine_days,
        int(sum(len(one) for one in by_asset.values())),
    )


def _days_since(moments: pd.Series, first: pd.Timestamp) -> Floats:
    return np.asarray((moments - first) / pd.Timedelta(days=1), dtype=np.float64)


def write_evidence(gathered: Gathered, path: Path) -> None:
    """One Parquet file, with what it is in its header."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    facts = {
        "version": VERSION,
        "pieces": list(NAMES),
        "machine_days": gathered.machine_days,
        "failures": gathered.failures,
    }
    table = pa.Table.from_pandas(gathered.days, preserve_index=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata({FACTS: json.dumps(facts).encode()}), path, compression="zstd")


def read_evidence(path: Path) -> Gathered:
    """The inverse of `write_evidence`.

    Raises:
        InputError: it is no such file, or of another version.
        ColumnsError: a column is missing, or holds what cannot be.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        facts: Mapping[str, Any] = json.loads((table.schema.metadata or {})[FACTS])
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise InputError(f"{path} is no file of evidence: {error!r}", hint=_HINT) from None
    if facts.get("version") != VERSION or list(facts.get("pieces", ())) != list(NAMES):
        raise InputError(f"{path} holds evidence of version {facts.get('version')!r}, this is {VERSION}", hint=_HINT)
    wrong = [name for name in (*COLUMNS, *NAMES) if name not in table.column_names]
    if wrong:
        raise ColumnsError(f"{path} lacks {', '.join(wrong)}", hint=_HINT)
    try:
        days = table.select([*COLUMNS, *NAMES]).to_pandas()
        values = days.to_numpy(dtype=np.float64)
        counts = int(facts["machine_days"]), int(facts["failures"])
    except (TypeError, ValueError, KeyError) as error:
        raise ColumnsError(f"{path} holds something that is no number: {error}", hint=_HINT) from None
    when = days[["machine", "day", "known_for"]].to_numpy(dtype=np.float64)
    past = days["failed_in"].to_numpy(dtype=np.float64) < 0
    if np.isinf(values).any() or np.isnan(when).any() or past.any() or counts[0] < len(days) or counts[1] < 0:
        raise ColumnsError(f"{path} holds numbers that no plant can have written", hint=_HINT)
    return Gathered(days, *counts)


def pooled(plants: Sequence[Gathered]) -> pd.DataFrame:
    """All days of several plants, with the number of the plant; the same plant counts once."""
    return pd.concat([one.days.assign(plant=number) for number, one in enumerate(once(plants))], ignore_index=True)


def once(plants: Iterable[Gathered]) -> list[Gathered]:
    """Each plant once, however often its file was given."""
    return list({one.plant: one for one in plants}.values())
