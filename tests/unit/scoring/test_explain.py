"""Reasons are grouped by channel and read like sentences."""

import numpy as np

from pdm.extraction import FeatureSentence
from pdm.scoring.explain import reasons, sentence

NAMES = ("a__mean", "a__maximum", "b__mean", "life__age")
WORDS = {
    "a__mean": FeatureSentence("mean of flow over the last 24 h, m3/h", "a", "m3/h", "24h"),
    "a__maximum": FeatureSentence("maximum of flow over the last 24 h, m3/h", "a", "m3/h", "24h"),
    "b__mean": FeatureSentence("mean of power over the last 24 h, kW", "b", "kW", "24h"),
    "life__age": FeatureSentence("age of the present life, h", "", "h", ""),
}


def ask(values, effects, top=5):
    return reasons(NAMES, np.array(values, np.float32), np.array(effects, np.float64), WORDS, top=top)


def test_contributions_of_one_channel_are_added_and_its_strongest_feature_speaks():
    found = ask([10, 20, 3, 500], [0.2, 0.5, -0.6, 0.1])

    assert [(item.channel, round(item.effect, 6)) for item in found] == [("a", 0.7), ("b", -0.6), ("", 0.1)]
    assert found[0].feature == "a__maximum"
    assert found[0].value == 20.0


def test_a_channel_speaks_with_a_feature_that_pulls_its_way():
    (found,) = ask([10, 20, 3, 500], [-1.0, 1.1, 0.0, 0.0])

    assert found.feature == "a__maximum"
    assert found.sentence.endswith("raises the risk")


def test_a_channel_speaks_with_the_window_that_pulls_most_and_all_windows_count():
    names = ("a@24h__mean", "a@24h__maximum", "a@7d__mean")
    words = {
        name: FeatureSentence(f"{name} of flow, m3/h", "a", "m3/h", "7d" if "7d" in name else "24h") for name in names
    }

    (found,) = reasons(names, np.array([1, 2, 3], np.float32), np.array([0.3, 0.4, 0.5]), words)
    (against,) = reasons(names, np.array([1, 2, 3], np.float32), np.array([0.3, 0.4, -0.9]), words)

    assert (found.feature, round(found.effect, 6)) == ("a@24h__maximum", 1.2)
    assert (against.feature, round(against.effect, 6)) == ("a@7d__mean", -0.2)


def test_only_the_strongest_are_named_and_silence_is_no_reason():
    assert len(ask([1, 1, 1, 1], [0.1, 0.1, 0.5, 0.3], top=2)) == 2
    assert ask([1, 1, 1, 1], [0, 0, 0, 0]) == ()


def test_a_missing_value_is_said_and_a_unit_follows_its_number():
    assert sentence(WORDS["b__mean"], None, -1.0) == "Mean of power over the last 24 h: no value, lowers the risk"
    assert sentence(WORDS["life__age"], 12345.6, 1.0) == "Age of the present life: 12346 h, raises the risk"
    assert ask([np.nan, np.nan, 1, 1], [1.0, 0.5, 0, 0])[0].value is None


def test_a_reason_stands_beside_what_is_typical():
    told = sentence(WORDS["b__mean"], 4.0, 1.0, 2.5)

    assert told.startswith("Mean of power over the last 24 h: 4")
    assert told.endswith("(typically 2.5), raises the risk")


def test_a_slope_is_told_per_day_and_what_never_happened_is_on_no_record():
    slope = FeatureSentence("slope of pressure over the last 7 d, bar per hour", "pressure", "bar per hour", "7d")
    since = FeatureSentence("time since the last repair of seal, h", "", "h", "")

    said = sentence(slope, -0.0015, 1.0, 0.0)
    assert said == "Slope of pressure over the last 7 d: -0.036 bar per day (typically 0), raises the risk"
    assert sentence(since, None, -1.0) == "No repair of seal is on record, lowers the risk"


def test_what_is_typical_belongs_to_the_feature_that_is_named():
    values, effects = np.array([1, 2, 3, 4], np.float32), np.array([0.0, 1.0, 0.5, 0.0])
    typical = [10.0, 20.0, None, 40.0]

    (first, *_) = reasons(NAMES, values, effects, WORDS, typical=typical)

    assert "(typically 20)" in first.sentence
