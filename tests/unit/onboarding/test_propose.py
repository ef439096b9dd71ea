"""What unknown files seem to mean: keys, labels, roles, units and lengths, each by what the cells say."""

import tomllib

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Axis
from pdm.errors import ColumnsError, InputError
from pdm.onboarding.answers import Answers
from pdm.onboarding.documents import features_toml, models_toml
from pdm.onboarding.lengths import choose
from pdm.onboarding.propose import propose
from pdm.onboarding.tables import beginning, failures_of, join, machines, readings_of
from pdm.readings.files import from_frame

NOW = pd.Timestamp("2026-05-01", tz="UTC").to_pydatetime()


def proposal_of(frame, answers=None, name="data.csv", asset_class="machine"):
    files = join([from_frame(frame, name)], answers or Answers())
    return files, propose(asset_class, files.table, answers or Answers())


def hourly(machines=("A", "B", "C"), hours=400, seed=1):
    """Three machines with a clock, a speed that stands still at night, a temperature, and the weather."""
    rng = np.random.default_rng(seed)
    parts = []
    for tag in machines:
        time = pd.date_range("2026-01-01", periods=hours, freq="1h")
        on = (time.hour >= 6).astype(float)
        parts.append(
            pd.DataFrame(
                {
                    "Timestamp": time.strftime("%Y-%m-%d %H:%M:%S"),
                    "Machine": tag,
                    "Shaft speed [rpm]": on * 1480 + rng.normal(0, 1, hours),
                    "Bearing temp (°C)": 40 + on * 20 + rng.normal(0, 0.5, hours),
                    "Ambient temperature": rng.normal(15, 3, hours),
                    "Hall": {"A": "north", "B": "north", "C": "south"}[tag],
                    "Firmware": 7,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def cycles(lives=(60, 80, 50), seed=2):
    """Machines that count cycles to their end, with a remaining life that only the future could tell."""
    rng = np.random.default_rng(seed)
    parts = [
        pd.DataFrame(
            {
                "unit": n + 1,
                "cycle": np.arange(1, life + 1),
                "seconds": 100.0 * np.arange(1, life + 1) + 5 * n,
                "wear": rng.normal(0, 1, life).cumsum(),
                "left": (life - np.arange(1, life + 1)) * 10.0,
            }
        )
        for n, life in enumerate(lives)
    ]
    return pd.concat(parts, ignore_index=True)


def test_clock_machine_units_roles_and_the_running_rule_are_found():
    _, found = proposal_of(hourly())
    assert (found.asset, found.time, found.axis.kind, found.axis.step) == ("Machine", "Timestamp", "time", 1.0)
    by_name = {channel.name: channel for channel in found.channels}
    assert {name: (c.unit, c.role) for name, c in by_name.items()} == {
        "shaft_speed": ("rpm", "setting"),
        "bearing_temp": ("degC", "condition"),
        "ambient_temperature": ("1", "ambient"),
    }
    assert found.running is not None
    assert found.running.channel == "shaft_speed"
    assert found.attributes == ("Hall",)
    assert found.left_out["Firmware"] == "it never changes"
    assert any("Ambient temperature" in question for question in found.questions)


def test_a_countdown_is_a_label_and_never_a_channel():
    _, found = proposal_of(cycles())
    assert found.labels == ("left",)
    assert "future" in found.left_out["left"]
    assert found.run_to_failure
    assert found.failures == 3
    assert [item.column for item in found.measured] == ["wear"]
    assert "clock" in found.left_out["seconds"]


def test_a_machine_number_is_told_from_a_counter_by_unique_moments():
    files, found = proposal_of(cycles())
    assert (found.asset, found.time, found.axis.unit) == ("unit", "cycle", "cycles")
    assert sorted(machines(files, found).unique()) == ["1", "2", "3"]


def test_every_life_ends_in_one_failure_at_its_last_row():
    files, found = proposal_of(cycles())
    events = failures_of(files, found, beginning(files, found, NOW))
    assert events.set_index("asset")["usage"].to_dict() == {"1": 60.0, "2": 80.0, "3": 50.0}
    assert (events["kind"] == "failure").all()
    assert (events["recorded_at"] <= NOW).all()


def flagged():
    rng = np.random.default_rng(3)
    rows = 1000
    frame = pd.DataFrame({"Index": np.arange(rows), "Torque [Nm]": rng.normal(40, 5, rows)})
    heat, wear = np.zeros(rows), np.zeros(rows)
    heat[[100, 101, 500]] = 1
    wear[[300, 800]] = 1
    unnamed = np.zeros(rows)
    unnamed[[650]] = 1
    return frame.assign(**{"Machine failure": np.maximum(heat, np.maximum(wear, unnamed)), "HDF": heat, "TWF": wear})


def test_flags_become_failures_by_mode_and_what_no_mode_explains_stays_one():
    files, found = proposal_of(flagged())
    assert {mode.name: mode.count for mode in found.modes} == {"hdf": 2, "twf": 2, "other_failure": 1}
    events = failures_of(files, found, NOW)
    assert sorted(zip(events["failure_mode"], events["usage"], strict=True)) == [
        ("hdf", 100.0), ("hdf", 500.0), ("other_failure", 650.0), ("twf", 300.0), ("twf", 800.0),
    ]  # fmt: skip
    assert not {"hdf", "twf", "machine_failure"} & {channel.name for channel in found.channels}


def test_a_flag_of_another_machine_does_not_swallow_the_next_ones_failure():
    cycle = np.arange(10)
    ends = pd.DataFrame({"machine": "A", "cycle": cycle, "wear": cycle * 1.5, "failed": (cycle == 9).astype(int)})
    begins = pd.DataFrame({"machine": "B", "cycle": cycle, "wear": cycle**2.0, "failed": (cycle == 0).astype(int)})
    frame = pd.concat([ends, begins], ignore_index=True)
    files, found = proposal_of(frame, Answers(asset="machine", time="cycle", failed=("failed",)))
    assert sorted(failures_of(files, found, NOW)["asset"]) == ["A", "B"]
    assert found.failures == 2


def test_answers_come_before_guesses():
    answers = Answers(
        settings=("Bearing temp (°C)",), left_out=("Ambient temperature",), units={"Shaft speed [rpm]": "Hz"}
    )
    _, found = proposal_of(hourly(), answers)
    assert {channel.name: (channel.unit, channel.role) for channel in found.channels} == {
        "shaft_speed": ("Hz", "setting"),
        "bearing_temp": ("degC", "setting"),
    }


def test_an_answer_about_a_column_that_is_not_there_names_those_that_are():
    with pytest.raises(ColumnsError, match="Presure") as error:
        proposal_of(hourly(), Answers(settings=("Presure",)))
    assert "Bearing temp" in error.value.hint


def test_files_of_different_layout_are_refused_with_the_columns_that_differ():
    with pytest.raises(ColumnsError, match="Machine"):
        join([from_frame(hourly(), "a.csv"), from_frame(hourly().drop(columns="Machine"), "b.csv")], Answers())


def test_a_header_without_rows_is_refused():
    with pytest.raises(InputError, match="no rows"):
        join([from_frame(hourly().iloc[:0], "a.csv")], Answers())


def test_each_file_is_a_machine_when_no_column_names_one():
    one = hourly(("A",)).drop(columns=["Machine", "Hall"])
    files = join([from_frame(one, "P-101.csv.gz"), from_frame(one, "P-102.csv.gz")], Answers())
    found = propose("pump", files.table, Answers())
    assert found.assets == 2
    assert sorted(readings_of(files, found, NOW)["asset"].unique()) == ["P-101", "P-102"]


def test_nothing_but_words_is_refused():
    with pytest.raises(ColumnsError, match="numbers that change"):
        proposal_of(pd.DataFrame({"time": ["2026-01-01", "2026-01-02", "2026-01-03"], "note": ["a", "b", "c"]}))


@pytest.mark.parametrize("frame", [hourly(), cycles(), flagged()], ids=["hourly", "cycles", "flagged"])
def test_the_documents_are_definitions_that_load(frame, tmp_path):
    from pdm.catalogue import load_catalogue
    from pdm.workspace import create

    _, found = proposal_of(frame)
    workspace = create(tmp_path / "plant", plant_name="P", time_zone="UTC")
    (workspace.home / "features" / "machine.toml").write_text(features_toml(found), encoding="utf-8")
    (workspace.home / "models" / "machine.toml").write_text(models_toml(found), encoding="utf-8")
    catalogue = load_catalogue(workspace)
    assert catalogue.asset_class("machine").channels == found.channels
    assert catalogue.asset_class("machine").running == found.running
    assert [mode.name for mode in catalogue.model("machine").failure_modes] == [mode.name for mode in found.modes]
    assert tomllib.loads(models_toml(found))["asset_class"] == "machine"


@pytest.mark.parametrize(("step", "windows"), [(1.0, ("1d", "7d")), (1 / 12, ("2h", "1d", "7d"))])
def test_windows_fit_the_pace_of_the_readings(step, windows):
    assert choose(Axis("time", step), 24 * 100.0, None, whole_lives=False).windows == windows
