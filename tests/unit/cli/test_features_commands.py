"""Features on the command line: listed, explained and timed; and the short way to build that scripts know."""

import pytest


def test_a_class_in_place_of_a_command_builds_as_it_always_did(plantpdm, home):
    short = plantpdm("features", "pump", "--home", home)
    long = plantpdm("features", "build", "pump", "--home", home)

    assert (short.code, short.err) == (3, long.err)
    assert plantpdm("features", "--home", home, "pump").err == long.err


def test_every_feature_is_listed_with_who_computes_it_and_what_it_says(plantpdm, home):
    features = plantpdm("features", "list", "turbofan", "--home", home, "--json").answer

    by_name = {item["feature"]: item for item in features}
    assert len(features) == len(by_name) == 225
    assert by_name["s2@30rows__mean"]["by"] == "kernel"
    assert by_name["s2__life_drift"]["by"] == "history"
    assert "over the last 30 readings" in by_name["s2@30rows__mean"]["meaning"]


def test_one_feature_is_described_with_its_unit(plantpdm, home):
    told = plantpdm("features", "describe", "azure_machine", "pressure@24h__mean", "--home", home)

    assert told.out == "mean of pressure over the last 24 h, bar\n"


def test_a_feature_that_a_class_does_not_have_is_not_found(plantpdm, home):
    told = plantpdm("features", "describe", "azure_machine", "pressure@9h__mean", "--home", home)

    assert told.code == 4
    assert "plantpdm features list azure_machine" in told.err


def test_every_calculator_is_timed_over_every_window(plantpdm, home):
    costs = plantpdm("features", "time", "azure_machine", "--windows", 50, "--home", home, "--json").answer

    assert {(cost["calculator"], cost["window"], cost["rows"]) for cost in costs} == {
        ("mean", window, rows) for window, rows in (("3h", 3), ("6h", 6), ("12h", 12), ("24h", 24), ("48h", 48))
    }
    times = [cost["microseconds"] for cost in costs]
    assert times == sorted(times, reverse=True)


VALVE = """
name = "valve"
title = "Control valve"
[[channel]]
name = "position"
title = "position"
unit = "%"
sampling = "exception"
dead_band = 0.5
[features]
windows = [{ duration = "24h", every = "6h" }]
[features.calculators]
mean = true
maximum = true
"""


def test_columns_weighted_by_time_are_listed_and_timed_like_all_others(plantpdm, home):
    (home / "features" / "valve.toml").write_text(VALVE, encoding="utf-8")

    listed = plantpdm("features", "list", "valve", "--home", home, "--json").answer
    timed = plantpdm("features", "time", "valve", "--windows", 50, "--home", home, "--json").answer

    assert {item["feature"]: item["by"] for item in listed} == {
        "position__time_weighted_mean": "kernel",
        "position__maximum": "kernel",
    }
    assert {cost["calculator"] for cost in timed} == {"time_weighted_mean", "maximum"}


@pytest.mark.parametrize("command", ["list", "time"])
def test_an_unknown_class_is_told_with_those_that_are_defined(command, plantpdm, home):
    told = plantpdm("features", command, "pumpe", "--home", home)

    assert told.code == 4
    assert "pump" in told.err


def test_what_was_compiled_once_is_not_compiled_again(plantpdm, home):
    first = plantpdm("features", "compile", "--home", home, "--json").answer
    again = plantpdm("features", "compile", "--home", home)

    assert all(seconds > 0 for seconds in first.values())
    assert (again.code, again.out) == (0, "everything is compiled already\n")
