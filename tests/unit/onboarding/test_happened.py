"""Files of events that nobody has described."""

import pandas as pd
import pytest

from pdm.errors import ColumnsError
from pdm.onboarding.happened import modes_of_records, read_happened
from pdm.onboarding.proposal import Mode
from pdm.readings.files import from_frame

TWO = ("M-1", "M-2")


def read(columns, machines=TWO):
    return read_happened(from_frame(pd.DataFrame(columns), "events.csv"), machines)


def test_columns_of_any_usual_name_are_found_and_modes_are_counted():
    found = read(
        {
            "Equipment": ["M-1", "M-2", "M-1", "M-2"],
            "Date": ["2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"],
            "Type": ["Breakdown", "failure", "repair", "failure"],
            "Failure mode": ["Seal leak", "Seal leak", "", ""],
            "Component": ["seal", "seal", "seal", ""],
            "Shift": ["A", "B", "A", "B"],
        }
    )

    assert found.modes == (Mode("seal_leak", "Seal leak", "", 2, "seal"), Mode("failure", "Failure", "", 1, "unit"))
    assert found.frame["failure_mode"].tolist() == ["seal_leak", "seal_leak", "", "failure"]
    assert found.frame["severity"].tolist() == ["critical", "critical", "", "critical"]
    assert "'Equipment' is the asset" in found.why[0]
    assert "'Shift' not read" in found.why[0]


def test_events_without_a_machine_are_those_of_the_only_one_and_else_a_question():
    events = {"time": ["2026-01-02"]}

    alone = read(events, ("gearbox",))

    assert alone.frame[["asset", "kind"]].to_numpy().tolist() == [["gearbox", "failure"]]
    assert any("all events are of gearbox, the only machine" in sentence for sentence in alone.why)
    assert any("all count as failures" in sentence for sentence in alone.why)
    with pytest.raises(ColumnsError, match="which of the 2 machines an event is about"):
        read(events)


def test_a_column_of_tags_names_the_machine_whatever_it_is_called():
    assert read({"Aggregat": ["M-2"], "time": ["2026-01-02"]}).frame["asset"].tolist() == ["M-2"]


def test_what_happened_to_a_machine_without_readings_is_told_and_not_counted():
    found = read({"asset": ["M-1", "M-9"], "time": ["2026-01-02", "2026-01-03"]})

    assert [mode.count for mode in found.modes] == [1]
    assert any("there are no readings of M-9" in sentence for sentence in found.why)


def test_events_that_do_not_say_when_are_refused_with_their_columns():
    with pytest.raises(ColumnsError, match="no column says when") as error:
        read({"asset": ["M-1"], "what": ["broke"]})
    assert "asset, what" in error.value.hint


def test_parts_and_mechanisms_that_work_orders_name_become_modes():
    named = [("seal", "leakage"), ("seal", "leakage"), ("bearing", "wear"), ("bearing", ""), ("fan", ""), ("", "")]

    found = modes_of_records(pd.DataFrame(named, columns=["maintainable_item", "mechanism"]), "iw39.csv")

    assert found.modes == (
        Mode("seal_leakage", "Seal leakage", "", 2, "seal", "leakage"),
        Mode("bearing_wear", "Bearing wear", "", 1, "bearing", "wear"),
        Mode("fan", "Fan", "", 1, "fan"),
    )
    assert found.why == (
        "iw39.csv: 6 failures of these machines; 4 name the part",
        "iw39.csv: nothing learns from the other 2 until somebody says what failed",
    )
