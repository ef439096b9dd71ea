"""What the imports from the maintenance system share: recognising lists, their mappings and clocks, matching, and the end of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pdm.errors import ColumnsError, InputError
from pdm.ports import Plant
from pdm.readings.quarantine import Rejected, write_quarantine
from pdm.readings.registry import Asset, read_assets
from pdm.readings.sources import Source, read_source, remember_source
from pdm.readings.zones import check_zone
from pdm.records.headers import LISTS, Record
from pdm.records.mapping import ListMapping, as_toml, completed, mapping_file, propose, read_mapping, write_mapping
from pdm.records.match_table import read_accepted, read_answers, write_matches
from pdm.records.matching import Match, Matcher
from pdm.records.options import ListOptions
from pdm.records.report import MappingShown, RecordsReport, advice, reason_figures
from pdm.records.sheet import Sheet, read_sheet
from pdm.records.structure import read_structure


@dataclass(frozen=True)
class ListRead:
    """One recognised file. base: name of the system it comes from; source: of this list, as events and files name it."""

    sheet: Sheet
    mapping: ListMapping
    shown: MappingShown
    base: str
    source: str
    zone: str | None


def read_lists(plant: Plant, files: Sequence[Path], record: Record, options: ListOptions) -> list[ListRead]:
    """Recognise every file, with the plant's mapping of its list or a proposal for it. Nothing is stored.

    Raises:
        UnreadableFile, ColumnsError, DefinitionError: see `import_work_orders`. InputError: no file, or a system nobody knows.
    """
    paths = [Path(file) for file in files]
    if not paths:
        raise InputError("no file is named", hint="name at least one")
    if options.system not in (None, "sap", "maximo"):
        raise InputError(f"no lists of a system {options.system!r} are known", hint="sap or maximo")
    kept = _kept(plant.workspace.home, record, options)
    own = {kind.name: {**kept[kind.name].columns, **options.columns} for kind in LISTS if kind.name in kept}
    own |= {kind.name: dict(options.columns) for kind in LISTS if kind.name not in kept}
    with plant.progress.stage("reading lists", len(paths)) as advance_by:
        sheets = []
        for path in paths:
            sheets.append(read_sheet(path, record, own=own, only=options.system))
            advance_by(1)
    _refuse_unused(options.columns, sheets)
    proposals = _proposals(plant, sheets)
    found = []
    for sheet in sheets:
        name = sheet.kind.name
        base = options.source or sheet.kind.system
        list_source = f"{base}-{name}".lower()
        path = options.mapping or mapping_file(plant.workspace.home, list_source)
        mine = kept.get(name)
        whole, news = completed(mine, proposals[name]) if mine else (proposals[name], ())
        shown = MappingShown(path, mine is None, as_toml(mine or whole, list_source), news)
        zone = check_zone(options.time_zone) if options.time_zone else read_source(plant.history, base).time_zone
        found.append(ListRead(sheet, whole, shown, base, list_source, zone))
    return found


def matcher_of(plant: Plant, options: ListOptions, expected: Mapping[str, Asset] | None = None) -> Matcher:
    """Who can be recognised now: the assets on record, the structure, and what people have answered.

    expected: assets that are about to be registered.
    """
    home = plant.workspace.home
    settled = read_answers(home) | (read_accepted(options.accepted) if options.accepted else {})
    assets = {**read_assets(plant.history), **(expected or {})}
    return Matcher(assets, read_structure(home), settled, options.confirm)


def keep(plant: Plant, lists: Sequence[ListRead]) -> None:
    """Keep proposals and clocks: they were not refused."""
    for one in lists:
        if one.shown.proposed and not one.shown.path.exists():
            write_mapping(one.shown.path, one.mapping, one.source)
        if one.zone:
            remember_source(plant.history, Source(one.base, one.zone), now=plant.clock.now())


def close_report(
    plant: Plant,
    report: RecordsReport,
    lists: Sequence[ListRead],
    *,
    matches: Sequence[Match],
    matcher: Matcher | None,
    rejected: Sequence[Rejected],
    now: datetime,
    dry_run: bool,
) -> RecordsReport:
    """Write what waits, keep what was found, and say what to do."""
    path = None
    matches_file = None
    if not dry_run:
        path = write_quarantine(plant.workspace.quarantine, rejected, source=f"{lists[0].base}-records", now=now)
        if matcher is not None and matches:
            matches_file = write_matches(plant.workspace.home, matches, dict(matcher.settled))
    whole = replace(
        report,
        files=tuple(one.sheet.raw.name for one in lists),
        lists=tuple(dict.fromkeys(one.sheet.kind.name for one in lists)),
        furniture=sum(one.sheet.furniture for one in lists),
        rows_quarantined=len(rejected),
        mappings=tuple({one.shown.path: one.shown for one in lists}.values()),
        matches_file=matches_file,
        quarantine_file=path,
        reasons=reason_figures(row.reason for row in rejected),
    )
    return replace(whole, advice=advice(whole))


def totals(parts: Sequence[Any]) -> dict[str, int]:
    """The numbers of several outcomes added up, field by field."""
    return {
        one.name: sum(getattr(part, one.name) for part in parts)
        for one in fields(parts[0])
        if isinstance(getattr(parts[0], one.name), int)
    }


def counted_kinds(kinds: Sequence[str]) -> dict[str, int]:
    """Kinds with their numbers, most frequent first."""
    return dict(Counter(kinds).most_common())


def _kept(home: Path, record: Record, options: ListOptions) -> dict[str, ListMapping]:
    """List -> the plant's mapping of it."""
    if options.mapping is not None:
        given = read_mapping(options.mapping)
        if given is None:
            raise InputError(f"there is no mapping file {options.mapping}", hint="without one, a mapping is proposed")
        return {given.list: given}
    kinds = [kind for kind in LISTS if kind.record == record]
    files = {kind.name: mapping_file(home, f"{options.source or kind.system}-{kind.name}".lower()) for kind in kinds}
    return {name: found for name, path in files.items() if (found := read_mapping(path)) is not None}


def _proposals(plant: Plant, sheets: Sequence[Sheet]) -> dict[str, ListMapping]:
    """One proposal per list, from all of its files."""
    classes = {name: one.title for name, one in plant.catalogue.classes.items()}
    found: dict[str, ListMapping] = {}
    for sheet in sheets:
        new = propose(sheet, classes=classes)
        found[sheet.kind.name] = completed(found[sheet.kind.name], new)[0] if sheet.kind.name in found else new
    return found


def _refuse_unused(columns: Mapping[str, str], sheets: Sequence[Sheet]) -> None:
    there = {column for sheet in sheets for column in sheet.raw.frame.columns}
    missing = [name for name in columns if name not in there]
    if missing:
        raise ColumnsError(f"no file has a column {missing[0]!r}", hint=f"columns: {', '.join(sorted(there))}")
