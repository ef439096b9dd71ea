"""What leaves the simulated plant looks like real exports, and comes back through the importers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue.load import load_catalogue
from pdm.simulation.honest.definitions import write_definitions
from pdm.simulation.honest.export import export
from pdm.simulation.honest.historian import compress, freeze
from pdm.simulation.honest.settings import PlantSettings, read_settings
from pdm.simulation.honest.simulate import HonestPlant
from pdm.simulation.honest.version import settings_version, simulator_version
from pdm.workspace import Workspace


@pytest.fixture(scope="module")
def exported(small: HonestPlant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    export(small, folder)
    return folder


def test_every_class_and_month_has_a_file(exported: Path, small: HonestPlant) -> None:
    months = {path.name for path in (exported / "historian").iterdir()}

    assert {f"{name}_2023-{month:02d}.csv" for name in small.readings for month in range(1, 9)} <= months


def test_wide_files_carry_titles_and_units_and_naive_local_times(exported: Path, small: HonestPlant) -> None:
    wide = pd.read_csv(exported / "historian" / "pump_2023-07.csv")
    mine = small.readings["pump"].query("asset == 'P-101'")
    local = mine["time"].dt.tz_convert("Europe/Berlin").dt.tz_localize(None)
    july = mine[(local >= "2023-07-01") & (local < "2023-08-01")]

    assert "bearing temperature, drive end [degC]" in wide
    told = wide[wide["tag"] == "P-101"]
    assert len(told) == len(july)
    assert told["timestamp"].iloc[0] == str(local.loc[july.index[0]])
    np.testing.assert_allclose(told["vibration velocity, drive end [mm/s]"], july["vibration"])


def test_narrow_files_have_a_row_per_value_with_a_decimal_comma(exported: Path) -> None:
    path = exported / "historian" / "gearbox_fan_2023-02.csv"
    narrow = pd.read_csv(path, sep=";", decimal=",")

    assert list(narrow.columns) == ["Tag", "Messstelle", "Zeitstempel", "Wert"]
    assert narrow["Wert"].dtype == np.float64
    assert "," in path.read_text(encoding="utf-8").splitlines()[5].split(";")[3]


@pytest.mark.parametrize(
    ("section", "encoding", "separator", "started"),
    [("nord", "cp1252", ";", "Störungsbeginn"), ("south", "utf-8", ",", "Malfunct. start")],
)
def test_each_section_writes_its_lists_in_its_own_language(
    exported: Path, section: str, encoding: str, separator: str, started: str
) -> None:
    lists = {name: pd.read_csv(exported / "records" / section / f"{name}.csv", sep=separator, encoding=encoding, dtype="str")
             for name in ("IW29", "IW39", "IP24", "IH01")}  # fmt: skip

    assert started in lists["IW29"]
    assert all(len(rows) for rows in lists.values())
    dates = lists["IW29"][started].dropna()
    assert dates.str.fullmatch(r"\d\d\.\d\d\.\d{4}" if section == "nord" else r"\d\d/\d\d/\d{4}").all()


def test_nothing_of_the_truth_is_in_the_exports(exported: Path, small: HonestPlant) -> None:
    text = "".join(path.read_bytes().decode("latin-1") for path in (exported / "records").rglob("*.csv"))

    for word in (*small.truth.failures["failure_id"], "precursor", "onset", "unmeasured"):
        assert word not in text


def test_a_repair_that_nobody_wrote_down_leaves_the_old_part_on_record(small: HonestPlant) -> None:
    unrecorded = set(small.truth.records.query("not recorded and failure_id != ''")["failure_id"])
    lost = small.truth.failures[small.truth.failures["failure_id"].isin(unrecorded)]

    for _, failure in lost.iterrows():
        part = next(part for part in small.installations if part.item == failure["item"])
        assert part.end is None or pd.Timestamp(part.end) > failure["ended_at"]


def test_the_definitions_are_read_by_the_catalogue_and_cheap(tmp_path: Path) -> None:
    settings = read_settings()
    write_definitions(settings, tmp_path)
    catalogue = load_catalogue(Workspace(tmp_path))

    for machine in settings.machine:
        definition = catalogue.asset_class(machine.name)
        assert definition.channel_names == tuple(channel.name for channel in machine.channel)
        per_window = sum(4 if channel.role == "condition" else 1 for channel in definition.channels)
        assert per_window * len(definition.feature_set.windows) < 100
        assert definition.feature_set.life is None
        assert {mode.name for mode in catalogue.model(machine.name).failure_modes} == {
            mode.name for mode in machine.mode
        }
    assert catalogue.model("pump").split.test_from == "2024-05-05"


def test_compression_writes_what_leaves_the_dead_band_and_nothing_that_was_lost() -> None:
    values = np.array([[1.0, 1.05, 1.2, np.nan, 1.21, 5.0]])

    written = compress(values, np.array([0.1]))

    assert written.tolist() == [[True, False, True, False, False, True]]


def test_a_value_that_does_not_move_is_written_twice_a_day() -> None:
    written = compress(np.ones((1, 48)), np.array([0.1]))

    assert written.sum() == 4


def test_an_outage_repeats_the_value_before_it() -> None:
    values = np.array([[1.0, 2.0, 3.0, 4.0]])

    freeze(values, np.array([False, True, True, False]))

    assert values.tolist() == [[1.0, 1.0, 1.0, 4.0]]


def test_versions_tell_simulators_and_settings_apart(small: HonestPlant, small_settings: PlantSettings) -> None:
    assert small.version == simulator_version() == small.truth.version
    assert len(simulator_version()) == 12
    assert settings_version(small_settings) != settings_version(read_settings())
