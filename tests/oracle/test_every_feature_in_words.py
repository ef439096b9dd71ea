"""Every default column of every calculator of tsfresh has a sentence of its own, with the unit that follows from the channel's."""

import re
import warnings

import pytest

from pdm.catalogue import AssetClass, Axis, Channel, FeatureSet, Window
from pdm.extraction import describe_feature, feature_names
from pdm.extraction.calculators import CALCULATORS
from pdm.extraction.sentence_words import WORDS, words_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from tsfresh.feature_extraction.settings import ComprehensiveFCParameters

SETTINGS = {name: settings for name, settings in ComprehensiveFCParameters().items() if name in CALCULATORS}
WINDOWS = (Window(duration="24h", every="6h"), Window(duration="7d", every="6h"))
FEATURES = FeatureSet("pump", ("p",), WINDOWS, SETTINGS)
PUMP = AssetClass("pump", "Pump", Axis(), (Channel("p", "Discharge pressure", "bar"),), FEATURES)


@pytest.fixture(scope="module")
def described():
    return {name: describe_feature(name, PUMP) for name in feature_names(FEATURES)}


def test_every_calculator_is_put_into_words():
    assert len(SETTINGS) == 75
    for name, settings in SETTINGS.items():
        for item in settings or [{}]:
            assert words_of(name, {key: str(value) for key, value in item.items()}), (name, item)
    asked = {key.partition(".")[0] for key in WORDS}
    assert {name for name in asked - set(SETTINGS) if not name.startswith("time_weighted")} == set()


def test_every_default_column_has_a_sentence_that_no_other_has(described):
    sentences = [found.sentence for found in described.values()]

    assert len(set(sentences)) == len(sentences) > 1500
    assert [s for s in sentences if re.search(r"[_{}@?\"]|\bNone\b|\d\.\d{7}", s)] == []
    assert all("discharge pressure over the last " in s for s in sentences)
    assert {found.window for found in described.values()} == {"24h", "7d"}
    assert all(found.sentence.endswith(f", {found.unit}") for found in described.values() if found.unit)


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("variance", "bar²"),
        ("c3__lag_2", "bar³"),
        ("mean_second_derivative_central", "bar per hour²"),
        ('linear_trend__attr_"stderr"', "bar per hour"),
        ('linear_trend_timewise__attr_"slope"', "bar per hour"),
        ('agg_linear_trend__attr_"slope"__chunk_len_50__f_agg_"mean"', "bar per 50 readings"),
        ('agg_linear_trend__attr_"intercept"__chunk_len_5__f_agg_"var"', "bar²"),
        ('change_quantiles__f_agg_"var"__isabs_False__qh_0.2__ql_0.0', "bar²"),
        ("friedrich_coefficients__coeff_3__m_3__r_30", "bar per hour"),
        ("friedrich_coefficients__coeff_1__m_3__r_30", "1 per bar per hour"),
        ("spkt_welch_density__coeff_2", "bar² per cycle per reading"),
        ('fft_coefficient__attr_"angle"__coeff_1', "degrees"),
        ("skewness", ""),
        ("quantile__q_0.9", "bar"),
    ],
)
def test_units_follow_from_the_channels(column, unit, described):
    assert described[f"p@24h__{column}"].unit == unit
