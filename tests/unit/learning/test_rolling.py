"""At an origin nothing is learnt but what lies before it, and what is tried lies between it and the end."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.errors import TooLittleData
from pdm.learning.rolling import Origin, origin_answers

ORIGIN, GAP = Origin("2026-01-20", "2026-01-29"), 48.0
HOUR = 3_600_000_000


@pytest.fixture(scope="module")
def fleet(pumps):
    learner = replace(pumps.definition.learner, rounds=10)
    return replace(pumps, definition=replace(pumps.definition, learner=learner))


def answers(fleet, origin=ORIGIN, features=None):
    rows = fleet.features if features is None else features
    return origin_answers(rows, fleet.lives, fleet.definition, fleet.asset_class, origin, gap=GAP, threads=1)


def moment(text):
    return pd.Timestamp(text, tz="UTC").value // 1000 / HOUR


def test_what_is_tried_lies_in_the_period_and_what_is_chosen_on_before_the_gap(fleet):
    found = answers(fleet)

    later, before = (found[found["question"] == question] for question in ("later", "new_assets"))
    assert later["position"].between(moment("2026-01-20"), moment("2026-01-29"), inclusive="left").all()
    assert before["position"].max() <= moment("2026-01-20") - GAP
    assert set(found["target"]) == {"wear_within_20"}
    assert (later["position"] + later["remaining"]).max() > moment("2026-01-29"), "the truth is told to its end"
    near = (later["remaining"] <= 20) & later["observed"].astype(bool)
    assert later.loc[near, "answer"].mean() > later.loc[~near, "answer"].mean() + 0.3


def test_nothing_of_the_test_period_changes_what_was_learnt_or_chosen_on(fleet):
    """Sensors that go mad after the gap begins: answers before it stay, bit for bit; sane rows of the period get the same answers."""
    mad, time = fleet.features.copy(), fleet.features["time"]
    rows = (time > pd.Timestamp("2026-01-20", tz="UTC") - pd.Timedelta(hours=GAP)) & (fleet.features["asset"] == "P-03")
    mad.loc[rows, "wear__mean"] = np.float32(99.0)

    plain, moved = answers(fleet), answers(fleet, features=mad)

    same = (plain["question"] == "new_assets") | (plain["asset"] != "P-03")
    assert np.array_equal(plain.loc[same, "answer"], moved.loc[same, "answer"])
    assert not np.array_equal(plain.loc[~same, "answer"], moved.loc[~same, "answer"])


def test_an_origin_with_nothing_before_it_is_a_sentence(fleet):
    with pytest.raises(TooLittleData, match="nothing lies before 2026-01-02"):
        answers(fleet, Origin("2026-01-02", "2026-01-20"))
