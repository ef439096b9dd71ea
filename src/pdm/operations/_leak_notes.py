"""Where the leak guard's report goes besides the bundle: into the tracked run, also when it stopped the training."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pdm.errors import LeakFound
from pdm.learning.leak_report import LeakReport, report_from
from pdm.ports import Run, Tracker

FILE_NAME = "leaks.json"


def note(run: Run, plain: Mapping[str, Any]) -> None:
    """Tag, figures and the whole report of a run."""
    report = report_from(plain) or LeakReport(())
    run.tags({"leak_guard": "passed" if plain.get("passed") else "failed" if report.failed else "incomplete"})
    run.metrics(report.metrics())
    with TemporaryDirectory() as folder:
        file = Path(folder) / FILE_NAME
        file.write_text(json.dumps(dict(plain), indent=1, sort_keys=True), encoding="utf-8")
        run.artifact(file, "leaks")


def note_refused(tracker: Tracker, asset_class: str, refusal: LeakFound) -> None:
    """A run that was stopped leaves its report behind and counts as failed."""
    try:
        with tracker.run(asset_class, "stopped by the leak guard") as run:
            note(run, refusal.report or {"passed": False, "lines": []})
            raise refusal
    except LeakFound:
        return
