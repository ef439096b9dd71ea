"""A model in charge that predicts nothing: signed, on the shelf, with a card, a decision in the audit and a report on disk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from pdm.audit.entry import AuditEntry
from pdm.extraction import extraction_version
from pdm.learning.leak_report import QUESTIONS
from pdm.learning.model import Model
from pdm.ports import Plant
from pdm.registry.bundle import write_bundle
from pdm.registry.keys import plant_key
from pdm.registry.shelf import BundleShelf

FACTS: Mapping[str, Any] = {
    "ladder": {
        "rung": "watch list",
        "why": "bearing_wear_within_14d: 3 failures on record, 5 are needed",
        "steps": [],
        "abstained": {
            "seal_leak": "Leaking mechanical seal is not predictable with these sensors. A leak detector would help."
        },
    },
    "abstained": {"bearing_wear_within_14d": "bearing_wear_within_14d was left out: 3 failures on record."},
    "failures": {"bearing_wear_within_14d": 3},
    "lives": {"bearing_wear_within_14d": 9},
    "metrics": {"bearing_wear_within_14d.later.brier": 0.0145},
    "known_at": "2026-02-01T06:00:00+00:00",
    "leaks": {
        "lines": [
            {
                "name": name,
                "passed": None,
                "sentence": "nothing was learnt from failures",
                "figures": {},
                "warning": False,
            }
            for name in QUESTIONS
        ]
    },
}
_GATE = [
    {"name": "bearing_wear_within_14d.later.brier", "passed": True, "reason": "0.0145 is not worse than 0.0150"},
    {"name": "remaining_life.later.rmse", "passed": False, "reason": "92 h is worse than 88 h"},
]


def a_model_on_the_shelf(
    plant: Plant,
    asset_class: str = "pump",
    *,
    at: datetime,
    owner: str = "Ada",
    alias: Literal["champion", "challenger"] = "champion",
    report: str = "<!doctype html><title>Report</title><style>p{color:red}</style><p>Report of a training</p>",
    **facts: Any,
) -> str:
    """Write it, point the alias at it, and return its version. at: when it was trained. facts: added to `FACTS`."""
    known = plant.catalogue.asset_class(asset_class)
    manifest = write_bundle(
        plant.workspace.bundles,
        Model(asset_class, (), known.axis.unit, (), {**FACTS, **facts}),
        feature_set=known.feature_set,
        asset_class=known,
        definition=plant.catalogue.model(asset_class),
        extraction_version=extraction_version(),
        data_versions={"events": 3, f"readings_{asset_class}": 12},
        golden=pd.DataFrame({"asset": [""]}),
        key=plant_key(plant.workspace),
        created_by=owner,
        created_at=at,
    )
    BundleShelf(plant.workspace.bundles).set_alias(asset_class, alias, manifest.version)
    folder = plant.workspace.reports / asset_class / manifest.version
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.html").write_text(report, encoding="utf-8")
    if alias == "champion":
        details = {"version": manifest.version, "forced": True, "seconded_by": "Eve", "lines": _GATE}
        with plant.unit_of_work() as work:
            work.audit.append(
                AuditEntry(at, "Ben", "promote", f"model:{asset_class}", "the old one was blind", details)
            )
            work.commit()
    return manifest.version
