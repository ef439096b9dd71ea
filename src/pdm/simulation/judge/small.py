"""The truth of the small simulated plant, for trying a benchmark out: that plant is kind, and no figure on it may be published.

It keeps neither what would have happened without a repair nor what a sensor could show. So a part that somebody noticed counts as
failing on the day of its repair, one that was replaced by plan is left out, and all wear counts as visible from its onset on.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pdm.catalogue import ModelDefinition
from pdm.simulation.honest.truth import (
    EXPOSURE_COLUMNS,
    FAILURE_COLUMNS,
    RECORD_COLUMNS,
    SENSOR_FAULT_COLUMNS,
    SIGNATURE_COLUMNS,
    Truth,
    table,
)
from pdm.simulation.plant import SimulatedPlant

VERSION = "small-plant"


def small_truth(simulated: SimulatedPlant, models: Mapping[str, ModelDefinition], *, seed: int = 0) -> Truth:
    """The truth in the judge's tables; lead times and costs come from the model definitions. There are no signatures."""
    lives = simulated.truth
    ended = lives[lives["end"].notna() & lives["course"].isin(["gradual", "abrupt", "noticed"])].reset_index(drop=True)
    known = [
        (models[name].mode(mode), models[name].costs)
        for name, mode in zip(ended["asset_class"], ended["failure_mode"], strict=True)
    ]
    gradual = ended["onset"].notna()
    failures = ended.assign(
        failure_id=ended["item"] + "/1",
        onset=ended["onset"].fillna(ended["end"]),
        failure=ended["end"],
        ended_at=ended["end"],
        ended_by=ended["course"].map({"noticed": "condition"}).fillna("failure"),
        precursor=gradual.map({True: "gradual", False: "none"}),
        visible="yes",
        detectable_from=ended["onset"],
        planning_time_h=[mode.planning_time for mode, _ in known],
        parts_time_h=[mode.parts_time for mode, _ in known],
        cost_unplanned=[costs.missed_failure for _, costs in known],
        cost_planned=[costs.planned_repair for _, costs in known],
        infant=False,
    )
    exposure = pd.DataFrame([{"asset": one.asset, "asset_class": one.asset_class} for one in simulated.assets])
    return Truth(
        failures=table(failures, FAILURE_COLUMNS),
        exposure=table(exposure.assign(start=simulated.start, end=simulated.end), EXPOSURE_COLUMNS),
        signatures=table([], SIGNATURE_COLUMNS),
        sensor_faults=table(simulated.sensor_faults, SENSOR_FAULT_COLUMNS),
        records=table([], RECORD_COLUMNS),
        version=VERSION,
        seed=seed,
    )
