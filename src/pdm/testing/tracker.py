"""A tracker that remembers everything in memory: for tests, and for training where nobody wants MLflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pdm.errors import NotFound
from pdm.ports import LoggedRun


@dataclass
class MemoryRun:
    """One run with all that was said about it; files are kept by `folder/name` with their bytes."""

    id: str
    experiment: str
    name: str
    status: str = "RUNNING"
    logged_params: dict[str, str] = field(default_factory=dict)
    logged_metrics: dict[str, float] = field(default_factory=dict)
    logged_tags: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def params(self, values: Mapping[str, Any]) -> None:
        self.logged_params |= {name: str(value) for name, value in values.items()}

    def metrics(self, values: Mapping[str, float]) -> None:
        self.logged_metrics |= values

    def tags(self, values: Mapping[str, str]) -> None:
        self.logged_tags |= values

    def artifact(self, file: Path, folder: str = "") -> None:
        self.files[f"{folder}/{file.name}" if folder else file.name] = file.read_bytes()


@dataclass
class MemoryTracker:
    """The `Tracker` port without anything behind it."""

    runs: dict[str, MemoryRun] = field(default_factory=dict)
    versions: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[tuple[str, str], str] = field(default_factory=dict)

    @contextmanager
    def run(self, experiment: str, name: str) -> Iterator[MemoryRun]:
        run = MemoryRun(f"run-{len(self.runs) + 1}", experiment, name)
        self.runs[run.id] = run
        try:
            yield run
        except BaseException:
            run.status = "FAILED"
            raise
        run.status = "FINISHED"

    def logged(self, run_id: str) -> LoggedRun:
        for run in self.runs.values():
            if run_id in (run.id, run.logged_tags.get("bundle")):
                return LoggedRun(run.id, run.experiment, dict(run.logged_metrics), dict(run.logged_tags))
        raise NotFound(f"no run {run_id}", hint="give the id of a run, or the version of a bundle")

    def register(self, model: str, run_id: str, bundle: Path, version: str) -> None:
        for file in sorted(bundle.iterdir()):
            self.runs[run_id].artifact(file, "bundle")
        self.versions.setdefault(model, []).append(version)

    def set_alias(self, model: str, alias: str, version: str) -> None:
        if version not in self.versions.get(model, []):
            raise NotFound(f"no version of {model} with bundle {version}", hint="register it first")
        self.aliases[model, alias] = version

    def alias(self, model: str, alias: str) -> str | None:
        return self.aliases.get((model, alias))
