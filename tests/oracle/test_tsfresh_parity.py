"""Every kernel against its slow twin: tsfresh itself, on windows that are short, long, tied, constant, spiked, drifting, far from
zero and real. Some 300 windows as a rule, 2,000 and more with `make oracle` (ORACLE_WINDOWS).
"""

import os
import warnings
from itertools import islice

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
from pdm.testing.windows import FAMILIES, LENGTHS, LONG, engine_windows, made_windows

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from tsfresh.feature_extraction import EfficientFCParameters, extract_features
    from tsfresh.feature_extraction.extraction import _do_extraction_on_chunk
    from tsfresh.feature_extraction.settings import ComprehensiveFCParameters
    from tsfresh.utilities.string_manipulation import convert_to_output_format

ASKED = int(os.environ.get("ORACLE_WINDOWS", "300"))
ENGINES = max(60, ASKED // 8)
GENERATED = ASKED - ENGINES - len(FAMILIES)
ROUNDS = -(-GENERATED // (len(FAMILIES) * len(LENGTHS)))
DEAREST = ("approximate_entropy", "sample_entropy")
WITH_DEAREST = 10 if ASKED > 300 else 0

SETTINGS = {name: settings for name, settings in ComprehensiveFCParameters().items() if name in CALCULATORS}
OUTPUTS = [Output(name, item) for name, settings in SETTINGS.items() for item in settings or [None]]


def ticks(n: int) -> np.ndarray:
    """Irregular times in microseconds: some ten minutes apart, now and then an hour."""
    steps = np.random.default_rng(n).choice([600_000_000, 601_234_567, 3_600_000_000], n)
    return 1_700_000_000_000_000 + np.cumsum(steps)


def by_tsfresh(values: np.ndarray, settings: dict) -> dict[str, float]:
    """tsfresh's columns of one window. Narrow integers it would let overflow, so it is given floats."""
    series = pd.Series(values.astype(float), index=pd.to_datetime(ticks(len(values)), unit="us"))
    answers = _do_extraction_on_chunk(("a", "s", series), settings, None, show_warnings=False)
    return {name: float(value) for _, name, value in answers}


def by_kernels(values: np.ndarray) -> dict[str, float]:
    bounds = np.array([0]), np.array([len(values)])
    row = calculate(values, *bounds, OUTPUTS, ticks=ticks(len(values)))[0]
    return dict(zip(NAMES, row, strict=True))


NAMES = [output.name("s") for output in OUTPUTS]
MADE = dict(islice(made_windows(ROUNDS).items(), GENERATED))
HOURS = dict(islice(made_windows(1, lengths=(LONG,)).items(), len(FAMILIES) if ASKED > 300 else 5))


@pytest.fixture(scope="module")
def differences():
    """By calculator: what of which window is not what tsfresh says. Each window is computed once for all calculators."""
    return differ(MADE, SETTINGS)


def differ(windows, settings):
    found = {name: [] for name in settings}
    for title, values in windows.items():
        mine, theirs, plain = by_kernels(values), by_tsfresh(values, settings), values.astype(float)
        for output, column in zip(OUTPUTS, NAMES, strict=True):
            if column not in theirs or excepted(column, plain):
                continue
            if not agree(column, plain, mine[column], theirs[column]):
                told = f"{column} of {title}: {mine[column]!r}, tsfresh says {theirs[column]!r}"
                found[output.calculator].append(told)
    return found


@pytest.mark.parametrize("name", sorted(CALCULATORS))
def test_a_kernel_gives_what_tsfresh_gives(name, differences):
    assert differences[name] == []


def test_kernels_give_what_tsfresh_gives_on_the_sensors_of_real_engines(public_data):
    folder = public_data / "cmapss"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")

    found = differ(engine_windows(folder, ENGINES), SETTINGS)

    assert [told for each in found.values() for told in each] == []


def test_kernels_give_what_tsfresh_gives_on_an_hour_of_seconds():
    cheap = {name: settings for name, settings in SETTINGS.items() if name not in DEAREST}

    found = differ(HOURS, cheap)

    assert [told for each in found.values() for told in each] == []


@pytest.mark.skipif(not WITH_DEAREST, reason="tsfresh needs 13 s a window: `make oracle` runs it")
def test_entropies_are_tsfreshs_on_an_hour_of_seconds():
    windows = dict(list(HOURS.items())[:WITH_DEAREST])

    found = differ(windows, {name: SETTINGS[name] for name in DEAREST})

    assert [told for each in found.values() for told in each] == []


def test_as_many_windows_are_compared_as_was_asked_for():
    assert len(MADE) + ENGINES + len(FAMILIES) == ASKED >= 300
    assert {len(values) for values in MADE.values()} == {*range(1, 11), 24, 30, 168}
    assert WITH_DEAREST <= 10


def test_most_windows_are_held_to_tsfresh_in_every_column():
    """Exceptions stay exceptions: on noise and walks near zero there is none at all."""
    for title, values in MADE.items():
        if title.startswith(("gaussian", "random walk")) and len(values) > 20 and abs(values.mean()) < 8 * values.std():
            assert [column for column in NAMES if excepted(column, values)] == []


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
