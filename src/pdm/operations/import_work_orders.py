"""Take in what people wrote down about failures and repairs: notifications and work orders of the maintenance system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pdm.onboarding.happened import Happened, modes_of_records
from pdm.operations._marks import mark_orders
from pdm.operations._records import ListRead, close_report, counted_kinds, keep, matcher_of, read_lists, totals
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.registry import Asset
from pdm.records.events import informed_by, work_events
from pdm.records.ledger import Stored, current, read_ledger, store_events, write_ledger
from pdm.records.matching import Matcher
from pdm.records.options import USUAL, ListOptions
from pdm.records.report import RecordsReport, habit_figures, label_figures, match_figures
from pdm.records.work import Given, WorkIntake, take_work


@dataclass(frozen=True)
class _Outcome:
    """One list after storing. used: its records; events: what they tell; stored: what became of these."""

    used: pd.DataFrame
    events: pd.DataFrame
    stored: Stored
    passed_over: int


def import_work_orders(plant: Plant, files: Sequence[Path], options: ListOptions = USUAL) -> RecordsReport:
    """Read notifications (SAP IW29) and orders (SAP IW39, Maximo WORKORDER) and store the events that they tell of.

    The same export again, overlapping exports and older ones change nothing; a changed order is a new version of its events.

    Raises:
        UnreadableFile, ColumnsError, ZoneQuestion, InputError: a file cannot be used; nothing of any file is stored then.
        DefinitionError: the mapping file is wrong.
    """
    now = plant.clock.now()
    lists = read_lists(plant, files, "work", options)
    matcher = matcher_of(plant, options)
    modes = {name: model.failure_modes for name, model in plant.catalogue.models.items()}
    taken = [
        (one, take_work(one.sheet, one.mapping, Given(matcher, modes, now, one.base, one.zone, options.day_first)))
        for one in lists
    ]
    # Notifications before orders, and an older export before a newer one, which then revises it.
    taken.sort(key=lambda pair: (pair[0].sheet.kind.name, _newest(pair[1])))
    if not options.dry_run:
        keep(plant, lists)
    with plant.progress.stage("storing records", len(taken)) as advance:
        outcomes = []
        for one, intake in taken:
            outcomes.append(_settle(plant, one, intake, now, dry_run=options.dry_run))
            advance(1)
    return _report(plant, taken, outcomes, matcher, now, dry_run=options.dry_run)


def told_by_orders(
    plant: Plant, files: Sequence[Path], options: ListOptions, expected: Mapping[str, Asset]
) -> Happened:
    """The failures of machines that are not registered yet, as their lists would tell them, and the modes among them; nothing is stored.

    Raises:
        as `import_work_orders`.
    """
    matcher = matcher_of(plant, options, expected)
    parts = []
    for one in read_lists(plant, files, "work", options):
        given = Given(matcher, {}, plant.clock.now(), one.base, one.zone, options.day_first)
        records = take_work(one.sheet, one.mapping, given).records
        parts.append(work_events(records, list_name=one.sheet.kind.name, prefix="", source=one.source))
    events = pd.concat(parts, ignore_index=True)
    failures = events[(events["kind"] == "failure") & events["asset"].isin(list(expected))]
    columns = ["asset", "maintainable_item", "mechanism"]
    return modes_of_records(failures[columns].fillna(""), ", ".join(path.name for path in files))


def _newest(intake: WorkIntake) -> float:
    newest = intake.records["as_of"].max()
    return 0.0 if pd.isna(newest) else float(newest.timestamp())


def _settle(plant: Plant, one: ListRead, intake: WorkIntake, now: datetime, *, dry_run: bool) -> _Outcome:
    home, name = plant.workspace.home, one.sheet.kind.name
    ledger = read_ledger(home, one.source)
    used, twice, older = current(intake.records, ledger)
    prefix = f"{one.base}/{name}"
    if name == "IW39":
        used = informed_by(used, read_events(plant.history, kinds=["failure"]), f"{one.base}/IW29")
    events = work_events(used, list_name=name, prefix=prefix, source=one.source)
    if dry_run:
        return _Outcome(used, events, Stored(), twice + older)
    stored = store_events(plant.history, events, used["number"], used["as_of"], prefix=prefix, now=now)
    write_ledger(home, one.source, ledger, used, one.sheet.raw.name)
    if name != "IW29":
        mark_orders(plant, one.source, used, now)
    return _Outcome(used, events, stored, twice + older)


def _report(
    plant: Plant,
    taken: Sequence[tuple[ListRead, WorkIntake]],
    outcomes: Sequence[_Outcome],
    matcher: Matcher,
    now: datetime,
    *,
    dry_run: bool,
) -> RecordsReport:
    stored = totals([outcome.stored for outcome in outcomes])
    used = pd.concat([outcome.used for outcome in outcomes], ignore_index=True)
    failed = pd.concat([_failed(outcome) for outcome in outcomes], ignore_index=True)
    matches = [match for _, intake in taken for match in intake.matches]
    classes = {tag: asset.asset_class for tag, asset in matcher.assets.items()}
    figures: dict[str, Any] = {
        **match_figures(matches),
        **habit_figures(used, plant.settings.time_zone),
        **label_figures(failed, classes),
    }
    report = RecordsReport(
        rows_read=sum(intake.rows_read for _, intake in taken),
        rows_used=len(used),
        rows_passed_over=sum(outcome.passed_over for outcome in outcomes),
        events=counted_kinds([kind for outcome in outcomes for kind in outcome.events["kind"].tolist()]),
        events_new=stored["new"],
        events_revised=stored["revised"],
        events_duplicate=stored["duplicates"],
        events_voided=stored["voided"],
        orders_without_notification_list=_untold(plant, taken, outcomes),
        **figures,
    )
    rejected = [row for _, intake in taken for row in intake.rejected]
    lists = [one for one, _ in taken]
    return close_report(
        plant, report, lists, matches=matches, matcher=matcher, rejected=rejected, now=now, dry_run=dry_run
    )


def _failed(outcome: _Outcome) -> pd.DataFrame:
    """The records that became failures."""
    ids = outcome.events.loc[outcome.events["kind"].eq("failure"), "source_row"]
    return outcome.used[outcome.used["row"].isin(ids.astype("int64"))]


def _untold(plant: Plant, taken: Sequence[tuple[ListRead, WorkIntake]], outcomes: Sequence[_Outcome]) -> int:
    """Corrective orders whose notification was never imported."""
    count = 0
    for (one, _), outcome in zip(taken, outcomes, strict=True):
        if one.sheet.kind.name == "IW39":
            told = read_ledger(plant.workspace.home, f"{one.base}-iw29").index
            numbers = outcome.used["notification"].str.replace(r"^0+(?=\d)", "", regex=True)
            corrective = outcome.used["kind"].isin(["failure", "repair"])
            count += int((corrective & numbers.ne("") & ~numbers.isin(told)).sum())
    return count
