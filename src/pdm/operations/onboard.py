"""Bring a plant's own files in: what they mean is proposed, written down as definitions, stored, and tried on the first model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from pdm.catalogue import load_catalogue
from pdm.errors import Conflict, InputError, LeakFound, TooLittleData, ZoneQuestion
from pdm.onboarding.answers import Answers
from pdm.onboarding.documents import features_toml, models_toml
from pdm.onboarding.happened import read_happened
from pdm.onboarding.proposal import Mode, Proposal
from pdm.onboarding.propose import propose
from pdm.onboarding.tables import (
    Files,
    beginning,
    failures_of,
    join,
    labelled_moments,
    machines,
    nominal,
    readings_of,
)
from pdm.operations.import_work_orders import import_work_orders, told_by_orders
from pdm.operations.ingest_events import ingest_events
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.register_assets import register_assets
from pdm.operations.train_model import TrainingResult, train_model
from pdm.ports import Plant
from pdm.readings.cells import to_numbers
from pdm.readings.files import read_all, read_file
from pdm.readings.registry import Asset
from pdm.readings.report import IngestReport
from pdm.readings.store import ReadingStore
from pdm.readings.timestamps import to_times
from pdm.records.options import ListOptions

FAILURE = "failure"
"""What a failure is called that nobody has named."""


@dataclass(frozen=True)
class Onboarded:
    """What came of it. definitions: the two files that were written; training: None with `problem` saying why nothing was learnt.

    readings: None when only a proposal was asked for. failures: events that were new. put_aside: of event files with rows in quarantine.
    """

    proposal: Proposal
    definitions: tuple[Path, ...] = ()
    readings: IngestReport | None = None
    failures: int = 0
    training: TrainingResult | None = None
    problem: str = ""
    put_aside: tuple[IngestReport, ...] = ()


def onboard(
    plant: Plant,
    files: Sequence[Path],
    *,
    asset_class: str,
    answers: Answers | None = None,
    events: Sequence[Path] = (),
    work_orders: Sequence[Path] = (),
    author: str = "",
    dry_run: bool = False,
    train: bool = True,
    replace_definitions: bool = False,
) -> Onboarded:
    """Look at files of readings that nobody has described, and bring them in as a new asset class.

    files: CSV, Parquet or XLSX of one layout and one kind of machine. events: files of events as `ingest_events` takes them, or JSON
    with lists of failure times under the names of the files. work_orders: exports of the maintenance system.
    dry_run: propose only. train: try a first model. replace_definitions: write over definitions of this name that the plant has already.

    The definitions stand in the plant's own `features/` and `models/`; running it again with the same files changes nothing else.

    Raises:
        UnreadableFile, ColumnsError, InputError: the files cannot be used; the message says what to do.
        ZoneQuestion: times without a zone. Conflict: the class is defined already.
    """
    answers = answers or Answers()
    with plant.progress.stage("reading files", len(files)) as advance:
        found = join(read_all(files, advance), answers)
    labelled = _labelled(events, found)
    bare = propose(asset_class, found.table, answers)
    tags = sorted(set(machines(found, bare)) - {""})
    told = [read_happened(read_file(path), tags) for path in events if path.suffix != ".json"]
    options = ListOptions(time_zone=answers.zone, day_first=answers.day_first)
    expected = {asset.asset: asset for asset in _assets(found, bare)}
    ordered = [told_by_orders(plant, work_orders, options, expected)] if work_orders else []
    proposal = propose(
        asset_class,
        found.table,
        answers,
        told=[*_modes_of(labelled), *(mode for one in (*told, *ordered) for mode in one.modes)],
    )
    proposal = replace(proposal, why=(*proposal.why, *(sentence for one in (*told, *ordered) for sentence in one.why)))
    if dry_run:
        return Onboarded(proposal)
    if proposal.blocked:
        raise InputError(proposal.blocked, hint="--dry-run shows the whole proposal")
    _ask_for_zone(proposal, found, answers.day_first)
    written = _write(plant, proposal, overwrite=replace_definitions)
    plant = replace(plant, catalogue=load_catalogue(plant.workspace))
    begun = _beginning(plant, proposal, found)
    register_assets(plant, _assets(found, proposal), backfill=True)
    stored = ingest_readings(
        plant,
        readings_of(found, proposal, begun),
        asset_class=asset_class,
        source=f"onboard-{asset_class}",
        time_zone=proposal.zone,
        backfill=True,
        day_first=answers.day_first,
    )
    failures = pd.concat([failures_of(found, proposal, begun), labelled.assign(failure_mode=FAILURE)])
    reports = [
        ingest_events(
            plant,
            frame,
            source=f"onboard-{asset_class}",
            time_zone=proposal.zone,
            backfill=True,
            day_first=answers.day_first,
        )
        for frame in (failures, *(_dated(one.frame, proposal, begun) for one in told))
        if len(frame)
    ]
    orders = import_work_orders(plant, work_orders, options).events_new if work_orders else 0
    training, problem = _first_model(plant, asset_class, author) if train else (None, "not asked for")
    count = sum(report.rows_stored for report in reports) + orders
    return Onboarded(
        proposal, written, stored, count, training, problem, tuple(r for r in reports if r.rows_quarantined)
    )


def _dated(events: pd.DataFrame, proposal: Proposal, begun: datetime) -> pd.DataFrame:
    """Events that only say a counter, with the moment at which a row with this counter counts as known."""
    if proposal.axis.kind == "time" or "usage" not in events or "time" in events:
        return events
    at = nominal(to_numbers(events["usage"]).values, proposal, begun)
    return events.assign(time=at, recorded_at=at)


def _modes_of(labelled: pd.DataFrame) -> tuple[Mode, ...]:
    return (Mode(FAILURE, "Failure", "", len(labelled)),) if len(labelled) else ()


def _beginning(plant: Plant, proposal: Proposal, files: Files) -> datetime:
    """When the counters of this class stood at zero: as at the first time, so that the same files again are the same rows and events."""
    if proposal.axis.kind == "usage":
        stored = ReadingStore(plant.history).last(plant.catalogue.asset_class(proposal.asset_class))
        if len(stored):
            passed = pd.to_timedelta(np.round(stored["time"] / proposal.axis.per_day * 86_400), unit="s")
            begun: datetime = (stored["recorded_at"] - passed).min().to_pydatetime()
            return begun
    return beginning(files, proposal, plant.clock.now())


def _first_model(plant: Plant, asset_class: str, author: str) -> tuple[TrainingResult | None, str]:
    """The model of the highest rung that the data can bear, or why there is none: the data stays either way."""
    try:
        return train_model(plant, asset_class, author=author), ""
    except (TooLittleData, LeakFound) as error:
        return None, str(error)


def _labelled(events: Sequence[Path], files: Files) -> pd.DataFrame:
    parts = [labelled_moments(path, files.table.files) for path in events if path.suffix == ".json"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"asset": [], "time": []})


def _ask_for_zone(proposal: Proposal, files: Files, day_first: bool | None) -> None:
    if proposal.zone is not None or proposal.axis.kind != "time" or proposal.time is None:
        return
    cells = files.frame[proposal.time]
    try:
        to_times(cells, zone=None, source="", series=np.zeros(len(cells), dtype=np.int64), day_first=day_first)
    except ZoneQuestion:
        raise ZoneQuestion(
            f"the times in '{proposal.time}' carry no zone ({cells.iloc[0]})",
            hint="say which one: --time-zone Europe/Berlin",
        ) from None


def _write(plant: Plant, proposal: Proposal, *, overwrite: bool) -> tuple[Path, ...]:
    """The two definitions in the plant's own rooms.

    Raises:
        Conflict: one of another content is there. InputError: the name is that of no class.
    """
    name = proposal.asset_class
    if not name.isidentifier() or name != name.lower():
        raise InputError(f"{name!r} cannot be the name of a class", hint="small letters, digits and _: cooling_pump")
    written = []
    for room, text in (("features", features_toml(proposal)), ("models", models_toml(proposal))):
        path = plant.workspace.home / room / f"{name}.toml"
        if path.exists() and path.read_text(encoding="utf-8") != text and not overwrite:
            raise Conflict(
                f"{path} is there already and says something else",
                hint="another --class, or --replace to write over it",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return tuple(written)


def _assets(files: Files, proposal: Proposal) -> list[Asset]:
    tags = machines(files, proposal)
    first = ~tags.duplicated() & (tags != "")
    known = files.frame.loc[first, list(proposal.attributes)]
    return [
        Asset(tag, proposal.asset_class, attributes={str(key): str(value) for key, value in row.items()})
        for tag, row in zip(tags[first], known.to_dict("records"), strict=True)
    ]
