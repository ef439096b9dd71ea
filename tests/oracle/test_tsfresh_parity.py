"""Every kernel against its slow twin: tsfresh itself, on windows that are short, long, tied, constant, drifting and far from zero."""

import warnings

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Axis, FeatureSet, Window
from pdm.errors import InputError
from pdm.extraction import extract, feature_names
from pdm.extraction.calculators import CALCULATORS, Output, calculate, has_kernel
from pdm.extraction.names import feature_name
from pdm.extraction.parity import agree, excepted
from pdm.extraction.plan import without_kernel

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from tsfresh.feature_extraction import EfficientFCParameters, extract_features
    from tsfresh.feature_extraction.extraction import _do_extraction_on_chunk
    from tsfresh.feature_extraction.settings import ComprehensiveFCParameters
    from tsfresh.utilities.string_manipulation import convert_to_output_format

SETTINGS = {name: settings for name, settings in ComprehensiveFCParameters().items() if name in CALCULATORS}
OUTPUTS = [Output(name, item) for name, settings in SETTINGS.items() for item in settings or [None]]
LENGTHS = (*range(1, 11), 24, 30, 168, 300)


def _windows() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(20)
    shapes = {
        "gaussian": lambda n: rng.normal(size=n),
        "random walk": lambda n: rng.normal(size=n).cumsum(),
        "far from zero": lambda n: 1e6 + rng.normal(size=n),
        "ties": lambda n: rng.integers(-2, 3, n).astype(float),
        "ramp": lambda n: np.arange(n) * 0.5,
        "constant": lambda n: np.full(n, 5.0),
        "zero": np.zeros,
    }
    return {f"{shape}, {n}": make(n) for shape, make in shapes.items() for n in LENGTHS}


WINDOWS = _windows()


def _ticks(n: int) -> np.ndarray:
    """Irregular times in microseconds: some ten minutes apart, now and then an hour."""
    steps = np.random.default_rng(n).choice([600_000_000, 601_234_567, 3_600_000_000], n)
    return 1_700_000_000_000_000 + np.cumsum(steps)


@pytest.fixture(scope="module")
def theirs() -> dict[str, dict[str, float]]:
    found = {}
    for title, values in WINDOWS.items():
        times = pd.to_datetime(_ticks(len(values)), unit="us")
        answers = _do_extraction_on_chunk(
            ("a", "s", pd.Series(values, index=times)), SETTINGS, None, show_warnings=False
        )
        found[title] = {name: float(value) for _, name, value in answers}
    return found


@pytest.fixture(scope="module")
def ours() -> dict[str, dict[str, float]]:
    series = np.concatenate(list(WINDOWS.values()))
    ends = np.cumsum([len(values) for values in WINDOWS.values()])
    starts = np.concatenate([[0], ends[:-1]])
    ticks = np.concatenate([_ticks(len(values)) for values in WINDOWS.values()])
    matrix = calculate(series, starts, ends, OUTPUTS, ticks=ticks)
    names = [output.name("s") for output in OUTPUTS]
    return {title: dict(zip(names, row, strict=True)) for title, row in zip(WINDOWS, matrix, strict=True)}


@pytest.mark.parametrize("name", sorted(CALCULATORS))
def test_a_kernel_gives_what_tsfresh_gives(name, ours, theirs):
    columns = [output.name("s") for output in OUTPUTS if output.calculator == name]

    assert columns
    for title, values in WINDOWS.items():
        for column in columns:
            if excepted(column, title):
                continue
            mine, reference = ours[title][column], theirs[title][column]
            assert agree(column, values, mine, reference), f"{column} of {title}: {mine!r}, tsfresh says {reference!r}"


def test_every_default_setting_of_a_kernel_calculator_has_a_kernel():
    assert set(SETTINGS) == set(CALCULATORS)
    assert [output for output in OUTPUTS if not has_kernel(output)] == []


def test_names_are_tsfreshs_own():
    for name, settings in ComprehensiveFCParameters().items():
        for item in settings or []:
            assert feature_name("s", name, item) == f"s__{name}__{convert_to_output_format(item)}"


@pytest.mark.parametrize("overlap", [1, 7, 29])
def test_a_sorted_copy_that_moves_along_equals_a_fresh_sort(overlap):
    rng = np.random.default_rng(4)
    values = np.where(rng.random(400) < 0.3, rng.integers(-1, 2, 400), rng.normal(size=400))
    ends = np.arange(30, 400, 30 - overlap)
    starts = ends - 30
    outputs = [output for output in OUTPUTS if CALCULATORS[output.calculator].family == "order"]

    together = calculate(values, starts, ends, outputs)
    alone = np.vstack(
        [calculate(values[a:b], np.array([0]), np.array([30]), outputs) for a, b in zip(starts, ends, strict=True)]
    )

    np.testing.assert_array_equal(together, alone)


def test_tsfreshs_whole_efficient_settings_give_the_same_columns_and_values():
    rng = np.random.default_rng(5)
    times = pd.date_range("2026-01-01", periods=31, freq="1h", tz="UTC").as_unit("us")
    readings = pd.DataFrame({"asset": "P-1", "time": times, "p": rng.normal(10, 1, 31).cumsum()})
    settings = EfficientFCParameters()
    features = FeatureSet("pump", ("p",), (Window(rows=30, every=30, min_rows=2),), settings)

    table = extract(readings, features)
    last = readings.iloc[1:].assign(time=times[1:].tz_localize(None)).set_index("time")
    reference = _whole(last, settings)

    assert list(table.columns[2:]) == list(reference.columns)
    mine, truth = table.iloc[1, 2:].to_numpy(dtype=float), reference.iloc[0].to_numpy(dtype=float)
    different = ~np.isclose(mine, truth, rtol=1e-5, atol=1e-6, equal_nan=True)
    assert list(reference.columns[different]) == []


def test_a_window_too_short_for_a_calculator_of_tsfresh_gives_nan_and_does_not_stop_the_job():
    readings = pd.DataFrame({"asset": "E-1", "time": [1.0, 2.0], "p": [1.0, 2.0]})
    settings = {"friedrich_coefficients": [{"coeff": 0, "m": 3, "r": 1}], "mean": None}

    table = extract(readings, FeatureSet("e", ("p",), (Window(rows=5),), settings), axis=Axis("usage", 1.0, "cycles"))

    assert without_kernel(FeatureSet("e", ("p",), (Window(rows=5),), settings)) == ("friedrich_coefficients",)
    assert np.isnan(table["p__friedrich_coefficients__coeff_0__m_3__r_1"].iloc[0])
    assert table["p__mean"].tolist() == [1.0, 1.5]


def test_parameters_that_tsfresh_itself_stumbles_over_are_refused_in_words():
    settings = {"agg_linear_trend": [{"attr": "slope", "chunk_len": 5, "f_agg": "median"}]}

    with pytest.raises(InputError, match="tsfresh's agg_linear_trend refuses"):
        feature_names(FeatureSet("e", ("p",), (Window(rows=5),), settings))


def _whole(frame: pd.DataFrame, settings: object) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return extract_features(
            frame[["asset", "p"]], column_id="asset", default_fc_parameters=settings, n_jobs=0, disable_progressbar=True
        )
