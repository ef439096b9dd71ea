"""Score a stretch of history once and keep the assessments, so that any number of policies can decide over them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pdm.errors import InputError
from pdm.operations.score_fleet import champion
from pdm.operations.score_history import score_history
from pdm.ports import Plant
from pdm.readings.tables import SCHEMAS, readings_table
from pdm.replay.scored import Rounds, read_scored, write_scored
from pdm.replay.timeline import moments
from pdm.scoring.assessment import Assessment


@dataclass(frozen=True)
class ScoredPast:
    """Rounds of assessments, the file they are kept in, and from when on the models in charge had learnt from them.

    learnt_until: class -> the moment up to which its model knew the history; scores before it are not out of sample.
    """

    rounds: Rounds
    path: Path
    reused: bool
    learnt_until: dict[str, datetime]


def score_past(
    plant: Plant, start: datetime, end: datetime, *, every: timedelta, classes: Sequence[str] | None = None
) -> ScoredPast:
    """Every class's assessments from `start` to `end`, as known then; from the file when nothing they rest on has changed.

    Raises:
        InputError: an empty stretch, or no class has a model in charge.
    """
    names = sorted(classes or plant.catalogue.classes)
    bundles = {name: bundle for name in names if (bundle := champion(plant, name)) is not None}
    if not bundles:
        raise InputError("no class has a model in charge", hint="plantpdm train CLASS, then plantpdm promote CLASS")
    names = sorted(bundles)
    versions = {name: plant.history.version(name) for name in (*SCHEMAS, *(readings_table(name) for name in names))}
    said = (
        f"{start.isoformat()}|{end.isoformat()}|{every}|{versions}|{ {name: bundles[name].version for name in names} }"
    )
    key = hashlib.sha256(said.encode()).hexdigest()[:12]
    path = plant.workspace.reports / "replay" / f"scored-{key}.parquet"
    reused = path.exists()
    if not reused:
        at = list(moments(start, end, every))
        with plant.progress.stage("scoring the past", len(at)) as advance:
            write_scored(path, _counted(score_history(plant, at, classes=names, explain=False), advance))
    facts = {name: str(bundle.manifest.facts.get("known_at") or "") for name, bundle in bundles.items()}
    learnt = {name: datetime.fromisoformat(text) for name, text in facts.items() if text}
    return ScoredPast(read_scored(path), path, reused, learnt)


def _counted(
    rounds: Iterator[tuple[datetime, list[Assessment]]], advance: object
) -> Iterator[tuple[datetime, list[Assessment]]]:
    for one in rounds:
        yield one
        if callable(advance):
            advance(1)
