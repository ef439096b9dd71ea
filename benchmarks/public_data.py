"""The figures on public data that README and docs/benchmarks.md print: each from `plantpdm demo` on an empty plant.

    python benchmarks/public_data.py --data DIR [--json]

DIR holds `cmapss/` and `azure_pdm/`. C-MAPSS: one prediction per test engine at its last cycle, all engines kept, labels and
predictions capped at 125 (and raw); the truth file is read by the reporting step alone. Azure: trained before 15 November, a gap,
tested on December; recall per failure with its exact 95 % interval, false alerts per machine-year, all four components together.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CMAPSS = ("rmse_capped125", "rmse_raw", "nasa_score", "coverage90", "width90", "test_engines")
AZURE = ("recall_per_failure", "recall_low95", "recall_high95", "false_alerts_per_asset_year", "lead_time_median_h")


def run(arguments: list[str]) -> dict[str, Any]:
    """One demo in a folder of its own; its last line."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).parent / "plantpdm"), "demo", *arguments, "--no-serve", "--json"]
        done = subprocess.run([*command, "--home", f"{folder}/plant"], check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def figures(answer: dict[str, Any], names: tuple[str, ...]) -> dict[str, float]:
    """The figures that are published, and how long the whole story took."""
    metrics = answer["models"][0]["metrics"]
    return {name: round(metrics[name], 3) for name in names} | {"seconds": answer["seconds"]["total"]}


def main() -> None:
    """Run every set and print a table, or one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with cmapss/ and azure_pdm/")
    parser.add_argument("--json", action="store_true", help="one JSON line")
    given = parser.parse_args()
    results: dict[str, Any] = {}
    for subset in ("FD001", "FD003"):
        story = ["--dataset", "cmapss", "--from", str(given.data / "cmapss"), "--subset", subset]
        results[f"C-MAPSS {subset}"] = figures(run(story), CMAPSS)
    results["Azure PdM"] = figures(run(["--dataset", "azure", "--from", str(given.data / "azure_pdm")]), AZURE)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    report = {"date": datetime.now(UTC).date().isoformat(), "machine": machine, "results": results}
    if given.json:
        print(json.dumps(report))
        return
    print(f"{report['date']}, {machine}")
    for name, values in results.items():
        print(f"\n{name}")
        for figure, value in values.items():
            print(f"  {figure:<28} {value:g}")


if __name__ == "__main__":
    main()
