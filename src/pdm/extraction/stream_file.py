"""A stream's state on disk: one `.npz` of plain arrays with a JSON text among them. Nothing in it can run anything."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.errors import InputError, UnreadableFile
from pdm.extraction.stream_asset import AssetState, Base, Rules
from pdm.extraction.stream_life import LifeState
from pdm.extraction.stream_log import Log
from pdm.extraction.stream_rows import Rows
from pdm.extraction.stream_running import Run
from pdm.extraction.version import extraction_version

_FACTS = "facts.json"
Arrays = dict[str, npt.NDArray[Any]]


def write_states(path: Path, rules: Rules, timed: bool | None, states: Mapping[str, AssetState]) -> None:
    """Write all assets; a reader sees the old file or the new one, never half of it."""
    arrays: Arrays = {}
    assets = [_write(state, f"{number}/", arrays) for number, state in enumerate(states.values())]
    facts = {"definition": _definition(rules), "version": extraction_version(), "timed": timed, "assets": assets}
    arrays[_FACTS] = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
    half = path.with_name(f"{path.name}.part")
    with half.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def read_states(path: Path, rules: Rules) -> tuple[bool | None, dict[str, AssetState]]:
    """What `write_states` wrote.

    Raises:
        UnreadableFile: not such a file.
        InputError: another definition, or another version of the computation.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        facts = json.loads(arrays.pop(_FACTS).tobytes())
    except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise UnreadableFile(f"{path} holds no state of a stream: {error}", hint="push the history again") from None
    if facts.get("definition") != _definition(rules) or facts.get("version") != extraction_version():
        raise InputError(
            f"the state in {path} was made for another definition or version of the features",
            hint="push the history again",
        )
    try:
        states = [_read(item, f"{number}/", arrays) for number, item in enumerate(facts["assets"])]
        return facts["timed"], {state.asset: state for state in states}
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableFile(
            f"{path} holds only a part of a stream's state: {error}", hint="push the history again"
        ) from None


def _definition(rules: Rules) -> str:
    """A fingerprint of everything that decides the features."""
    described: list[Any] = [asdict(rules.plan.feature_set), asdict(rules.plan.scale.axis), rules.raw, rules.sampling]
    described += [rules.work.columns.tolist(), rules.running and asdict(rules.running), rules.keep]
    return hashlib.sha256(json.dumps(described, sort_keys=True, default=str).encode()).hexdigest()


def _write(state: AssetState, prefix: str, arrays: Arrays) -> dict[str, Any]:
    base = state.base
    arrays |= {f"{prefix}rows/{name}": column for name, column in state.rows.columns().items()}
    for place, sums in (("base", base.sums), ("head", state.sums)):
        for item in fields(LifeState) if sums else ():
            arrays[f"{prefix}{place}/{item.name}"] = getattr(sums, item.name)
    for place, table in (("events", state.log.events), ("lives", state.log.lives)):
        if table is not None:
            arrays |= {f"{prefix}{place}/{name}": _column(table[name]) for name in table}
    # Numbers with all their digits: `repr` gives a float back bit for bit, and JSON keeps integers whole.
    ticks = [base.position, base.first, base.life[0], base.restart[0], state.due]
    return {
        "asset": state.asset,
        "rows": base.rows,
        "known": base.known,
        "ticks": [int(tick) if isinstance(tick, int | np.integer) else float(tick) for tick in ticks],
        "life_row": base.life[1],
        "restart_row": base.restart[1],
        "base_run": asdict(base.run),
        "run": asdict(state.run),
        "life": state.sums is not None,
    }


def _read(facts: Mapping[str, Any], prefix: str, arrays: Mapping[str, npt.NDArray[Any]]) -> AssetState:
    def part(place: str) -> Arrays:
        start = f"{prefix}{place}/"
        return {name.removeprefix(start): values for name, values in arrays.items() if name.startswith(start)}

    position, first, life, restart, due = facts["ticks"]
    sums = [LifeState(**part(place)) if facts["life"] else None for place in ("base", "head")]
    base = Base(
        rows=facts["rows"],
        position=position,
        first=first,
        known=facts["known"],
        run=_run(facts["base_run"]),
        life=(life, facts["life_row"]),
        restart=(restart, facts["restart_row"]),
        sums=sums[0],
    )
    log = Log(_table(part("events"), facts["asset"]), _table(part("lives"), facts["asset"]))
    return AssetState(facts["asset"], base, Rows(part("rows")), log, due, _run(facts["run"]), sums[1])


def _run(facts: Mapping[str, Any]) -> Run:
    return Run(**{**facts, "levels": tuple(facts["levels"])})


def _column(values: pd.Series) -> npt.NDArray[Any]:
    """Moments as microseconds, numbers as they are, words as text of fixed width."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return pd.DatetimeIndex(values).as_unit("us").asi8.view("datetime64[us]")
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    words = values.to_numpy(dtype=object, na_value="")
    return np.asarray([str(word) for word in words], dtype=np.str_)


def _table(columns: Arrays, asset: str) -> pd.DataFrame | None:
    if not columns:
        return None
    zoned = {
        name: pd.DatetimeIndex(values, tz="UTC") if values.dtype.kind == "M" else values
        for name, values in columns.items()
    }
    return pd.DataFrame(zoned).assign(asset=asset)
