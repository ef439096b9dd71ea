"""Simulate a plant: machines that live, sensors that say so more or less, people who write some of it down, and the truth beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from pdm.errors import DefinitionError
from pdm.readings.registry import Asset, Installation
from pdm.simulation.honest.fleet import Fleet, make_fleet
from pdm.simulation.honest.historian import Section, kept_rows, make_sections, section_of
from pdm.simulation.honest.lives import Fates
from pdm.simulation.honest.people import Records, write_records
from pdm.simulation.honest.physics import PHYSICS
from pdm.simulation.honest.reality import failure_id, failures_table, serial, signatures_table, with_detection
from pdm.simulation.honest.regimes import Regimes, make_regimes
from pdm.simulation.honest.sensors import apply_faults, unit_change
from pdm.simulation.honest.settings import PlantSettings
from pdm.simulation.honest.truth import EXPOSURE_COLUMNS, RECORD_COLUMNS, SENSOR_FAULT_COLUMNS, Truth, table
from pdm.simulation.honest.version import simulator_version


@dataclass(frozen=True)
class HonestPlant:
    """A simulated plant: what a real one would have on record, and the truth that it would not.

    readings: class -> wide table (asset, time UTC as the historian's clock said, channels), NaN where nothing was written.
    records: what people wrote, as lists of the maintenance system by section. start, test_from, end: the period, UTC.
    """

    settings: PlantSettings
    assets: list[Asset]
    installations: list[Installation]
    readings: dict[str, pd.DataFrame]
    records: Records
    truth: Truth
    start: datetime
    test_from: datetime
    end: datetime
    version: str


def simulate_plant(settings: PlantSettings, seed: int) -> HonestPlant:
    """Simulate the whole plant; the same settings and seed give the same plant bit for bit.

    Raises:
        DefinitionError: the settings name a class of machines that has no physics here.
    """
    unknown = [machine.name for machine in settings.machine if machine.name not in PHYSICS]
    if unknown:
        raise DefinitionError(f"no physics for {', '.join(unknown)}", hint="there is " + ", ".join(PHYSICS))
    regimes = make_regimes(settings, seed)
    sections = make_sections(seed, settings.sensors, regimes.calendar)
    fates = Fates.of(settings, seed)
    fleets = [
        make_fleet(np.random.default_rng([seed, 4, n]), fates, machine, settings, regimes)
        for n, machine in enumerate(settings.machine)
    ]
    _change_units(np.random.default_rng([seed, 5]), fleets, settings.sensors.unit_changes)
    return _assemble(settings, seed, regimes, sections, fleets)


def _change_units(rng: np.random.Generator, fleets: list[Fleet], count: int) -> None:
    some = [fleet for fleet in fleets if fleet.tags]
    for _ in range(count if some else 0):
        fleet = some[int(rng.integers(len(some)))]
        fault = unit_change(rng, fleet.machine, fleet.running.shape[1])
        if fault is not None:
            apply_faults(rng, fleet.machine, fleet.told, [fault])
            fleet.faults.append(fault)


def _assemble(
    settings: PlantSettings, seed: int, regimes: Regimes, sections: tuple[Section, ...], fleets: list[Fleet]
) -> HonestPlant:
    at, version = regimes.calendar, simulator_version()
    assets = [
        asset for fleet in fleets for asset in _assets(np.random.default_rng([seed, 6]), fleet, sections, regimes)
    ]
    failures = pd.concat([failures_table(fleet, regimes) for fleet in fleets], ignore_index=True)
    signatures = pd.concat([signatures_table(fleet, regimes) for fleet in fleets], ignore_index=True)
    records, written = write_records(np.random.default_rng([seed, 7]), settings, regimes, sections, fleets, assets)
    start, end = at.times[0].to_pydatetime(), at.at(at.rows).to_pydatetime()
    exposure = [{"asset": a.asset, "asset_class": a.asset_class, "start": start, "end": end} for a in assets]
    truth = Truth(
        failures=with_detection(failures, signatures),
        exposure=table(exposure, EXPOSURE_COLUMNS),
        signatures=signatures,
        sensor_faults=table(_fault_rows(fleets, sections, regimes), SENSOR_FAULT_COLUMNS),
        records=table(written, RECORD_COLUMNS),
        version=version,
        seed=seed,
    )
    readings = {
        fleet.machine.name: kept_rows(fleet.machine, fleet.tags, fleet.told, fleet.lines, sections, at)
        for fleet in fleets
    }
    unrecorded = {str(row["failure_id"]) for row in written if not row["recorded"]} - {""}
    installations = [row for fleet in fleets for row in _installations(fleet, regimes, unrecorded)]
    test_from = at.at(at.test_row).to_pydatetime()
    return HonestPlant(settings, assets, installations, readings, records, truth, start, test_from, end, version)


def _assets(rng: np.random.Generator, fleet: Fleet, sections: tuple[Section, ...], regimes: Regimes) -> list[Asset]:
    machine, made = fleet.machine, []
    start = regimes.calendar.times[0].to_pydatetime()
    for index, tag in enumerate(fleet.tags):
        section = sections[section_of(fleet.lines[index])]
        sister = fleet.tags[index ^ 1] if index < 2 * machine.pairs else ""
        described = machine.described[0 if section.language == "de" else 1]
        made.append(
            Asset(
                asset=tag,
                asset_class=machine.name,
                description=f"{described} {index + 1}",
                location=f"{section.name}/line {fleet.lines[index] + 1}",
                criticality=int(rng.choice([1, 2, 3, 4], p=[0.15, 0.25, 0.4, 0.2])),
                parent=f"{section.name.upper()}-L{fleet.lines[index] + 1}",
                redundancy=f"1 of 2 with {sister}" if sister else "",
                commissioned=start - timedelta(days=int(rng.integers(5 * 365, 15 * 365))),
                attributes={
                    "section": section.name,
                    "equipment": f"{10_000_000 + 100 * machine.first_number + index}",
                    "functional_location": f"{section.name.upper()}-L{fleet.lines[index] + 1}-{tag.replace('-', '')}",
                    "maker": str(rng.choice(["Norrland", "Vela", "Kestrel"])),
                },
            )
        )
    return made


def _installations(fleet: Fleet, regimes: Regimes, unrecorded: set[str]) -> list[Installation]:
    """The serial parts as the plant has them on record: a replacement that nobody wrote down did not happen."""
    at = regimes.calendar
    parts: dict[tuple[str, str], Installation] = {}
    hidden: dict[tuple[int, str], Installation] = {}
    for life in fleet.lives:
        tag, place = fleet.tags[life.asset], (life.asset, life.mode.name)
        end = None if life.ended is None or life.ended >= at.rows else at.at(life.ended).to_pydatetime()
        before = hidden.pop(place, None)
        part = before or Installation(
            tag, serial(tag, life), at.at(life.begun).to_pydatetime(), life.mode.maintainable_item
        )
        if failure_id(tag, life) in unrecorded:
            hidden[place], end = part, None
        parts[tag, part.item] = replace(part, end=end)
    return list(parts.values())


def _fault_rows(fleets: list[Fleet], sections: tuple[Section, ...], regimes: Regimes) -> list[dict[str, Any]]:
    at = regimes.calendar
    rows: list[dict[str, Any]] = [
        {
            "asset": fleet.tags[fault.asset],
            "channel": fault.channel,
            "kind": fault.kind.replace("_", " "),
            "start": at.at(fault.first),
            "end": at.at(fault.last),
        }
        for fleet in fleets
        for fault in fleet.faults
    ]
    for number, section in enumerate(sections):
        tags = [
            tag
            for fleet in fleets
            for tag, line in zip(fleet.tags, fleet.lines, strict=True)
            if section_of(line) == number
        ]
        for kind, first, last in section.events:
            span: Mapping[str, Any] = {"channel": "*", "kind": kind, "start": at.at(first), "end": at.at(last)}
            rows += [{"asset": tag, **span} for tag in tags]
    return rows
