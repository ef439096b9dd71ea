"""Readers for public data sets that the user has on disk; the sets themselves are never shipped, their licences differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pdm.datasets.azure import AzureData, import_azure, read_azure, write_azure_fixture
from pdm.datasets.cmapss import SUBSETS, CmapssData, import_cmapss, read_cmapss, write_cmapss_fixture
from pdm.datasets.folder import ImportCounts
from pdm.errors import NotFound
from pdm.ports import Plant

__all__ = [
    "DATASETS",
    "AzureData",
    "CmapssData",
    "DataSet",
    "ImportCounts",
    "dataset",
    "import_azure",
    "import_cmapss",
    "import_dataset",
    "read_azure",
    "read_cmapss",
    "write_azure_fixture",
    "write_cmapss_fixture",
]


@dataclass(frozen=True)
class DataSet:
    """One row of the table of data sets: what it is called, what it fills, and what a user's folder must hold.

    bring_in: reads a folder into a plant; its third argument is the subset.
    subsets: names of its parts, of which one is imported at a time; empty when it is one whole.
    """

    name: str
    title: str
    asset_class: str
    files: tuple[str, ...]
    bring_in: Callable[[Plant, Path, str], ImportCounts]
    subsets: tuple[str, ...] = ()


DATASETS = {
    row.name: row
    for row in (
        DataSet(
            "cmapss",
            "NASA C-MAPSS turbofan engines",
            "turbofan",
            ("train_<subset>.txt", "test_<subset>.txt", "RUL_<subset>.txt (optional)"),
            import_cmapss,
            SUBSETS,
        ),
        DataSet(
            "azure",
            "Microsoft Azure predictive maintenance",
            "azure_machine",
            (
                "PdM_machines.csv",
                "PdM_telemetry.csv (or a Parquet file)",
                "PdM_errors.csv",
                "PdM_maint.csv",
                "PdM_failures.csv",
            ),
            lambda plant, folder, _: import_azure(plant, folder),
        ),
    )
}


def dataset(name: str) -> DataSet:
    """The data set called `name`.

    >>> dataset("cmapss").asset_class
    'turbofan'

    Raises:
        NotFound: there is no reader for it.
    """
    if name not in DATASETS:
        raise NotFound(f"no reader for a data set {name!r}", hint="there are: " + ", ".join(DATASETS))
    return DATASETS[name]


def import_dataset(plant: Plant, name: str, folder: Path, *, subset: str = "FD001") -> ImportCounts:
    """Bring the data set `name` from a user's folder into a plant; `subset` matters only where there are subsets.

    Raises:
        NotFound: no such data set, subset, folder or file.
        InputError: a file that cannot be used, with its row and what to do.
    """
    return dataset(name).bring_in(plant, folder, subset)
