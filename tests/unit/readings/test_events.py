from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdm.errors import ColumnsError, InputError
from pdm.readings.events import append_events, read_events, void_event
from pdm.readings.tables import EVENTS
from pdm.testing.history import MemoryHistory

NOW = pd.Timestamp("2026-01-01", tz="UTC").to_pydatetime()


@pytest.fixture
def orders(hour):
    return pd.DataFrame(
        {
            "asset": ["P-2", "P-1", "P-1"],
            "time": pd.to_datetime([hour(3), hour(2), hour(1)]),
            "kind": ["repair", "failure", "error"],
            "code": ["CM", "BD", "E7"],
            "restores": [True, None, None],
            "text": ["new bearing", None, "overload"],
            "source_row": [2, 3, 4],
        }
    )


def test_events_come_back_complete_and_sorted(history, orders, hour):
    counts = append_events(history, orders, now=NOW, source="cmms")

    found = read_events(history)
    assert (counts.rows_in, counts.stored, counts.duplicates) == (3, 3, 0)
    assert found.columns.tolist() == EVENTS.names
    assert found["asset"].tolist() == ["P-1", "P-1", "P-2"]
    assert found["kind"].tolist() == ["error", "failure", "repair"]
    assert found["text"].tolist() == ["overload", "", "new bearing"]
    assert found["restores"].tolist() == [False, False, True]
    assert found["source"].tolist() == ["cmms"] * 3
    assert found["time"].tolist() == [hour(1), hour(2), hour(3)]
    assert (found["recorded_at"] == NOW).all()
    assert found["event_id"].is_unique


def test_no_events_are_an_empty_table_with_all_columns(history):
    assert read_events(history).columns.tolist() == EVENTS.names
    assert append_events(history, pd.DataFrame(), now=NOW).stored == 0


def test_the_same_event_from_another_row_of_another_file_is_a_duplicate(history, orders):
    append_events(history, orders, now=NOW, source="a.csv")

    counts = append_events(history, orders.assign(source_row=[20, 30, 40]), now=NOW, source="b.csv")

    assert (counts.stored, counts.duplicates) == (0, 3)
    assert len(read_events(history)) == 3


@settings(max_examples=12, derandomize=True, deadline=None)
@given(order=st.permutations(range(5)), repeats=st.lists(st.sampled_from(range(5)), max_size=4), cut=st.integers(0, 9))
def test_any_order_repetition_and_split_of_events_ends_in_the_same_table(order, repeats, cut):
    time = pd.to_datetime([f"2025-01-0{day}" for day in (1, 2, 2, 3, 4)], utc=True)
    events = pd.DataFrame({"asset": list("ababa"), "time": time, "kind": "error", "code": list("xyxyx")})
    whole, pieces = MemoryHistory(), MemoryHistory()
    append_events(whole, events, now=NOW)

    rows = events.iloc[[*order, *repeats]]
    for piece in (rows.iloc[:cut], rows.iloc[cut:]):
        append_events(pieces, piece, now=NOW)

    pd.testing.assert_frame_equal(read_events(pieces), read_events(whole))


def test_a_backdated_work_order_is_unknown_before_it_was_recorded(history, orders, hour):
    append_events(history, orders, now=hour(5))
    before = read_events(history, known_at=hour(6))

    late = pd.DataFrame({"asset": ["P-1"], "time": [hour(2.5)], "kind": ["repair"]})
    append_events(history, late, now=hour(9))

    pd.testing.assert_frame_equal(read_events(history, known_at=hour(6)), before)
    assert len(read_events(history, known_at=hour(9))) == 4


def test_an_import_keeps_the_recording_times_of_the_source(history, orders, hour):
    orders["recorded_at"] = pd.to_datetime([hour(4), pd.NaT, hour(2)])

    append_events(history, orders, now=NOW)

    assert len(read_events(history, known_at=hour(3))) == 1
    assert read_events(history)["recorded_at"].tolist() == [hour(2), NOW, hour(4)]


def test_a_numbered_event_has_versions_and_the_old_export_does_not_bring_the_old_one_back(history, hour):
    first = pd.DataFrame({"event_id": ["WO-1"], "asset": ["P-1"], "time": [hour(1)], "kind": ["repair"]})
    second = first.assign(severity="critical", asset="P-2")
    append_events(history, first, now=hour(5))

    revised = append_events(history, second, now=hour(5))
    again = append_events(history, first, now=hour(6))

    assert (revised.stored, revised.revised, again.stored) == (1, 1, 0)
    assert read_events(history)["asset"].tolist() == ["P-2"]
    assert read_events(history, assets=["P-1"]).empty
    assert read_events(history, known_at=hour(5))["asset"].tolist() == ["P-1"]


def test_versions_inside_one_file_follow_its_rows(history, hour):
    rows = pd.DataFrame({"event_id": "WO-1", "asset": "P-1", "time": hour(1), "kind": "repair", "text": ["a", "b"]})

    append_events(history, rows, now=hour(5))

    assert read_events(history)["text"].tolist() == ["b"]


def test_an_event_taken_back_is_gone_from_then_on(history, orders, hour):
    append_events(history, orders, now=hour(5))
    event = read_events(history, kinds=["failure"])["event_id"].iloc[0]

    void_event(history, event, by="Ann", reason="wrong pump", now=hour(7))
    append_events(history, orders, now=hour(8))  # the old export once more

    assert read_events(history, kinds=["failure"]).empty
    assert len(read_events(history, kinds=["failure"], known_at=hour(6))) == 1
    with pytest.raises(InputError, match="taken back before"):
        void_event(history, event, by="Ann", reason="again", now=hour(9))


def test_events_on_a_usage_axis_need_no_time(history):
    append_events(history, pd.DataFrame({"asset": ["E-1"], "usage": [192], "kind": ["failure"]}), now=NOW)

    found = read_events(history)
    assert found["usage"].tolist() == [192.0]
    assert found["time"].isna().all()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"kind": "explosion"}, InputError, "row 2.* is of an unknown kind"),
        ({"asset": None}, InputError, "names no asset"),
        ({"time": pd.NaT}, InputError, "neither time nor usage"),
        ({"time": "2025-01-01 00:00"}, InputError, "no times with a zone"),
        ({"colour": "red"}, ColumnsError, "no columns colour"),
    ],
)
def test_bad_events_are_refused_in_plain_words(history, orders, change, error, words):
    with pytest.raises(error, match=words):
        append_events(history, orders.head(1).assign(**change), now=NOW)
