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

from pdm.learning.course import KEYS, Course, course_of
from pdm.learning.targets import Bools, label_rows
from pdm.operations._model_rows import read_source
from pdm.operations.build_features import build_features
from pdm.operations.train_model import kept_for_test
from pdm.ports import Plant
from pdm.readings.exclusions import excluded, read_exclusions
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
    missing; or remaining life up to the cap), `period` (`past`, `gap`, `later`), `fold` and `group` (items never split), `held_out`
    and `excluded` (never learnt from; `fold` and `group` of what is held out are -1). Features on derived channels are those that a
    model sees which has not seen the row's item: made by the transforms of its fold, and after the past by those of the past.

    Raises:
        NotFound: no such class, or no model is defined for it.
        TooLittleData: there are no readings of this class.
    """
    definition, classes = plant.catalogue.model(asset_class), plant.catalogue.asset_class(asset_class)
    table = build_features(plant, asset_class)
    axis, lives = classes.axis, read_lives(plant.history, classes, definition)
    kept_back = kept_for_test(read_assets(plant.history, asset_class=asset_class))
    held_out = table.frame["asset"].isin(kept_back).to_numpy()
    exclusions = read_exclusions(plant.history)
    # The very folds and periods of training: both depend on which rows there are.
    course = course_of(
        table.frame,
        lives,
        definition,
        classes,
        threads=plant.settings.threads,
        exclusions=exclusions,
        held_out=kept_back,
        source=read_source(plant, classes, definition),
    )
    frame = _features(table.frame, held_out, course)
    positions = axis.positions(frame["time"])
    columns: dict[str, object] = {}
    for target in definition.targets:
        labels = label_rows(frame, lives, definition, target, axis)
        known = labels.within(target.horizon) if target.kind == "failure_within" else labels.capped(target.cap)
        columns |= {
            f"{target.name}__remaining": labels.remaining,
            f"{target.name}__observed": labels.observed,
            f"{target.name}__label": known,
        }
    names = tuple(columns)
    cut = course.cut
    period = np.full(len(frame), "past", dtype=object)
    if cut is not None:
        period[~cut.train(positions)], period[cut.test(positions)] = "gap", "later"
    group, fold = np.full(len(frame), -1), np.full(len(frame), -1)
    group[~held_out], fold[~held_out] = course.bench.groups, course.bench.fold
    columns |= {
        "period": period,
        "group": group,
        "fold": fold,
        "held_out": held_out,
        "excluded": excluded(frame, exclusions, use="learn"),
    }
    whole = pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)
    facts = {"versions": table.versions, "extraction": table.extraction_version, "unit": axis.unit}
    path.parent.mkdir(parents=True, exist_ok=True)
    written = pa.table({name: pa.array(whole[name].to_numpy()) for name in whole.columns})
    pq.write_table(written.replace_schema_metadata({_FACTS: json.dumps(facts).encode()}), path, compression="zstd")
    features = tuple(str(name) for name in frame.columns if name not in KEYS)
    return Matrix(path, len(whole), features, names, table.versions)


def _features(frame: pd.DataFrame, held_out: Bools, course: Course) -> pd.DataFrame:
    """`asset`, `time` and every feature that a model may choose from; those on derived channels are missing where all is held out."""
    if course.bench.derived is None:
        return frame
    course.prepare()
    table = np.full((len(frame), len(course.candidates)), np.nan, dtype=np.float32)
    table[~held_out] = course.seen()
    own = list(course.own_names)
    table[:, : len(own)] = frame[own].to_numpy(dtype=np.float32)
    return pd.concat([frame[list(KEYS)], pd.DataFrame(table, columns=list(course.candidates))], axis=1)
