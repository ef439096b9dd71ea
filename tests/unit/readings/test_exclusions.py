from __future__ import annotations

import pandas as pd
import pytest

from pdm.catalogue import Axis
from pdm.errors import InputError, NotFound
from pdm.readings.baselines import baselines_from
from pdm.readings.events import read_events
from pdm.readings.exclusions import (
    exclude,
    excluded,
    read_exclusions,
    rebaseline,
    take_back_exclusion,
)


def test_rows_inside_an_interval_are_excluded_with_both_its_ends(history, readings, hour):
    exclude(history, "P-1", hour(1), hour(2), reason="trial run", now=hour(9))
    rows = pd.concat([readings("P-1", pressure=[1.0] * 4), readings("P-2", pressure=[1.0] * 4)])

    mask = excluded(rows, read_exclusions(history), use="learn")

    assert mask.tolist() == [False, True, True, False] + [False] * 4


def test_learning_and_alerting_are_excluded_separately(history, readings, hour):
    exclude(history, "P-1", hour(0), hour(1), reason="sensor work", now=hour(9), learn=False, alert=True)
    exclude(history, "P-1", hour(3), None, reason="known noise", now=hour(9), learn=True, alert=False)
    rows, marks = readings("P-1", pressure=[1.0] * 5), read_exclusions(history)

    assert excluded(rows, marks, use="learn").tolist() == [True, True, False, False, False]
    assert excluded(rows, marks, use="alert").tolist() == [False, False, False, True, True]


def test_an_exclusion_is_known_from_when_it_was_made_and_can_be_revised_and_taken_back(history, hour):
    made = exclude(history, "P-1", hour(1), hour(2), reason="trial run", now=hour(5))
    assert exclude(history, "P-1", hour(1), hour(4), reason="longer", now=hour(5)) == made
    take_back_exclusion(history, made, reason="mistake", now=hour(5))

    assert read_exclusions(history).empty
    assert read_exclusions(history, known_at=hour(4)).empty
    assert read_exclusions(history, known_at=hour(5))["end"].tolist() == [hour(2)]
    with pytest.raises(NotFound, match="no exclusion"):
        take_back_exclusion(history, made, reason="again", now=hour(6))


def test_on_a_usage_axis_intervals_are_in_usage(history, hour):
    exclude(history, "E-1", 10.0, 20.0, reason="wash", now=hour(5))
    rows = pd.DataFrame({"asset": "E-1", "time": [9.0, 10.0, 20.0, 21.0]})

    assert excluded(rows, read_exclusions(history), use="learn").tolist() == [False, True, True, False]


def test_an_exclusion_needs_a_reason_and_an_order_of_its_ends(history, hour):
    with pytest.raises(InputError, match="needs a reason"):
        exclude(history, "P-1", hour(1), hour(2), reason=" ", now=hour(5))
    for end in (hour(0), 5.0):
        with pytest.raises(InputError, match="before it starts"):
            exclude(history, "P-1", hour(1), end, reason="x", now=hour(5))


def test_without_exclusions_nothing_is_excluded(history, readings):
    assert excluded(readings("P-1", pressure=[1.0]), read_exclusions(history), use="learn").tolist() == [False]


def test_a_new_baseline_is_an_event_with_two_times(history, hour):
    rebaseline(history, "P-1", hour(3), reason="new impeller trim", now=hour(6))

    assert baselines_from(read_events(history, known_at=hour(5)), Axis()) == {}
    assert baselines_from(read_events(history), Axis()) == {"P-1": hour(3).timestamp() / 3600}
    with pytest.raises(InputError, match="needs a reason"):
        rebaseline(history, "P-1", hour(3), reason="", now=hour(6))
