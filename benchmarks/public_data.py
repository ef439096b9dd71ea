"""Failure within 24 hours on Microsoft's Azure predictive-maintenance set, counted once per machine and time.

    python benchmarks/public_data.py --data DIR [--json]

DIR holds `azure_pdm/`. Everything goes through the platform on an empty plant: import, features, leak guard, training, held-out answers.
A failure is a machine-time at which any component failed; it is found when an alert of that machine begins within the 24 hours before.
Persistence and a threshold per component are chosen by event cost (missed failures and false alerts in the class's own costs) among
those that keep within `BUDGET`, always on answers out of fold from before the test period.

*Rolling origin*: at each of four moments before 15 November a model learns from what lies at least 72 hours before, chooses its limits
and is tried on the weeks after; features, learner and the rule of choice were settled on these figures. *Afterwards*: the same on the
rest of November. *December*: the model that ships learns from everything before 15 November. What comes after that day chose nothing.
Remaining life of turbofans: `benchmarks/cmapss_rul.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from pdm.datasets.azure import import_azure
from pdm.learning.answers import read_answers
from pdm.learning.episodes import AlertCount
from pdm.learning.machine_events import choose_policy, count_machine_alerts
from pdm.learning.metrics import binomial_interval, poisson_interval
from pdm.learning.rolling import Origin, origin_answers
from pdm.operations.build_features import build_features
from pdm.operations.train_model import train_model
from pdm.ports import Plant
from pdm.readings.lives import read_lives
from pdm.registry.keys import public_key
from pdm.registry.signed import read_manifest
from pdm.wiring import build_plant
from pdm.workspace import create

CLASS, HORIZON, GAP, YEAR = "azure_machine", 24.0, 72.0, 24 * 365.25
BUDGET = 0.3
"""False episodes per machine and year that a choice may make on the answers that it is made on."""
ORIGINS = (
    Origin("2015-03-01", "2015-04-01"),
    Origin("2015-10-01", "2015-10-16"),
    Origin("2015-10-16", "2015-11-01"),
    Origin("2015-11-01", "2015-11-15"),
)
"""Where the set has telemetry: of 20 machines until March, of all 100 from October on."""
AFTERWARDS = (Origin("2015-11-18", "2015-12-01"),)


def azure(folder: Path) -> dict[str, Any]:
    """The whole story on an empty plant, and what December says."""
    started = time.process_time()
    with tempfile.TemporaryDirectory() as home:
        create(Path(home), plant_name="Azure benchmark", time_zone="UTC")
        plant = build_plant(Path(home))
        import_azure(plant, folder)
        rolling, afterwards = ([at_origin(plant, origin) for origin in some] for some in (ORIGINS, AFTERWARDS))
        trained = train_model(plant, CLASS, author="benchmark")
        manifest = read_manifest(trained.bundle, public_key(plant.workspace))
        answers = read_answers(
            plant.workspace.reports / CLASS / trained.version, str(manifest.facts["answers"]["sha256"])
        )
        definition = plant.catalogue.model(CLASS)
    policy, thresholds = choose_policy(answers, definition, per_year=YEAR, budget=BUDGET)
    by_question = {
        question: count_machine_alerts(
            answers[answers["question"] == question], thresholds, policy, horizon=HORIZON, per_year=YEAR
        )
        for question in ("new_assets", "later")
    }
    return {
        "thresholds": thresholds,
        "persistence": policy.persistence,
        "origins": {origin.start: figures([found]) for origin, found in zip(ORIGINS, rolling, strict=True)},
        "rolling_origin_before_15_november": figures(rolling),
        "18_to_30_november": figures(afterwards),
        "before_15_november_out_of_fold": figures([by_question["new_assets"]]),
        "december": figures([by_question["later"]]),
        "cpu_seconds": round(time.process_time() - started, 1),
    }


def at_origin(plant: Plant, origin: Origin) -> AlertCount:
    """Learn and choose before an origin, and count what follows it."""
    asset_class, definition = plant.catalogue.asset_class(CLASS), plant.catalogue.model(CLASS)
    answers = origin_answers(
        build_features(plant, CLASS).frame,
        read_lives(plant.history, asset_class, definition),
        definition,
        asset_class,
        origin,
        gap=GAP,
        threads=plant.settings.threads,
    )
    policy, thresholds = choose_policy(answers, definition, per_year=YEAR, budget=BUDGET)
    later = answers[answers["question"] == "later"]
    return count_machine_alerts(later, thresholds, policy, horizon=HORIZON, per_year=YEAR)


def figures(counts: Sequence[AlertCount]) -> dict[str, Any]:
    """What is published of one or several periods together."""
    found, failures, false = (sum(getattr(one, name) for one in counts) for name in ("found", "failures", "false"))
    years, leads = sum(one.years for one in counts), [lead for one in counts for lead in one.leads]
    return {
        "machine_times": failures,
        "found": found,
        "found_interval95": [round(bound, 3) for bound in binomial_interval(found, failures)],
        "warned": sum(one.warned for one in counts),
        "false_episodes": false,
        "early_episodes": sum(one.early for one in counts),
        "machine_years": round(years, 2),
        "false_per_machine_year": round(false / years, 3),
        "false_interval95": [round(bound, 3) for bound in poisson_interval(false, years)],
        "median_lead_h": float(np.median(leads)) if leads else None,
    }


def main() -> None:
    """Run it and print a table, or one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with azure_pdm/")
    parser.add_argument("--json", action="store_true", help="one JSON line")
    given = parser.parse_args()
    result = azure(given.data / "azure_pdm")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    report = {"date": datetime.now(UTC).date().isoformat(), "machine": machine, "azure": result}
    if given.json:
        print(json.dumps(report))
        return
    print(f"{report['date']}, {machine}, {result['cpu_seconds']} CPU seconds")
    print(f"chosen before 15 November: {result['persistence']}, {result['thresholds']}")
    periods = ("rolling_origin_before_15_november", "18_to_30_november", "before_15_november_out_of_fold", "december")
    for period in periods:
        print(f"\n{period.replace('_', ' ')}")
        for name, value in result[period].items():
            print(f"  {name:<24} {value}")
    for start, found in result["origins"].items():
        print(f"\nfrom {start}: {found['found']} of {found['machine_times']}, {found['false_episodes']} false")


if __name__ == "__main__":
    main()
