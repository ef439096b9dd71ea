"""Runs and registered models in MLflow, for data scientists: SQL behind it, files in the plant's own folder, no telemetry.

The only file that imports mlflow, and only when training asks for it: the import alone takes seconds. Nothing is logged as a
pickle and nothing is ever loaded back from here: scoring opens the signed bundle.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pdm.errors import MissingExtra, NotFound, StoreError
from pdm.ports import LoggedRun, Run

_PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "30"}
"""Its own defaults would let a promotion wait minutes for a server that is down."""
_UNKNOWN = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
"""What MLflow calls the id of a run that it does not have, or that cannot be one."""
_LONGEST_VALUE = 6000
_BATCH = 100


@contextmanager
def _translated() -> Iterator[None]:
    """What MLflow raises when it is away or confused, as an error of ours with the way out."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, OSError) as error:
        words = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
        raise StoreError(
            f"MLflow cannot be asked: {words}",
            hint="is tracking_uri right, and does it run? Scoring goes on without it",
        ) from error


@dataclass(frozen=True)
class MlflowRun:
    """One run; the port's words on MLflow's client."""

    client: Any
    id: str

    @_translated()
    def params(self, values: Mapping[str, Any]) -> None:
        """Settings of the run, as text."""
        from mlflow.entities import Param

        found = [Param(name, str(value)[:_LONGEST_VALUE]) for name, value in values.items()]
        for start in range(0, len(found), _BATCH):
            self.client.log_batch(self.id, params=found[start : start + _BATCH])

    @_translated()
    def metrics(self, values: Mapping[str, float]) -> None:
        """Figures of the run."""
        from mlflow.entities import Metric

        now = self.client.get_run(self.id).info.start_time
        found = [Metric(name, float(value), now, 0) for name, value in values.items()]
        for start in range(0, len(found), _BATCH):
            self.client.log_batch(self.id, metrics=found[start : start + _BATCH])

    @_translated()
    def tags(self, values: Mapping[str, str]) -> None:
        """Words about the run."""
        from mlflow.entities import RunTag

        self.client.log_batch(self.id, tags=[RunTag(name, value[:_LONGEST_VALUE]) for name, value in values.items()])

    @_translated()
    def artifact(self, file: Path, folder: str = "") -> None:
        """Keep a copy of a file with the run."""
        self.client.log_artifact(self.id, str(file), folder or None)


class MlflowTracker:
    """Tracks in the MLflow database at `uri`.

    uri: such as `sqlite:///.../mlflow.db` or the address of an MLflow server.
    folder: where a local database keeps the files of its runs.

    Raises (all methods as well):
        MissingExtra: mlflow is not installed. StoreError: it cannot be reached, or refuses.
    """

    def __init__(self, uri: str, folder: Path | None = None) -> None:
        # Read at import: nothing about this plant leaves it.
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("DO_NOT_TRACK", "1")
        try:
            from mlflow import MlflowClient
        except ImportError:
            raise MissingExtra("train", "tracking with MLflow") from None
        for name, value in _PATIENCE.items():
            os.environ.setdefault(name, value)
        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._files = folder if uri.startswith("sqlite") else None
        if self._files:
            self._files.mkdir(parents=True, exist_ok=True)
        with _translated():
            self._client = MlflowClient(tracking_uri=uri, registry_uri=uri)

    @contextmanager
    def run(self, experiment: str, name: str) -> Iterator[Run]:
        """Open a run; an exception inside marks it as failed and goes on."""
        with _translated():
            info = self._client.create_run(self._experiment(experiment), run_name=name).info
        try:
            yield MlflowRun(self._client, info.run_id)
        except BaseException:
            with _translated():
                self._client.set_terminated(info.run_id, "FAILED")
            raise
        with _translated():
            self._client.set_terminated(info.run_id, "FINISHED")

    def logged(self, run_id: str) -> LoggedRun:
        """A run by its id, or by the version of the bundle that it made.

        Raises:
            NotFound: there is none.
        """
        from mlflow.exceptions import MlflowException

        with _translated():
            return self._logged(run_id, MlflowException)

    def _logged(self, run_id: str, refused: type[Exception]) -> LoggedRun:
        experiments = {entry.experiment_id: entry.name for entry in self._client.search_experiments()}
        found = self._client.search_runs(list(experiments), f"tags.bundle = '{run_id}'", max_results=1)
        try:
            run = found[0] if found else self._client.get_run(run_id)
        except refused as error:
            if getattr(error, "error_code", "") not in _UNKNOWN:
                raise
            raise NotFound(f"no run {run_id}", hint="give the id of a run, or the version of a bundle") from None
        name = str(experiments.get(run.info.experiment_id, ""))
        return LoggedRun(run.info.run_id, name, dict(run.data.metrics), dict(run.data.tags))

    @_translated()
    def register(self, model: str, run_id: str, bundle: Path, version: str) -> None:
        """Keep the bundle's files with the run and make it a version of the registered model, tagged with its own id."""
        self._client.log_artifacts(run_id, str(bundle), "bundle")
        if not self._client.search_registered_models(f"name = '{model}'"):
            self._client.create_registered_model(model)
        source = f"{self._client.get_run(run_id).info.artifact_uri}/bundle"
        self._client.create_model_version(model, source, run_id, tags={"bundle": version})

    @_translated()
    def set_alias(self, model: str, alias: str, version: str) -> None:
        """Point the alias at the model version that carries this bundle.

        Raises:
            NotFound: no such bundle was registered.
        """
        found = self._client.search_model_versions(f"name = '{model}' and tag.bundle = '{version}'")
        if not found:
            raise NotFound(f"MLflow knows no version of {model} with bundle {version}", hint="register it first")
        self._client.set_registered_model_alias(model, alias, max(found, key=lambda entry: int(entry.version)).version)

    @_translated()
    def alias(self, model: str, alias: str) -> str | None:
        """The bundle that an alias points at; None while it points nowhere."""
        if not self._client.search_registered_models(f"name = '{model}'"):
            return None
        if alias not in self._client.get_registered_model(model).aliases:
            return None
        return str(self._client.get_model_version_by_alias(model, alias).tags["bundle"])

    def _experiment(self, name: str) -> str:
        known = self._client.get_experiment_by_name(name)
        if known:
            return str(known.experiment_id)
        location = (self._files / "artifacts" / name).resolve().as_uri() if self._files else None
        return str(self._client.create_experiment(name, artifact_location=location))
