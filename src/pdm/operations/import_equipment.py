"""Take in the maintenance system's lists of functional locations and equipment: who is who, and what sat where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pdm.errors import DefinitionError
from pdm.operations._marks import mark_service, mark_stops
from pdm.operations._records import ListRead, close_report, keep, matcher_of, read_lists
from pdm.ports import Plant
from pdm.readings.registry import Asset, Installation, read_installations, register
from pdm.records.equipment import EquipmentIntake, overlaps, take_equipment
from pdm.records.matching import Matcher
from pdm.records.options import USUAL, ListOptions
from pdm.records.report import RecordsReport
from pdm.records.structure import write_structure


def import_equipment(plant: Plant, files: Sequence[Path], options: ListOptions = USUAL) -> RecordsReport:
    """Read structure and equipment lists (SAP IH01, Maximo LOCATIONS and ASSET): machines, installations, and what is part of what.

    Objects whose type the mapping's [classes] gives an asset class become machines; those already on record keep what is known of
    them. Equipment with a serial number or dates becomes an installation; all objects go into `home/records/structure.csv`, by
    which work orders on parts and parents are understood. Nobody is alerted about a machine that a list calls inactive.


    Raises:
        UnreadableFile, ColumnsError, ZoneQuestion, InputError: a file cannot be used; nothing of any file is stored then.
        DefinitionError: the mapping names a class that the plant does not have.
    """
    now = plant.clock.now()
    lists = read_lists(plant, files, "asset", options)
    for one in lists:
        _check_classes(plant, one)
    matcher = matcher_of(plant, options)
    intakes: list[EquipmentIntake] = []
    assets: dict[str, Asset] = {}
    installations: list[Installation] = []
    # Locations before what stands in them; each list sees what the ones before it told.
    for one in sorted(lists, key=lambda item: item.sheet.has("equipment")):
        intake = take_equipment(
            one.sheet, one.mapping, matcher, now=now, source=one.base, zone=one.zone, day_first=options.day_first
        )
        assets |= {asset.asset: asset for asset in intake.assets}
        installations += intake.installations
        matcher = Matcher({**matcher.assets, **assets}, intake.structure, matcher.settled, options.confirm)
        intakes.append(intake)
    stored = 0
    if not options.dry_run:
        keep(plant, lists)
        stored = register(plant.history, assets.values(), now=now)
        register(plant.history, (), installations, now=now, backfill=True, source=lists[0].base)
        write_structure(plant.workspace.home, matcher.structure)
        mark_stops(plant, now)
        mark_service(plant, lists, matcher, now)
    rejected = [row for intake in intakes for row in intake.rejected]
    rows = sum(intake.rows_read for intake in intakes)
    report = RecordsReport(
        rows_read=rows,
        rows_used=rows - len(rejected),
        assets_new=stored,
        installations=len(installations),
        overlapping=overlaps(read_installations(plant.history)),
        types_without_class=_classless(lists),
    )
    return close_report(
        plant, report, lists, matches=(), matcher=None, rejected=rejected, now=now, dry_run=options.dry_run
    )


def _check_classes(plant: Plant, one: ListRead) -> None:
    for word, name in one.mapping.classes.items():
        if name and name not in plant.catalogue.classes:
            raise DefinitionError(
                f"{one.shown.path}: [classes] {word!r} = {name!r} is no class of this plant",
                hint="classes: " + ", ".join(plant.catalogue.classes),
            )


def _classless(lists: Sequence[ListRead]) -> tuple[tuple[str, int], ...]:
    """Object types that are neither a machine nor a part of one, with their objects."""
    counts: Counter[str] = Counter()
    for one in lists:
        known = {word for word, name in one.mapping.classes.items() if name} | set(one.mapping.items)
        counts.update(word for word in one.sheet.cells("kind").tolist() if word and word not in known)
    return tuple(counts.most_common())
