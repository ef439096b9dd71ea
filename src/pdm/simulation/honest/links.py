"""How much of what really happened the importers could recover from the exports: compared with the truth, by the simulator only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.registry import Installation, read_installations
from pdm.simulation.honest.truth import Truth

SLACK = timedelta(days=1)


@dataclass(frozen=True)
class Links:
    """What of the truth stands in the home.

    items: share of the serial parts on record that are installed on the right machine. failures: share of the repairs with a
    record that are an event of the right machine at the right time; `labelled`: with the right failure mode besides.
    """

    items: float
    failures: float
    labelled: float
    with_record: int
    without_record: int


def recovered(plant: Plant, truth: Truth, installations: list[Installation]) -> Links:
    """Compare the home with the truth."""
    there = read_installations(plant.history)
    known = set(zip(there["asset"], there["item"], strict=True))
    items = [(part.asset, part.item) in known for part in installations]
    repairs = truth.records[truth.records["event"].isin(["failure", "condition"])]
    written = repairs[repairs["recorded"]].merge(
        truth.failures[["failure_id", "failure_mode", "ended_at"]], on="failure_id"
    )
    events = read_events(plant.history, kinds=["failure", "repair"])
    pairs = written.merge(events, on="asset", suffixes=("_true", ""))
    pairs = pairs[pairs["time"].between(pairs["happened_at"] - SLACK, pairs["entered_at"] + SLACK)]
    right = pairs[pairs["failure_mode"] == pairs["failure_mode_true"]]
    return Links(
        items=_share(pd.Series(items, dtype="bool")),
        failures=_share(written["failure_id"].isin(pairs["failure_id"])),
        labelled=_share(written["failure_id"].isin(right["failure_id"])),
        with_record=len(written),
        without_record=len(repairs) - len(written),
    )


def _share(found: pd.Series) -> float:
    return float(found.mean()) if len(found) else 1.0
