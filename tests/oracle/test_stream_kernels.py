"""Every calculator that has a kernel, found by itself: what a stream gives row by row is what the whole history gives."""

import warnings

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import EventFeatures, FeatureSet, Window
from pdm.extraction import extract
from pdm.extraction.calculators import CALCULATORS, Output, has_kernel
from pdm.extraction.stream import FeatureStream

START = pd.Timestamp("2026-01-01", tz="UTC")


@pytest.fixture(scope="module")
def calculators():
    """tsfresh's own parameters of every calculator of which a kernel computes all columns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tsfresh.feature_extraction import ComprehensiveFCParameters

        every = dict(ComprehensiveFCParameters())
    return {
        name: parameters
        for name, parameters in every.items()
        if name in CALCULATORS and all(has_kernel(Output(name, item)) for item in parameters or [None])
    }


def readings(rows):
    rng = np.random.default_rng(4)
    hours = rng.uniform(0.5, 1.5, rows).cumsum()
    times = (START + pd.to_timedelta((hours * 3.6e9).astype(np.int64), "us")).as_unit("us")
    values = {"p": rng.normal(size=rows).cumsum() + 1e3, "q": rng.normal(size=rows).round()}
    frame = pd.DataFrame({"asset": "A", "time": times} | values)
    frame.loc[rng.random(rows) < 0.1, "p"] = np.nan
    return frame


@pytest.mark.parametrize(
    "windows", [(Window(rows=20), Window(rows=45)), (Window(duration="36h", every="2h"),)], ids=["rows", "hours"]
)
def test_every_kernel_gives_a_stream_what_it_gives_the_batch(windows, calculators):
    feature_set = FeatureSet("pump", ("p", "q"), windows, calculators)
    history = readings(130)
    stream = FeatureStream(feature_set, keep="6h")

    parts = [stream.push(history[start : start + 3]).features for start in range(0, len(history), 3)]

    assert len(calculators) > 60
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), extract(history, feature_set), check_exact=True)


def test_a_saved_state_does_not_grow_with_what_has_happened(tmp_path):
    events = EventFeatures(counts=(("error", "", "12h"),), since=(("error", "e1"),))
    feature_set = FeatureSet("pump", ("p", "q"), (Window(duration="12h", every="1h"),), events=events)
    history, stream, sizes = readings(3000), FeatureStream(feature_set, keep="12h"), []
    codes = np.random.default_rng(6).choice(["e1", "e2"], len(history))
    errors = history[["asset", "time"]].assign(kind="error", code=codes)

    parts = []
    for start in range(0, len(history), 100):
        part = slice(start, start + 100)
        parts.append(stream.push(history[part], errors[part]).features)
        stream.save(tmp_path / "state.npz")
        sizes.append((tmp_path / "state.npz").stat().st_size)

    assert max(sizes[10:]) < 1.2 * max(sizes[2:10])
    whole = extract(history, feature_set, errors)
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole, check_exact=True)
