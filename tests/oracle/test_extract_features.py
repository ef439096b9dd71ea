"""The drop-in for tsfresh's `extract_features`: the same frames in, the same table out."""

import inspect
import warnings

import numpy as np
import pandas as pd
import pytest

from pdm.errors import ColumnsError, InputError
from pdm.extraction import extract_features

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tsfresh
    from tsfresh.feature_extraction import EfficientFCParameters, MinimalFCParameters

SOME = {
    "mean": None,
    "linear_trend": [{"attr": "slope"}, {"attr": "rvalue"}],
    "augmented_dickey_fuller": [{"attr": "teststat"}, {"attr": "usedlag"}],
    "quantile": [{"q": 0.9}],
    "linear_trend_timewise": [{"attr": "slope"}],
    "number_peaks": [{"n": 2}],
}


def flat(clock=False):
    rng = np.random.default_rng(6)
    rows = [(tag, t) for tag, count in (("b", 40), ("a", 25), ("c", 3)) for t in range(count)]
    frame = pd.DataFrame(rows, columns=["id", "t"]).assign(p=rng.normal(size=68), q=rng.integers(0, 9, 68))
    frame = frame.sample(frac=1.0, random_state=1)
    if clock:
        frame.index = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(frame["t"].to_numpy() * 1.5, "h")
    return frame


def stacked():
    long = flat().melt(["id", "t"], ["q", "p"], var_name="kind", value_name="value")
    return long[(long["id"] != "a") | (long["kind"] != "p")]


def whole(container, *args, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tsfresh.extract_features(container, *args, n_jobs=0, disable_progressbar=True, **options)


FORMS = {
    "flat": (flat, {}),
    "a clock": (lambda: flat(clock=True), {}),
    "one column": (flat, {"column_value": "q"}),
    "stacked": (stacked, {"column_kind": "kind", "column_value": "value"}),
    "stacked, guessed": (stacked, {"column_kind": "kind"}),
    "dict": (lambda: {"q": flat()[["id", "t", "q"]].rename(columns={"q": "v"}), "p": flat().rename(columns={"p": "v"})},
             {"column_value": "v"}),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("settings", [SOME, MinimalFCParameters()], ids=["some", "minimal"])
def test_the_table_is_tsfreshs(form, settings):
    make, options = FORMS[form]
    reference = whole(make(), settings, column_id="id", column_sort="t", **options)

    table = extract_features(make(), settings, column_id="id", column_sort="t", **options)

    pd.testing.assert_frame_equal(table, reference, rtol=1e-9, atol=1e-9)


def test_every_efficient_column_is_there_in_tsfreshs_order():
    frame = flat()[["id", "t", "p"]]
    reference = whole(frame, EfficientFCParameters(), column_id="id", column_sort="t")

    table = extract_features(frame, EfficientFCParameters(), column_id="id", column_sort="t")

    assert list(table.columns) == list(reference.columns)
    assert table.index.tolist() == reference.index.tolist()


def test_settings_per_kind_leave_other_kinds_out():
    settings = {"q": {"mean": None}}
    reference = whole(flat(), kind_to_fc_parameters=settings, column_id="id", column_sort="t")

    table = extract_features(flat(), kind_to_fc_parameters=settings, column_id="id", column_sort="t")

    pd.testing.assert_frame_equal(table, reference, rtol=1e-9)


def test_it_takes_the_arguments_of_tsfresh():
    ours, theirs = (inspect.signature(function).parameters for function in (extract_features, tsfresh.extract_features))

    assert list(ours) == list(theirs)
    assert [p.default for p in ours.values()][:7] == [p.default for p in theirs.values()][:7]


def test_missing_values_are_left_out_of_their_series():
    frame = pd.DataFrame({"id": [1, 1, 1, 2], "p": [1.0, np.nan, 3.0, np.inf]})

    table = extract_features(frame, {"mean": None, "length": None}, column_id="id")

    assert table.loc[1].tolist() == [2.0, 2.0]
    assert table.loc[2].isna().all()


def test_the_imputer_gets_the_table():
    frame = pd.DataFrame({"id": [1, 1], "p": [2.0, 2.0]})

    table = extract_features(
        frame, {"skewness": None}, column_id="id", impute_function=lambda found: found.fillna(0.0, inplace=True)
    )

    assert table["p__skewness"].tolist() == [0.0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"column_id": None}, "column_id is needed"),
        ({"profile": True}, "profile is not supported"),
        ({"distributor": object()}, "distributor is not supported"),
        ({"pivot": False}, "pivot=False is not supported"),
        ({"column_kind": "t"}, "which column holds the values: p, q"),
    ],
)
def test_what_is_not_supported_says_so(options, words):
    with pytest.raises(InputError, match=words):
        extract_features(flat(), SOME, **{"column_id": "id", **options})


def test_frames_that_cannot_be_read_say_why():
    with pytest.raises(ColumnsError, match="no column when"):
        extract_features(flat(), SOME, column_id="id", column_sort="when")
    with pytest.raises(InputError, match="does not hold numbers"):
        extract_features(flat().assign(p="high"), SOME, column_id="id", column_sort="t")
    with pytest.raises(InputError, match="neither end with _ nor contain __: p__q"):
        extract_features(flat().rename(columns={"p": "p__q"}), SOME, column_id="id")
    with pytest.raises(InputError, match="a list is neither"):
        extract_features([1, 2], SOME, column_id="id")
    with pytest.raises(InputError, match="a dict of frames needs column_value"):
        extract_features({"p": flat()}, SOME, column_id="id")
    with pytest.raises(InputError, match="missing values"):
        extract_features(flat().assign(id=None), SOME, column_id="id")
