"""Take in preventive plans of the maintenance system: what was done on schedule, and what is due."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pdm.operations._records import close_report, counted_kinds, keep, matcher_of, read_lists
from pdm.ports import Plant
from pdm.readings.events import append_events, read_events
from pdm.records.options import USUAL, ListOptions
from pdm.records.plans import plan_events, take_plans, write_plans
from pdm.records.report import RecordsReport, match_figures
from pdm.records.work import Given


def import_plans(plant: Plant, files: Sequence[Path], options: ListOptions = USUAL) -> RecordsReport:
    """Read maintenance plan calls (SAP IP24) and preventive plans (Maximo PM).

    Completed calls become preventive events, unless the order list tells of them; what is due goes into `home/records/plans.csv`.
    Maximo's PM list only says what is due: its completed work stands in WORKORDER.

    Raises:
        UnreadableFile, ColumnsError, ZoneQuestion, InputError, DefinitionError: as for `import_work_orders`.
    """
    now = plant.clock.now()
    lists = read_lists(plant, files, "plan", options)
    matcher = matcher_of(plant, options)
    intakes = [
        take_plans(one.sheet, one.mapping, Given(matcher, {}, now, one.base, one.zone, options.day_first))
        for one in lists
    ]
    figures: dict[str, Any] = {"events_new": 0, "events_revised": 0, "events_duplicate": 0}
    kinds: list[str] = []
    if not options.dry_run:
        keep(plant, lists)
    for one, intake in zip(lists, intakes, strict=True):
        if one.sheet.kind.system == "sap":
            stored = read_events(plant.history)
            known = dict(zip(stored["event_id"].tolist(), stored["source"].tolist(), strict=True))
            events = plan_events(intake.calls, known, base=one.base, list_name=one.sheet.kind.name, source=one.source)
            kinds += events["kind"].tolist()
            if not options.dry_run:
                counts = append_events(plant.history, events, now=now)
                figures["events_new"] += counts.stored - counts.revised
                figures["events_revised"] += counts.revised
                figures["events_duplicate"] += counts.duplicates
        if not options.dry_run:
            write_plans(plant.workspace.home, intake.calls, one.source, now, standing=one.sheet.kind.system == "maximo")
    matches = [match for intake in intakes for match in intake.matches]
    rejected = [row for intake in intakes for row in intake.rejected]
    figures |= match_figures(matches)
    report = RecordsReport(
        rows_read=sum(intake.rows_read for intake in intakes),
        rows_used=sum(len(intake.calls) for intake in intakes),
        events=counted_kinds(kinds),
        plans=len(
            {
                (one.source, number)
                for one, intake in zip(lists, intakes, strict=True)
                for number in intake.calls["number"]
            }
        ),
        **figures,
    )
    return close_report(
        plant, report, lists, matches=matches, matcher=matcher, rejected=rejected, now=now, dry_run=options.dry_run
    )
