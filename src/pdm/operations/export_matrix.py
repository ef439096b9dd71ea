"""Write the matrix that training sees into one Parquet file: features, labels, periods and folds, for whoever wants to try their own model.

With it any figure of ours can be checked by somebody else's code, and a better model can be shown on the same rows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pdm.learning.leaks import longest_window
from pdm.learning.splits import by_time, grouped_folds, groups_of
from pdm.learning.targets import label_rows
from pdm.operations.build_features import build_features
from pdm.operations.train_model import kept_for_test
from pdm.ports import Plant
from pdm.readings.lives import read_lives
from pdm.readings.registry import read_assets

_FACTS = b"plantpdm.matrix"


@dataclass(frozen=True)
class Matrix:
    """What was written: rows, columns by meaning, and the versions of the tables that it was made from."""

    path: Path
    rows: int
    features: tuple[str, ...]
    labels: tuple[str, ...]
    versions: Mapping[str, int]


def export_matrix(plant: Plant, asset_class: str, path: Path) -> Matrix:
    """One row per asset and as-of time.

    Beside the features: `<target>__remaining` (native units), `__observed` (the life ended in this failure), `__label` (1, 0 or
    missing; or remaining life up to the cap), `period` (`past`, `gap`, `later`), `fold` and `group` (items never split), `held_out`.

    Raises:
        NotFound: no such class, or no model is defined for it.
        TooLittleData: there are no readings of this class.
    """
    definition, classes = plant.catalogue.model(asset_class), plant.catalogue.asset_class(asset_class)
    table = build_features(plant, asset_class)
    frame, axis = table.frame, classes.axis
    lives = read_lives(plant.history, classes, definition)
    positions = axis.positions(frame["time"])
    columns: dict[str, object] = {}
    failed = np.zeros(len(frame), dtype=bool)
    for target in definition.targets:
        labels = label_rows(frame, lives, definition, target, axis)
        failed |= labels.observed
        known = labels.within(target.horizon) if target.kind == "failure_within" else labels.capped(target.cap)
        columns |= {
            f"{target.name}__remaining": labels.remaining,
            f"{target.name}__observed": labels.observed,
            f"{target.name}__label": known,
        }
    names = tuple(columns)
    cut = by_time(positions, definition, axis, window=longest_window(classes.feature_set, axis))
    period = np.full(len(frame), "past", dtype=object)
    if cut is not None:
        period[~cut.train(positions)], period[cut.test(positions)] = "gap", "later"
    groups = groups_of(frame["asset"], lives)
    assets = read_assets(plant.history, asset_class=asset_class)
    columns |= {
        "period": period,
        "group": groups,
        "fold": grouped_folds(groups, failed, definition.split.folds, definition.learner.seed),
        "held_out": frame["asset"].isin(kept_for_test(assets)).to_numpy(),
    }
    whole = pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)
    facts = {"versions": table.versions, "extraction": table.extraction_version, "unit": axis.unit}
    path.parent.mkdir(parents=True, exist_ok=True)
    written = pa.table({name: pa.array(whole[name].to_numpy()) for name in whole.columns})
    pq.write_table(written.replace_schema_metadata({_FACTS: json.dumps(facts).encode()}), path, compression="zstd")
    return Matrix(path, len(whole), table.features, names, table.versions)
