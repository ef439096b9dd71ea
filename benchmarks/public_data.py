"""Failure within 24 hours on Microsoft's Azure predictive-maintenance set, counted once per machine and time.

    python benchmarks/public_data.py --data DIR [--json]

DIR holds `azure_pdm/`. Everything goes through the platform on an empty plant: import, features, leak guard, training, held-out answers.
The model learns from what came before 15 November 2015 and is tested on December; the gap of 16 days keeps every label and window
apart. Persistence and a threshold per component are chosen by event cost (missed failures and false alerts in the class's own costs) on
answers out of fold before 15 November; December is counted once with them. A failure is a machine-time at which any component failed;
it is found when an alert of that machine begins within the 24 hours before. Remaining life of turbofans: `benchmarks/cmapss_rul.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from pdm.datasets.azure import import_azure
from pdm.learning.answers import read_answers
from pdm.learning.episodes import AlertCount
from pdm.learning.machine_events import choose_policy, count_machine_alerts
from pdm.operations.train_model import train_model
from pdm.registry.keys import public_key
from pdm.registry.signed import read_manifest
from pdm.wiring import build_plant
from pdm.workspace import create

CLASS, HORIZON, YEAR = "azure_machine", 24.0, 24 * 365.25


def azure(folder: Path) -> dict[str, Any]:
    """The whole story on an empty plant, and what December says."""
    started = time.process_time()
    with tempfile.TemporaryDirectory() as home:
        create(Path(home), plant_name="Azure benchmark", time_zone="UTC")
        plant = build_plant(Path(home))
        import_azure(plant, folder)
        trained = train_model(plant, CLASS, author="benchmark")
        manifest = read_manifest(trained.bundle, public_key(plant.workspace))
        answers = read_answers(
            plant.workspace.reports / CLASS / trained.version, str(manifest.facts["answers"]["sha256"])
        )
        definition = plant.catalogue.model(CLASS)
    policy, thresholds = choose_policy(answers, definition, per_year=YEAR)
    by_question = {
        question: count_machine_alerts(
            answers[answers["question"] == question], thresholds, policy, horizon=HORIZON, per_year=YEAR
        )
        for question in ("new_assets", "later")
    }
    return {
        "thresholds": thresholds,
        "persistence": policy.persistence,
        "before_15_november_out_of_fold": figures(by_question["new_assets"]),
        "december": figures(by_question["later"]),
        "cpu_seconds": round(time.process_time() - started, 1),
    }


def figures(found: AlertCount) -> dict[str, Any]:
    """What is published of a count."""
    return {
        "machine_times": found.failures,
        "found": found.found,
        "found_interval95": [round(bound, 3) for bound in found.interval],
        "false_episodes": found.false,
        "early_episodes": found.early,
        "machine_years": round(found.years, 2),
        "false_per_machine_year": round(found.false_per_year, 3),
        "median_lead_h": float(np.median(found.leads)) if found.leads else None,
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
    for period in ("before_15_november_out_of_fold", "december"):
        print(f"\n{period.replace('_', ' ')}")
        for name, value in result[period].items():
            print(f"  {name:<24} {value}")


if __name__ == "__main__":
    main()
