"""A stream gives what the whole history gives, bit for bit: however it is cut, late, corrected, interrupted and taken up again."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Axis, Channel, EventFeatures, FeatureSet, LifeFeatures, RunningRule, Window
from pdm.errors import ColumnsError, InputError, UnreadableFile
from pdm.extraction import extract
from pdm.extraction.stream import FeatureStream
from pdm.readings.registry import Asset

CALCULATORS = {
    "mean": None,
    "standard_deviation": None,
    "skewness": None,
    "maximum": None,
    "count_above_mean": None,
    "median": None,
    "quantile": [{"q": 0.1}, {"q": 0.9}],
    "mean_abs_change": None,
    "autocorrelation": [{"lag": 3}],
    "cid_ce": [{"normalize": True}],
    "linear_trend": [{"attr": "slope"}, {"attr": "pvalue"}],
}
LIFE = LifeFeatures(baseline_rows=12, recent_rows=5, ewm_alpha=(0.05, 0.3), expanding=True, age=True)
EVENTS = EventFeatures(
    counts=(("error", "e1", "24h"), ("error", "", "3d")), since=(("repair", "bearing"),), asset_age=True, run_hours=True
)
RULE = RunningRule("speed", above=10.0, settle=2.0)
CHANNELS = (Channel("speed", "speed", "rpm", sampling="exception"),)
ASSETS = {tag: Asset(tag, "pump", commissioned=datetime(2020, 5, 1, tzinfo=UTC)) for tag in ("A", "B")}
HOURS = (Window(duration="24h", every="1h", min_rows=3), Window(duration="3d", every="1h"))
ROWS = (Window(rows=10), Window(rows=25))
SETS = {
    "hours": FeatureSet("pump", ("p", "q"), HOURS, CALCULATORS, life=LIFE, events=EVENTS, running_only=True),
    "rows": FeatureSet("pump", ("p", "q"), ROWS, CALCULATORS, life=LIFE, events=EVENTS),
    "strides": FeatureSet("pump", ("p", "q"), (Window(rows=10, every=3),), CALCULATORS, life=LIFE),
    "held": FeatureSet(
        "pump", ("p", "speed"), HOURS, {"mean": None, "variance": None, "maximum": None}, life=LIFE, held=("p", "speed")
    ),
    "held while running": FeatureSet(
        "pump",
        ("speed", "q"),
        HOURS,
        {"count_above": [{"t": 50}], "standard_deviation": None},
        per_channel={"q": {"time_weighted_root_mean_square": None, "median": None}},
        running_only=True,
        held=("speed",),
    ),
    "held rows": FeatureSet(
        "pump", ("p", "speed"), ROWS, {"mean": None, "root_mean_square": None}, events=EVENTS, held=("p", "speed")
    ),
    "windows only": FeatureSet("pump", ("p", "q"), HOURS, CALCULATORS, running_only=True),
}
START = pd.Timestamp("2026-01-01 03:00", tz="UTC")


def moments(hours):
    return (START + pd.to_timedelta((np.asarray(hours) * 3.6e9).astype(np.int64), "us")).as_unit("us")


def history(rng, rows):
    """Irregular readings of two machines, with gaps, stops and a sticky speed."""
    frames = []
    for tag in ("A", "B"):
        steps = np.where(rng.random(rows) < 0.02, 30.0, rng.uniform(0.2, 1.8, rows))
        values = rng.normal(size=(rows, 2)).cumsum(axis=0) + 1e3
        speed = np.where(np.sin(np.arange(rows) / 9) > -0.8, 100.0, 0.0)
        frame = pd.DataFrame(
            {"asset": tag, "time": moments(steps.cumsum()), "p": values[:, 0], "q": values[:, 1].round()}
        )
        frame["speed"] = np.where(rng.random(rows) < 0.3, np.nan, speed)
        frame.loc[0, "speed"] = 100.0
        frame.loc[rng.random(rows) < 0.1, "p"] = np.nan
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def happenings(rng, until, count=60):
    at = np.sort(rng.uniform(-20, until, count))
    kind = rng.choice(["error", "error", "repair", "rebaseline", "inspection"], count)
    return pd.DataFrame(
        {
            "asset": rng.choice(["A", "B"], count),
            "time": moments(at),
            "usage": np.nan,
            "recorded_at": moments(at + rng.choice([0, 1, 20], count)),
            "kind": kind,
            "code": np.where(kind == "error", rng.choice(["e1", "e2"], count), ""),
            "maintainable_item": np.where(kind == "repair", "bearing", ""),
        }
    )


def lives(known):
    """Both machines' lives as known at some hour: each life begins a day before that is known."""
    parts = []
    for tag, starts in (("A", [-500.0, 90.0, 200.0]), ("B", [-500.0, 130.0])):
        told = [start for start in starts if start < 0 or start + 24 <= known]
        ends = [moments([start + 24])[0] for start in told[1:]] + [pd.NaT]
        start = moments(told)
        parts.append(
            pd.DataFrame({"asset": tag, "maintainable_item": "unit", "start": start, "known_at": pd.Series(ends)})
        )
    return pd.concat(parts, ignore_index=True)


def batch(readings, feature_set, events, known):
    """Machine by machine, so that no other machine's numbers are near."""
    rows = readings.drop_duplicates(["asset", "time"], keep="last")
    options = {"running": RULE, "channels": CHANNELS, "assets": ASSETS}
    parts = [extract(part, feature_set, events, lives(known), **options) for _, part in rows.groupby("asset")]
    return pd.concat(parts, ignore_index=True)


def applied(table, update):
    """A feature table after an update, as its keeper would do it."""
    if table is None:
        return update.features
    for asset, since in update.rewound.items():
        table = table[(table["asset"] != asset) | (table["time"] < since)]
    return pd.concat([table, update.features])


def in_order(table):
    return table.sort_values(["asset", "time"], kind="stable", ignore_index=True)


def stream_of(feature_set, **options):
    return FeatureStream(feature_set, running=RULE, channels=CHANNELS, assets=ASSETS, **({"keep": "3d"} | options))


def pushes(rng, readings):
    """Readings in the order in which they arrive: in pieces, some later than others, some twice with another value."""
    arrival = readings["time"].astype("int64") / 3.6e9
    late = rng.random(len(readings)) < 0.06
    arrival = np.where(late, arrival + rng.uniform(0, 60, len(readings)), arrival)
    wrong = rng.random(len(readings)) < 0.04
    first = readings.assign(arrival=arrival)
    first.loc[wrong, "p"] += 50.0
    corrections = readings[wrong].assign(arrival=arrival[wrong] + rng.uniform(1, 30, wrong.sum()))
    both = pd.concat([first, corrections]).sort_values("arrival", kind="stable")
    cuts = np.cumsum(rng.choice([1, 1, 1, 2, 5, 40], len(both)))
    return [
        part.drop(columns="arrival") for _, part in both.groupby(np.searchsorted(cuts, np.arange(len(both)), "right"))
    ]


@pytest.mark.parametrize(
    ("name", "windows"),
    [
        ("hours", 4000),
        ("rows", 2500),
        ("strides", 400),
        ("windows only", 4000),
        ("held", 4000),
        ("held while running", 4000),
        ("held rows", 2500),
    ],
)
def test_ten_thousand_random_windows_are_equal_bit_for_bit(name, windows, tmp_path):
    rng, feature_set = np.random.default_rng(20), SETS[name]
    readings = history(rng, 330)
    events = happenings(rng, (readings["time"].max() - START) / pd.Timedelta(hours=1))
    stream, table, arrived, given = stream_of(feature_set), None, readings.iloc[:0], events.iloc[:0]
    known, told = -500.0, 0
    parts = pushes(rng, readings)
    for number, part in enumerate(parts):
        new = events[(events["recorded_at"] <= part["time"].max()) & ~events.index.isin(given.index)]
        known = max(known, (part["time"].max() - START) / pd.Timedelta(hours=1))
        begun = lives(known)
        table = applied(table, stream.push(part, new, begun if len(begun) > told else None))
        told = len(begun)
        arrived, given = pd.concat([arrived, part]), pd.concat([given, new])
        if number == len(parts) // 2:
            stream.save(tmp_path / "state.npz")
            stream = stream_of(feature_set)
            stream.restore(tmp_path / "state.npz")
        if number % 40 == 39 or number == len(parts) - 1:
            whole = batch(arrived, feature_set, given, known)
            pd.testing.assert_frame_equal(in_order(table), whole, check_exact=True)

    assert len(table) * len(feature_set.channels) * len(feature_set.windows) > windows


def plain(rows=600, tag="A"):
    rng = np.random.default_rng(5)
    values = rng.normal(size=(rows, 2)).cumsum(axis=0)
    return pd.DataFrame({"asset": tag, "time": moments(np.arange(rows)), "p": values[:, 0], "q": values[:, 1]})


LIVED = FeatureSet("pump", ("p", "q"), (Window(duration="12h", every="2h"),), CALCULATORS, life=LIFE)


def test_memory_is_bounded_by_what_is_looked_back_on_and_kept():
    readings, stream = plain(3000), FeatureStream(LIVED, keep="1d")

    tables = [stream.push(readings[start : start + 50]).features for start in range(0, 3000, 50)]

    kept = stream.kept["A"]
    assert kept < 36 + 2 * 64
    pd.testing.assert_frame_equal(pd.concat(tables, ignore_index=True), extract(readings, LIVED), check_exact=True)


def test_a_late_row_takes_the_asset_back_to_its_time_and_no_other():
    readings = pd.concat([plain(), plain(tag="B")], ignore_index=True)
    late = readings.index[(readings["asset"] == "A")][-5]
    stream = FeatureStream(LIVED, keep="1d")
    first = stream.push(readings.drop(index=late))

    update = stream.push(readings.loc[[late]])

    moment = readings["time"][late]
    assert first.rewound == {}
    assert update.rewound == {"A": moment}
    assert set(update.features["asset"]) == {"A"}
    assert update.features["time"].min() >= moment
    table = in_order(applied(first.features, update))
    pd.testing.assert_frame_equal(table, extract(readings, LIVED), check_exact=True)


def test_what_is_too_late_is_refused_and_nothing_is_taken():
    readings, stream = plain(), FeatureStream(LIVED, keep="1d")
    stream.push(readings)
    before = stream.kept
    both = pd.concat([readings.tail(1).assign(asset="B"), readings.iloc[[100]].assign(p=7.0)])

    with pytest.raises(InputError, match="a reading of A changes its features from 2026-01-05 07:00"):
        stream.push(both)

    assert stream.kept == before


def test_a_life_that_began_before_what_is_kept_is_refused_and_the_whole_history_helps():
    readings, stream = plain(), FeatureStream(LIVED, keep="1d")
    stream.push(readings[:500])
    told = pd.DataFrame(
        {"asset": "A", "maintainable_item": "unit", "start": moments([-9, 50]), "known_at": [moments([499])[0], pd.NaT]}
    )

    with pytest.raises(InputError, match="push its whole history"):
        stream.push(readings[500:], lives=told)
    stream.forget("A")
    table = stream.push(readings, lives=told).features

    pd.testing.assert_frame_equal(table, extract(readings, LIVED, lives=told), check_exact=True)


@pytest.mark.parametrize("recorded", [True, False])
def test_on_a_usage_axis_events_count_from_the_reading_at_which_they_were_known(recorded):
    rng, axis = np.random.default_rng(3), Axis("usage", 1.0, "cycles", 4.0)
    feature_set = FeatureSet(
        "engine",
        ("p",),
        (Window(rows=10), Window(rows=30)),
        CALCULATORS,
        life=LIFE,
        events=EventFeatures(counts=(("error", "", "9"),), since=(("repair", ""),)),
    )
    usage = rng.uniform(0.5, 1.5, 400).cumsum()
    readings = pd.DataFrame({"asset": "A", "time": usage, "p": rng.normal(size=400)})
    if recorded:
        readings["recorded_at"] = moments(usage * 6)
    at = np.sort(rng.uniform(0, usage[-1], 30))
    events = pd.DataFrame(
        {
            "asset": "A",
            "time": pd.NaT,
            "usage": at,
            "recorded_at": moments(at * 6 + rng.choice([0, 40], 30)),
            "kind": rng.choice(["error", "repair", "rebaseline"], 30),
            "code": "",
            "maintainable_item": "",
        }
    )
    stream = FeatureStream(feature_set, axis=axis, keep="30 cycles")
    stream.push(events=events)
    late = [start + place for start in range(0, 400, 8) for place in (0, 2, 1, 3, 4, 6, 7, 5)]

    table = None
    for start in range(0, 400, 5):
        table = applied(table, stream.push(readings.iloc[late[start : start + 5]]))

    assert stream.kept["A"] < 250
    pd.testing.assert_frame_equal(in_order(table), extract(readings, feature_set, events, axis=axis), check_exact=True)


def test_one_row_by_the_quick_way_gives_what_a_table_gives():
    readings, names = plain(), ["q@30rows__mean", "p__life_drift", "p@10rows__median", "life__age"]
    feature_set = FeatureSet("pump", ("p", "q"), (Window(rows=10), Window(rows=30)), CALCULATORS, life=LIFE)
    stream = FeatureStream(feature_set, keep="1d", columns=names)
    assert stream.columns == tuple(names)

    found = [stream.push_row("A", row.time.to_pydatetime(), (row.p, row.q)) for row in readings.itertuples()]

    whole = extract(readings, feature_set)
    np.testing.assert_array_equal(np.concatenate([matrix for _, matrix in found]), whole[names].to_numpy())
    assert [int(at[0]) for at, _ in found] == list(pd.DatetimeIndex(whole["time"]).as_unit("us").asi8)


def test_a_wrong_row_is_refused_before_anything_happens():
    stream = FeatureStream(LIVED, keep="1d")

    with pytest.raises(InputError, match="does not fit the axis"):
        stream.push_row("A", 5.0, (1.0, 2.0))
    with pytest.raises(ColumnsError, match="3 values for 2 channels"):
        stream.push_row("A", datetime(2026, 1, 1, tzinfo=UTC), (1.0, 2.0, 3.0))
    with pytest.raises(ColumnsError, match="lack q"):
        stream.push(plain()[["asset", "time", "p"]])

    assert stream.kept == {}


def test_columns_that_do_not_exist_are_refused():
    with pytest.raises(ColumnsError, match="p__madness"):
        FeatureStream(LIVED, keep="1d", columns=["p__madness"])


def test_a_state_is_taken_up_only_by_the_same_definition(tmp_path):
    path, stream = tmp_path / "state.npz", FeatureStream(LIVED, keep="1d")
    stream.push(plain())
    stream.save(path)

    with pytest.raises(InputError, match="another definition"):
        FeatureStream(LIVED, keep="2d").restore(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(UnreadableFile, match="no state of a stream"):
        stream.restore(path)


def test_a_state_of_which_a_part_is_gone_or_spoilt_is_told(tmp_path):
    path, stream = tmp_path / "state.npz", FeatureStream(LIVED, keep="1d")
    stream.push(plain())
    stream.save(path)
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    np.savez(path.with_name("part.npz"), **{name: arrays[name] for name in arrays if not name.startswith("0/head")})
    spoilt = bytearray(path.read_bytes())
    spoilt[len(spoilt) // 2] ^= 0xFF
    path.with_name("spoilt.npz").write_bytes(bytes(spoilt))

    for name in ("part.npz", "spoilt.npz"):
        with pytest.raises(UnreadableFile, match=name):
            FeatureStream(LIVED, keep="1d").restore(path.with_name(name))


def test_nothing_in_a_saved_state_is_unpickled(tmp_path):
    path = tmp_path / "state.npz"
    np.savez(path, **{"facts.json": np.array([{"a": 1}], dtype=object)}, allow_pickle=True)

    with pytest.raises(UnreadableFile, match="allow_pickle"):
        FeatureStream(LIVED, keep="1d").restore(path)
