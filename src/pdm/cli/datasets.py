"""Commands that bring data to play with: public data sets from your disk, or a simulated plant as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pdm.cli.common import HERE, Home, Json, answer, counted, open_plant
from pdm.errors import Conflict

if TYPE_CHECKING:
    import pandas as pd

    from pdm.simulation.plant import SimulatedPlant

dataset_app = typer.Typer(
    help="Data to play with: public data sets from your disk, or a simulated plant.", no_args_is_help=True
)

How = Annotated[int, typer.Option(min=0, help="How many of them.")]


@dataset_app.command("import")
def dataset_import(
    name: Annotated[str, typer.Argument(help="cmapss or azure.")],
    folder: Annotated[Path, typer.Option("--from", help="The folder with the data set's files.")],
    home: Home = HERE,
    subset: Annotated[str, typer.Option(help="C-MAPSS: FD001, FD002, FD003 or FD004.")] = "FD001",
    as_json: Json = False,
) -> None:
    """Read a public data set from your disk into this plant; none is shipped, because their licences differ."""
    from pdm.datasets import import_dataset

    counts = import_dataset(open_plant(home), name, folder, subset=subset)
    sentence = ", ".join(
        counted(number, noun)
        for number, noun in ((counts.assets, "asset"), (counts.readings, "reading"), (counts.events, "event"))
    )
    answer(counts, sentence, as_json=as_json)


@dataset_app.command("simulate")
def simulate(
    folder: Annotated[Path, typer.Option("--to", help="A new folder for the files.")],
    pumps: How = 24,
    compressors: How = 16,
    fans: How = 20,
    days: Annotated[int, typer.Option(min=30, help="How much history, ending with the present hour.")] = 365,
    seed: Annotated[int, typer.Option(help="The same seed makes the same machines.")] = 7,
    as_json: Json = False,
) -> None:
    """Write the history of a simulated plant as CSV files, in the shape in which your own could come.

    assets.csv, events.csv and one file of readings per class. Kinder than reality: no figure on it says anything about yours.
    """
    from datetime import UTC, datetime, timedelta

    from pdm.simulation.small_plant import simulate_small_plant

    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty", hint="choose a new folder")
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    start = (end - timedelta(days=days) + timedelta(hours=1)).isoformat()
    plant = simulate_small_plant(seed, assets_per_class=(pumps, compressors, fans), start=start, days=days)
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"assets": _assets(plant), "events": _events(plant, end)}
    tables |= {name: _known(frame, end) for name, frame in plant.readings.items()}
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    counts = {name: len(frame) for name, frame in tables.items()}
    sentence = "\n".join(f"{folder / name}.csv  {counted(rows, 'row')}" for name, rows in counts.items())
    answer({"folder": folder, "rows": counts}, sentence, as_json=as_json)


def _known(frame: pd.DataFrame, end: object) -> pd.DataFrame:
    """What has been recorded by now."""
    return frame[frame["recorded_at"] <= end]


def _assets(plant: SimulatedPlant) -> pd.DataFrame:
    """The list as `plantpdm assets` takes it: attributes are columns."""
    import pandas as pd

    fields = ("asset", "asset_class", "description", "location", "criticality", "redundancy", "commissioned")
    return pd.DataFrame([{name: getattr(a, name) for name in fields} | dict(a.attributes) for a in plant.assets])


def _events(plant: SimulatedPlant, end: object) -> pd.DataFrame:
    """The events, and the installation of every part as one more event."""
    import pandas as pd

    installed = pd.DataFrame(
        [
            {
                "asset": row.asset,
                "time": row.start,
                "recorded_at": row.start,
                "kind": "installation",
                "item": row.item,
                "maintainable_item": row.maintainable_item,
                "restores": True,
            }
            for row in plant.installations
        ]
    )
    together = pd.concat([installed, plant.events], ignore_index=True)
    return _known(together, end).sort_values(["time", "asset", "kind"], kind="stable")
