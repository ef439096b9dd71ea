from __future__ import annotations

import pandas as pd
import pytest

from pdm.errors import InputError, NotFound


@pytest.fixture
def filled(store, pump, readings, hour):
    store.merge(pump, readings("P-1", pressure=[1.0, 2.0, 3.0, 4.0], speed=[9.0] * 4), source="a", recorded_at=hour(9))
    return store


def pressure(store, pump, **known):
    return store.scan(pump, **known)["pressure"].tolist()


def test_a_correction_of_a_range_is_a_new_version_and_the_past_stays_readable(filled, pump, hour, history):
    changed = filled.correct(pump, "P-1", "pressure", hour(1), hour(2), 7.5, by="Ann", reason="gauge", now=hour(10))

    assert changed == 2
    assert pressure(filled, pump) == [1.0, 7.5, 7.5, 4.0]
    assert pressure(filled, pump, known_at=hour(9.5)) == [1.0, 2.0, 3.0, 4.0]
    assert filled.scan(pump)["speed"].tolist() == [9.0] * 4
    assert filled.scan(pump, quality=True)["pressure__q"].tolist() == [0, 3, 3, 0]
    (deed,) = history.dataset("revisions").to_table().to_pylist()
    assert (deed["kind"], deed["cells"], deed["by"], deed["reason"]) == ("correction", 2, "Ann", "gauge")
    assert deed["recorded_at"] == hour(10)


def test_a_voided_cell_reads_as_missing_and_only_since_then(filled, pump, hour):
    assert filled.correct(pump, "P-1", "pressure", hour(0), hour(0), None, by="Ann", reason="x", now=hour(10)) == 1

    assert pd.isna(pressure(filled, pump)[0])
    assert pressure(filled, pump, known_at=hour(9))[0] == 1.0


def test_the_newest_of_several_revisions_counts_even_in_the_same_instant(filled, pump, hour):
    for value in (10.0, None, 30.0, 20.0):
        filled.correct(pump, "P-1", "pressure", hour(0), hour(0), value, by="Ann", reason="x", now=hour(10))

    assert pressure(filled, pump)[0] == 20.0


def test_correcting_to_what_is_there_changes_nothing(filled, pump, hour, history):
    for _ in range(2):
        filled.correct(pump, "P-1", "pressure", hour(0), hour(3), 5.0, by="Ann", reason="x", now=hour(10))
    version = history.version("readings_pump")

    assert filled.correct(pump, "P-1", "pressure", hour(0), hour(3), 5.0, by="A", reason="x", now=hour(11)) == 0
    assert filled.correct(pump, "P-9", "pressure", hour(0), hour(3), 5.0, by="A", reason="x", now=hour(11)) == 0
    assert history.version("readings_pump") == version
    assert history.dataset("revisions").count_rows() == 1


def test_only_cells_that_exist_are_corrected(store, pump, readings, hour):
    store.merge(pump, readings("P-1", pressure=[1.0, float("nan")], speed=[1.0, 1.0]), source="a", recorded_at=hour(9))

    assert store.correct(pump, "P-1", "pressure", hour(0), hour(9), 5.0, by="Ann", reason="x", now=hour(10)) == 1


def test_the_old_export_sent_again_after_a_correction_changes_and_accuses_nothing(filled, pump, readings, hour):
    filled.correct(pump, "P-1", "pressure", hour(0), hour(0), 7.0, by="Ann", reason="x", now=hour(10))
    filled.correct(pump, "P-1", "pressure", hour(1), hour(1), None, by="Ann", reason="x", now=hour(10))

    old = filled.merge(pump, readings("P-1", pressure=[1.0, 2.0]), source="a", recorded_at=hour(11))
    corrected = filled.merge(pump, readings("P-1", pressure=[7.0]), source="a", recorded_at=hour(11))
    other = filled.merge(pump, readings("P-1", pressure=[6.0]), source="a", recorded_at=hour(11))

    assert (old.cells_duplicate, old.cells_conflicting) == (2, 0)
    assert pressure(filled, pump)[0] == 7.0
    assert corrected.cells_conflicting == 1  # a measured 7.0 is not the substituted one
    assert other.cells_conflicting == 1


def test_a_correction_needs_a_possible_value_a_name_and_a_reason(filled, pump, hour):
    for value, by, reason, words in (
        (500.0, "Ann", "x", "not possible"),
        (float("nan"), "Ann", "x", "not possible"),
        (5.0, " ", "x", "needs a name and a reason"),
        (None, "Ann", "", "needs a name and a reason"),
    ):
        with pytest.raises(InputError, match=words):
            filled.correct(pump, "P-1", "pressure", hour(0), hour(1), value, by=by, reason=reason, now=hour(10))
    with pytest.raises(NotFound, match="no channel"):
        filled.correct(pump, "P-1", "torque", hour(0), hour(1), 5.0, by="Ann", reason="x", now=hour(10))


def test_corrections_work_on_a_usage_axis(store, engine, hour):
    rows = pd.DataFrame({"asset": "E-1", "time": [1.0, 2.0, 3.0], "s1": [0.1, 0.2, 0.3]})
    store.merge(engine, rows, source="a", recorded_at=hour(0))

    assert store.correct(engine, "E-1", "s1", 2.0, 2.0, 9.0, by="Ann", reason="x", now=hour(1)) == 1
    assert store.scan(engine)["s1"].tolist() == [0.1, 9.0, 0.3]
