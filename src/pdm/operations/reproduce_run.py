"""Train once more from the data that a run saw, and see whether every figure comes out the same.

Tables are read at the versions that the run wrote down, definitions come from its signed bundle: neither today's data nor today's
`models/` have a say. Nothing is registered, and nobody's place is taken.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pdm.catalogue import Catalogue
from pdm.errors import NotFound
from pdm.extraction import extraction_version
from pdm.learning.train import Trained
from pdm.operations._rungs import frozen_by, standing_figures
from pdm.operations.train_model import asked_from, learn
from pdm.operations.weigh_evidence import keep_weighing
from pdm.ports import Plant
from pdm.readings.pinned import Pinned
from pdm.registry.bundle import read_manifest
from pdm.registry.keys import public_key
from pdm.registry.manifest import Manifest
from pdm.registry.shelf import BundleShelf
from pdm.workspace import Workspace

_SAME = 1e-9


@dataclass(frozen=True)
class Figure:
    """One figure, as logged and as it comes out now; None where it does not exist."""

    name: str
    logged: float | None
    now: float | None

    @property
    def same(self) -> bool:
        if self.logged is None or self.now is None:
            return self.logged is self.now
        return math.isclose(self.logged, self.now, rel_tol=_SAME, abs_tol=_SAME)


@dataclass(frozen=True)
class Reproduction:
    """Every figure of a run, logged and reproduced. notes: what may explain a difference."""

    run: str
    version: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()

    @property
    def different(self) -> tuple[Figure, ...]:
        return tuple(figure for figure in self.figures if not figure.same)


def reproduce_run(plant: Plant, run: str) -> Reproduction:
    """Reproduce a run, by its id in the tracker or by the version of the bundle that it made.

    Raises:
        NotFound: no such run, its bundle is gone, or a table no longer has the version that it saw.
        BundleError: the bundle cannot be trusted.
        TooLittleData, LeakFound: as training.

    A run on a lower rung has no figures of boosters: its rung, the limits of its watch list and the shapes of its ages are compared.
    """
    logged = plant.tracker().logged(run)
    version = logged.tags.get("bundle", "")
    shelf = BundleShelf(plant.workspace.bundles)
    manifest = read_manifest(shelf.path(logged.experiment, version), public_key(plant.workspace))
    trained = _train_again(plant, manifest)
    now: Mapping[str, float] = trained.evaluation.metrics() | standing_figures(trained.model)
    if "rung" not in logged.metrics:
        # Runs from before rungs were logged know the figures of their boosters alone.
        now = {name: value for name, value in now.items() if name not in standing_figures(trained.model)}
    names = sorted(now.keys() | {name for name in logged.metrics if not name.startswith(("baseline.", "leak."))})
    figures = tuple(Figure(name, logged.metrics.get(name), now.get(name)) for name in names)
    return Reproduction(logged.id, version, figures, _notes(manifest, str(trained.model.facts["data_sha256"])))


def _train_again(plant: Plant, manifest: Manifest) -> Trained:
    asked = asked_from(manifest.facts.get("asked", {}))
    name = manifest.asset_class.name
    catalogue = replace(
        plant.catalogue,
        classes={**plant.catalogue.classes, name: manifest.asset_class},
        models={**plant.catalogue.models, name: manifest.definition},
    )
    with TemporaryDirectory() as folder:
        then = _as_it_was(plant, manifest, catalogue, Path(folder))
        return learn(then, manifest.definition, asked, frozen_by(plant, name, asked.champion))[0]


def _as_it_was(plant: Plant, manifest: Manifest, catalogue: Catalogue, folder: Path) -> Plant:
    """The plant with yesterday's tables, definitions and weighing, and a folder of its own for what is computed on the way."""
    missing = [
        f"{name} at version {version}"
        for name, version in manifest.data_versions.items()
        if version > plant.history.version(name)
    ]
    if missing:
        raise NotFound(f"history has no {', '.join(missing)}", hint="this is not the history that the run has seen")
    history = Pinned(plant.history, manifest.data_versions)
    if plant.workspace.waveforms.is_dir():
        Workspace(folder).waveforms.symlink_to(plant.workspace.waveforms.resolve(), target_is_directory=True)
    if weighing := manifest.watch.get("watch", {}).get("weighing"):
        keep_weighing(Workspace(folder), weighing)
    return replace(plant, history=history, catalogue=catalogue, workspace=Workspace(folder))


def _notes(manifest: Manifest, read: str) -> tuple[str, ...]:
    """What may explain a difference. read: the hash of what was learnt from now."""
    notes, now, then = list[str](), extraction_version(), str(manifest.facts.get("data_sha256", read))
    if manifest.extraction_version != now:
        notes.append(f"features were computed by extraction {manifest.extraction_version} then, and by {now} now")
    if then != read:
        notes.append(f"the feature rows or lives are others now (sha256 {then[:12]} then, {read[:12]} now)")
    return tuple(notes)
