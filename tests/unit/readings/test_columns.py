"""Columns are found under the names that people give them, and never dropped in silence."""

from __future__ import annotations

import pytest

from pdm.catalogue import AssetClass, Axis, Channel, FeatureSet, Window
from pdm.errors import ColumnsError
from pdm.readings.columns import Measured, fitting, match_roles, plan_columns


@pytest.fixture
def machine() -> AssetClass:
    channels = (
        Channel("discharge_pressure", "discharge pressure", "bar"),
        Channel("vibration", "vibration velocity", "mm/s"),
        Channel("status", "status word", "1"),
    )
    return AssetClass("machine", "Machine", Axis(), channels, FeatureSet("m", ("vibration",), (Window(rows=3),)))


@pytest.mark.parametrize(
    "spelling", ["discharge_pressure", "Discharge Pressure", " DISCHARGE-PRESSURE ", "dischargePressure"]
)
def test_names_match_without_regard_to_case_blanks_and_punctuation(machine, spelling):
    plan = plan_columns(["asset", "time", spelling], machine)

    assert plan.measured == {spelling: Measured("discharge_pressure")}


@pytest.mark.parametrize(
    ("asset", "time"),
    [
        ("asset", "time"),
        ("Machine ID", "Timestamp"),
        ("Equipment", "DateTime"),
        ("TAG", "ts"),
        ("Anlage", "Zeitstempel"),
    ],
)
def test_the_usual_words_for_asset_and_time_are_understood(machine, asset, time):
    plan = plan_columns([asset, time, "vibration"], machine)

    assert (plan.asset, plan.time) == (asset, time)


def test_a_channel_called_like_a_role_stays_a_channel(machine):
    plan = plan_columns(["asset", "time", "status", "vibration"], machine)

    assert plan.measured["status"] == Measured("status")
    assert not plan.narrow


def test_quality_columns_belong_to_their_channel(machine):
    plan = plan_columns(["asset", "time", "vibration", "vibration__q", "Discharge Pressure quality"], machine)

    assert plan.qualities == {"vibration__q": "vibration", "Discharge Pressure quality": "discharge_pressure"}


@pytest.mark.parametrize(
    ("header", "unit"), [("vibration [in/s]", "in/s"), ("Vibration (ips)", "in/s"), ("vibration []", None)]
)
def test_a_unit_stands_in_brackets(machine, header, unit):
    assert plan_columns(["asset", "time", header], machine).measured[header].unit == unit


def test_a_narrow_file_has_a_channel_and_a_value_column(machine):
    plan = plan_columns(["Machine", "Date", "Signal", "Reading", "Einheit", "Quality"], machine)

    assert plan.narrow
    assert (plan.channel, plan.value, plan.unit, plan.quality) == ("Signal", "Reading", "Einheit", "Quality")


def test_a_misspelt_column_gets_the_nearest_name_and_the_way_out(machine):
    with pytest.raises(ColumnsError) as caught:
        plan_columns(["asset", "time", "vibraton"], machine, name="a.csv")

    assert "a.csv: column 'vibraton' is not a channel of machine: did you mean 'vibration'?" in str(caught.value)
    assert 'leave it out with columns={"...": ""}' in caught.value.hint


def test_all_that_is_wrong_is_said_at_once(machine):
    with pytest.raises(ColumnsError) as caught:
        plan_columns(["when_ever", "vibraton"], machine)

    for words in ("'when_ever'", "'vibraton'", "which asset", "no column says when"):
        assert words in str(caught.value)


def test_a_mapping_comes_before_any_matching(machine):
    plan = plan_columns(
        ["asset", "time", "vibration", "PT1"], machine, mapping={"vibration": "", "pt1": "discharge_pressure [psi]"}
    )

    assert plan.measured == {"PT1": Measured("discharge_pressure", "psi")}


def test_a_remembered_mapping_is_used_as_far_as_it_fits():
    assert fitting({"PT1": "pressure", "PT2": "x"}, ["asset", "pt1"]) == {"PT1": "pressure"}


def test_tables_about_other_things_match_their_own_columns():
    roles = {"asset": ("machine",), "kind": ("type",)}

    assert match_roles(["Machine", "Type"], roles, name="e.csv") == {"asset": "Machine", "kind": "Type"}
    with pytest.raises(ColumnsError, match="unknown column 'knd': did you mean 'kind'"):
        match_roles(["asset", "knd"], roles, name="e.csv")
