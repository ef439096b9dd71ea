"""The shuffled-label question for models with derived channels: transforms learn from labels too, and learn again here.

Readings of some machines get each other's remaining lives, row by row. Transforms are fitted on half of the machines with these, the
boosters as well, and the other half is judged by *its* shuffled labels. Whatever still finds an order there has seen the labels of the
machines on which it is judged: by fitting outside the folds, or by carrying labels through.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pdm.catalogue import Learner, Target
from pdm.errors import TooLittleData
from pdm.learning import leaks
from pdm.learning.derived import Derived
from pdm.learning.leak_report import LeakLine
from pdm.learning.model import Floats
from pdm.learning.targets import Labels, label_rows
from pdm.learning.transforms.derive import derive_features
from pdm.learning.transforms.fitted import fit_transforms

MACHINES = 24
"""Machines that are asked: half of them are learnt from."""
_KEY = ["asset", "position"]


def shuffled_transforms_line(derived: Derived, target: Target, learner: Learner, *, horizon: float) -> LeakLine:
    """What transforms and boosters together find after the labels of their readings have been shuffled.

    target: whose remaining life is shuffled. horizon: within which a failure is asked about.
    """
    axis, seed = derived.asset_class.axis, learner.seed
    random = np.random.default_rng(seed)
    names = random.permutation(sorted(set(derived.rows["asset"].astype(str))))[:MACHINES].tolist()
    taught = set(names[: len(names) // 2])
    readings = derived.source.readings[derived.source.readings["asset"].isin(names)].reset_index(drop=True)
    known = label_rows(readings, derived.lives, derived.definition, target, axis)
    kept = np.flatnonzero(known.kept)
    order = random.permutation(kept)
    told = pd.DataFrame(
        {
            "asset": readings["asset"].to_numpy(dtype=object)[kept].astype(str),
            "position": axis.positions(readings["time"])[kept],
            "remaining": known.remaining[order],
            "observed": known.observed[order],
        }
    ).drop_duplicates(_KEY)

    def relabel(frame: pd.DataFrame, labels: Labels) -> Labels:
        """The same rows with the lives of others."""
        place = pd.DataFrame({"asset": frame["asset"].astype(str), "position": axis.positions(frame["time"])})
        other = place.merge(told, on=_KEY, how="left")
        observed = other["observed"].fillna(False).to_numpy(dtype=bool) & labels.kept
        remaining = np.where(labels.kept, other["remaining"].to_numpy(dtype=np.float64), np.nan)
        return Labels(remaining, observed, labels.age, labels.life)

    try:
        fitted = fit_transforms(
            readings, derived.lives, derived.definition, derived.asset_class, fit_on=sorted(taught), relabel=relabel
        )
    except TooLittleData as error:
        return LeakLine(
            "shuffled_labels", True, f"From shuffled labels no derived channel can be learnt: {error.message}."
        )
    source = derived.source
    table = derive_features(
        readings,
        fitted.joined_by(readings, derived.asset_class),
        derived.definition,
        derived.asset_class,
        events=source.events,
        lives=derived.lives,
        assets=source.assets,
        known_at=source.known_at,
    )
    blank = label_rows(table, derived.lives, derived.definition, target, axis)
    within: Floats = relabel(table, blank).within(horizon)
    fold = (~table["asset"].astype(str).isin(taught)).to_numpy().astype(np.int64)
    matrix = table[list(derived.names)].to_numpy(dtype=np.float32)
    # The half that is learnt from is fold 1 here: the guard judges on the lowest fold.
    return leaks.shuffled_line(matrix, within, 1 - fold, learner, seed=seed, shuffled=True)
