from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdm.adapters.delta import DeltaHistory
from pdm.catalogue import AssetClass, Axis, Channel, FeatureSet, Window
from pdm.errors import ColumnsError, InputError
from pdm.readings.store import ReadingStore
from pdm.testing.history import MemoryHistory

NAN = float("nan")
NOW = pd.Timestamp("2026-01-01", tz="UTC").to_pydatetime()
PLAIN = AssetClass(
    "plain",
    "Plain",
    Axis("usage", 1.0, "cycles", 1.0),
    (Channel("a", "A", "1"), Channel("b", "B", "1", high=50.0)),
    FeatureSet("plain", ("a", "b"), (Window(rows=1),)),
)


def cells(counts):
    return counts.cells_new, counts.cells_duplicate, counts.cells_conflicting


def test_a_row_sent_twice_is_stored_once(store, pump, readings, hour):
    rows = readings("P-1", pressure=[1.0, 2.0], speed=[3.0, 4.0])

    first = store.merge(pump, rows, source="a", recorded_at=hour(9))
    again = store.merge(pump, rows, source="a", recorded_at=hour(10))

    assert (cells(first), first.rows_stored, first.version) == ((4, 0, 0), 2, 0)
    assert (cells(again), again.rows_stored, again.version) == ((0, 4, 0), 0, 0)
    assert len(store.scan(pump)) == 2


def test_a_missing_value_is_filled_later_without_touching_its_neighbours(store, pump, readings, hour):
    store.merge(pump, readings("P-1", pressure=[1.0], speed=[NAN]), source="a", recorded_at=hour(9))

    counts = store.merge(pump, readings("P-1", pressure=[NAN], speed=[5.0]), source="a", recorded_at=hour(9))

    assert cells(counts) == (1, 0, 0)
    assert store.scan(pump)[["pressure", "speed"]].to_numpy().tolist() == [[1.0, 5.0]]


def test_another_value_is_a_counted_conflict_and_the_first_one_stands(store, pump, readings, hour, history):
    store.merge(pump, readings("P-1", pressure=[1.0]), source="first", recorded_at=hour(9))

    for _ in range(2):  # sent again it is counted again, but written down once
        counts = store.merge(pump, readings("P-1", pressure=[2.0]), source="second", recorded_at=hour(10))
        assert cells(counts) == (0, 0, 1)

    assert store.scan(pump)["pressure"].tolist() == [1.0]
    (noted,) = history.dataset("conflicts").to_table().to_pylist()
    assert (noted["kept"], noted["offered"], noted["source"], noted["channel"]) == (1.0, 2.0, "second", "pressure")
    assert noted["time"] == "2025-01-01T00:00:00.000000Z"


def test_conflicts_inside_one_file_count_and_its_first_row_wins(store, pump, readings, hour):
    rows = pd.concat([readings("P-1", pressure=[value]) for value in (1.0, 1.0, 2.0)])

    counts = store.merge(pump, rows, source="a", recorded_at=hour(9))

    assert (cells(counts), counts.rows_stored) == ((1, 1, 1), 1)
    assert store.scan(pump)["pressure"].tolist() == [1.0]


def test_rows_of_one_file_about_one_moment_are_joined(store, pump, readings, hour):
    rows = pd.concat([readings("P-1", pressure=[1.0]), readings("P-1", speed=[2.0])])

    counts = store.merge(pump, rows, source="a", recorded_at=hour(9))

    assert (counts.rows_in, counts.rows_stored, counts.cells_new) == (2, 1, 2)


def test_nothing_said_is_nothing_stored(store, pump, readings, hour):
    counts = store.merge(pump, readings("P-1", pressure=[NAN]), source="a", recorded_at=hour(9))

    assert (cells(counts), counts.rows_stored) == ((0, 0, 0), 0)
    assert store.scan(pump).empty
    assert cells(store.merge(pump, readings("P-1", pressure=[]), source="a", recorded_at=hour(9))) == (0, 0, 0)


def test_a_missing_value_with_a_quality_says_that_the_value_is_bad(store, pump, readings, hour):
    rows = readings("P-1", pressure=[NAN]).assign(pressure__q=pd.array([2], dtype="Int8"))

    assert cells(store.merge(pump, rows, source="a", recorded_at=hour(9))) == (1, 0, 0)
    assert cells(store.merge(pump, rows, source="a", recorded_at=hour(9))) == (0, 1, 0)
    assert store.scan(pump, quality=True)["pressure__q"].tolist() == [2]


def test_the_same_value_with_another_quality_is_a_conflict(store, pump, readings, hour):
    store.merge(pump, readings("P-1", pressure=[1.0]), source="a", recorded_at=hour(9))

    doubted = readings("P-1", pressure=[1.0]).assign(pressure__q=pd.array([1], dtype="Int8"))

    assert cells(store.merge(pump, doubted, source="a", recorded_at=hour(9))) == (0, 0, 1)


def test_an_import_of_history_is_known_from_when_each_row_was_recorded(store, pump, readings, hour):
    rows = pd.concat([readings("P-1", pressure=[1.0, 2.0]), readings("P-1", speed=[7.0])])
    rows["recorded_at"] = pd.to_datetime([hour(1), hour(2), hour(5)])

    counts = store.merge(pump, rows, source="import", recorded_at=None)

    assert counts.rows_stored == 3
    assert store.scan(pump, known_at=hour(1))["pressure"].tolist() == [1.0]
    assert store.scan(pump, known_at=hour(4))["speed"].isna().all()
    assert store.scan(pump, known_at=hour(5))["speed"].tolist()[0] == 7.0


def test_bad_frames_are_refused_in_plain_words(store, pump, readings, hour):
    rows = readings("P-1", pressure=[1.0])
    for frame, recorded, error, words in (
        (rows.rename(columns={"pressure": "presure"}), hour(1), ColumnsError, "does not know the columns presure"),
        (rows.drop(columns="time"), hour(1), ColumnsError, "lack the columns time"),
        (rows, None, ColumnsError, "lack the columns recorded_at"),
        (rows.assign(asset=None), hour(1), InputError, "1 rows name no asset"),
        (rows.assign(time=pd.NaT), hour(1), InputError, "not times with a zone"),
        (rows.assign(time=rows["time"].dt.tz_localize(None)), hour(1), InputError, "not times with a zone"),
        (rows.assign(pressure__q=pd.array([9], dtype="Int8")), hour(1), InputError, "quality that does not exist"),
    ):
        with pytest.raises(error, match=words):
            store.merge(pump, frame, source="a", recorded_at=recorded)


STREAM = pd.DataFrame(
    {
        "asset": ["E-2", "E-1", "E-1", "E-1", "E-2", "E-1", "E-3"],
        "time": [1.0, 1.0, 2.0, 1.0, 3.0, 2.5, 1.0],
        "a": [0.5, NAN, 3.0, -0.0, NAN, np.inf, NAN],
        "b": [99.0, 4.0, NAN, NAN, 7.0, 1.0, NAN],
    }
)


@st.composite
def deliveries(draw):
    """Any order of the rows, some of them repeated, cut into any pieces."""
    order = draw(st.permutations(range(len(STREAM))))
    repeats = draw(st.lists(st.sampled_from(range(len(STREAM))), max_size=6))
    rows = STREAM.iloc[[*order, *repeats]]
    cuts = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    return [rows.iloc[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]


@settings(max_examples=25, derandomize=True, deadline=None)
@given(pieces=deliveries())
def test_any_order_repetition_and_split_of_a_stream_ends_in_the_same_table(pieces):
    whole, store = ReadingStore(MemoryHistory()), ReadingStore(MemoryHistory())
    whole.merge(PLAIN, STREAM, source="a", recorded_at=NOW)

    counts = [store.merge(PLAIN, piece, source="a", recorded_at=NOW) for piece in pieces]

    pd.testing.assert_frame_equal(store.scan(PLAIN, quality=True), whole.scan(PLAIN, quality=True))
    assert sum(count.cells_conflicting for count in counts) == 0
    assert sum(count.cells_new for count in counts) == 8


values = st.sampled_from([NAN, 1.0, 2.0])
rows = st.tuples(st.sampled_from(["E-1", "E-2"]), st.sampled_from([1.0, 2.0]), values, values)


@settings(max_examples=25, derandomize=True, deadline=None)
@given(pieces=st.lists(st.lists(rows, min_size=1, max_size=6), max_size=4))
def test_the_store_agrees_with_a_dictionary_about_every_cell(pieces):
    store, oracle = ReadingStore(MemoryHistory()), {}
    for piece in pieces:
        expected = [0, 0, 0]
        for asset, time, *both in piece:
            for channel, value in zip("ab", both, strict=True):
                if not np.isnan(value):
                    kept = oracle.setdefault((asset, time, channel), (value, len(oracle), None))
                    fresh = kept[2] is None
                    oracle[asset, time, channel] = (kept[0], kept[1], "seen")
                    expected[0 if fresh else 1 if kept[0] == value else 2] += 1
        frame = pd.DataFrame(piece, columns=["asset", "time", "a", "b"])
        assert list(cells(store.merge(PLAIN, frame, source="x", recorded_at=NOW))) == expected

    found = store.scan(PLAIN).melt(["asset", "time"]).dropna()
    assert {(a, t, c): v for a, t, c, v in found.itertuples(index=False)} == {k: v[0] for k, v in oracle.items()}


def test_delta_and_memory_end_in_the_same_table(tmp_path):
    stores = ReadingStore(DeltaHistory(tmp_path)), ReadingStore(MemoryHistory())
    for store in stores:
        for cut in (slice(0, 3), slice(2, 7), slice(0, 7)):
            store.merge(PLAIN, STREAM.iloc[cut], source="a", recorded_at=NOW)

    pd.testing.assert_frame_equal(*(store.scan(PLAIN, quality=True) for store in stores))


def test_one_poison_value_among_many_harms_only_itself(store, pump, readings, hour):
    values = [5.0] * 10_000
    values[77] = 5000.0

    counts = store.merge(pump, readings("P-1", pressure=values), source="a", recorded_at=hour(9))

    assert counts.rows_stored == 10_000
    assert store.scan(pump)["pressure"].isna().sum() == 1
