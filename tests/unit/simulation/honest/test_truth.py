"""The truth is kept apart, and comes back as it was written."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pdm.errors import NotFound, UnreadableFile
from pdm.simulation.honest.truth import TABLES, Truth, table


def small() -> Truth:
    tables = {name: table([], columns) for name, columns in TABLES.items()}
    tables["exposure"] = table(
        [{"asset": "P-101", "asset_class": "pump", "start": "2024-01-01", "end": "2025-01-01"}], TABLES["exposure"]
    )
    return Truth(**tables, version="abc", seed=3)


def test_truth_comes_back_as_it_was_written(tmp_path: Path) -> None:
    small().save(tmp_path / "truth")
    again = Truth.load(tmp_path / "truth")

    assert (again.version, again.seed) == ("abc", 3)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(small(), name))


def test_a_folder_without_truth_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no truth"):
        Truth.load(tmp_path)


def test_a_table_that_lacks_a_column_is_refused(tmp_path: Path) -> None:
    small().save(tmp_path)
    small().exposure.drop(columns="end").to_parquet(tmp_path / "exposure.parquet")

    with pytest.raises(UnreadableFile, match="lacks end"):
        Truth.load(tmp_path)


def test_truth_of_another_format_is_refused(tmp_path: Path) -> None:
    small().save(tmp_path)
    (tmp_path / "truth.json").write_text('{"format": 99}', encoding="utf-8")

    with pytest.raises(UnreadableFile, match="format 99"):
        Truth.load(tmp_path)
