"""`plantpdm simulate`: a plant to practise on that is as hard as a real one, with the truth kept where no model can see it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pdm.cli.common import HERE, Home, Json, answer, counted, open_plant
from pdm.errors import Conflict

if TYPE_CHECKING:
    from pdm.simulation.honest.simulate import HonestPlant

EXPORTS = "exports"


@dataclass(frozen=True)
class Simulated:
    """What was made, and where it lies; `loaded` is missing unless it was brought in."""

    home: Path
    exports: Path
    truth: Path
    version: str
    seed: int
    assets: int
    readings: int
    failures: int
    orders: int
    test_from: str
    loaded: dict[str, float] | None = None


def simulate(
    home: Home = HERE,
    settings: Annotated[
        Path | None, typer.Option("--settings", help="Settings of the plant; default: the bundled ones.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same plant, bit for bit.")] = 1,
    truth: Annotated[
        Path | None,
        typer.Option(
            "--truth", help="Where the truth goes; never inside the home.", show_default="<home>-truth beside it"
        ),
    ] = None,
    load: Annotated[bool, typer.Option("--load", help="Also bring the exports in through the importers.")] = False,
    as_json: Json = False,
) -> None:
    """Make a simulated plant: its home with definitions, exports as real systems write them, and the truth in a folder apart.

    Most of its machines are healthy, more than a quarter of its failures come without warning, and its records are as people keep them.
    """
    from pdm.simulation.honest.definitions import write_definitions
    from pdm.simulation.honest.export import export
    from pdm.simulation.honest.settings import DEFAULT, read_settings
    from pdm.simulation.honest.simulate import simulate_plant
    from pdm.workspace import create

    chosen = settings or DEFAULT
    wanted = read_settings(chosen)
    apart = truth_folder(home, truth)
    if (home / EXPORTS).exists():
        raise Conflict(f"{home / EXPORTS} exists already", hint="choose a new --home")
    create(home, plant_name=f"Simulated plant {seed}", time_zone=wanted.period.time_zone)
    sys.stderr.write("simulating the plant\n")
    made = simulate_plant(wanted, seed)
    write_definitions(wanted, home)
    sys.stderr.write("writing its exports\n")
    export(made, home / EXPORTS)
    made.truth.save(apart)
    (apart / "settings.toml").write_bytes(chosen.read_bytes())
    loaded = _loaded(home, made) if load else None
    value = Simulated(
        home=home,
        exports=home / EXPORTS,
        truth=apart,
        version=made.version,
        seed=seed,
        assets=len(made.assets),
        readings=sum(map(len, made.readings.values())),
        failures=len(made.truth.failures),
        orders=sum(map(len, made.records.orders.values())),
        test_from=made.test_from.isoformat(),
        loaded=loaded,
    )
    answer(value, _summary(value), as_json=as_json)


def truth_folder(home: Path, truth: Path | None) -> Path:
    """Where the truth goes.

    Raises:
        Conflict: that would be inside the home, where a model could find it.
    """
    folder = truth or home.resolve().parent / f"{home.resolve().name}-truth"
    if folder.resolve().is_relative_to(home.resolve()):
        raise Conflict(
            f"{folder} lies inside {home}: the truth must stay out of the home", hint="choose another --truth"
        )
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty", hint="choose another --truth")
    return folder


def _loaded(home: Path, made: HonestPlant) -> dict[str, float]:
    """Bring the exports in, and compare with the truth what the importers recovered."""
    from pdm.simulation.honest.links import recovered
    from pdm.simulation.honest.load import load_exports

    plant = open_plant(home)
    report = load_exports(plant, made.settings, home / EXPORTS, made.assets)
    links = recovered(plant, made.truth, made.installations)
    return {
        "rows_stored": report.rows_stored,
        "cells_quarantined": report.cells_quarantined,
        "cells_conflicting": report.cells_conflicting,
        "events": report.events,
        "items_recovered": links.items,
        "failures_recovered": links.failures,
        "failures_labelled": links.labelled,
        "failures_with_record": links.with_record,
        "failures_without_record": links.without_record,
    }


def _summary(made: Simulated) -> str:
    lines = [
        f"{counted(made.assets, 'asset')}, {counted(made.readings, 'row')} of readings, {counted(made.orders, 'order')}, "
        f"test months from {made.test_from[:10]} (simulator {made.version}, seed {made.seed})",
        f"exports: {made.exports}",
        f"truth:   {made.truth} (for the judge only)",
    ]
    if made.loaded is None:
        lines.append(f"next: plantpdm ingest CLASS FILE... --home {made.home}, or simulate again with --load")
    else:
        told = made.loaded
        lines += [
            f"loaded:  {counted(int(told['rows_stored']), 'row')} of readings and {counted(int(told['events']), 'event')}",
            f"links:   {told['items_recovered']:.0%} of the parts, {told['failures_recovered']:.0%} of the "
            f"{told['failures_with_record']:.0f} repairs with a record, {told['failures_labelled']:.0%} with the right failure mode; "
            f"{told['failures_without_record']:.0f} more were never recorded",
            f"next: plantpdm train pump --home {made.home}",
        ]
    return "\n".join(lines)
