"""Repairs that were triggered by symptoms: what a naive count says, what IPCW says, and what was true in a simulation."""

import numpy as np
import pytest

from pdm.learning.censoring import FEW, FLOOR, censoring_bounds, chance_seen, cut_rows, ipcw_weights
from pdm.learning.targets import Labels


def a_plant(rows=6000, seed=9):
    """The worse a machine looks, the sooner it fails, and the more often it is repaired before it does. Failures come at 0 to 100."""
    random = np.random.default_rng(seed)
    symptom = random.normal(0, 1, rows)
    failure = 60 * np.exp(-0.8 * symptom) * random.exponential(1.0, rows)
    attended = random.random(rows) < 1 / (1 + np.exp(-(2 * symptom - 0.5)))
    repair = np.where(attended, 0.0 + 0.5 * np.minimum(failure, 30.0), np.inf)
    observed = failure <= repair
    remaining = np.minimum(failure, repair)
    nothing = np.zeros(rows)
    return symptom, failure, Labels(remaining, observed, nothing, np.arange(rows))


def test_repairs_of_machines_that_look_bad_hide_failures_and_weights_bring_them_back():
    symptom, failure, labels = a_plant()
    within = labels.within(30.0)
    cut = cut_rows(labels, 30.0, history_ends=np.zeros(len(within), dtype=bool))
    true = float((failure <= 30).mean())

    weights = ipcw_weights(within, cut, symptom[:, None])
    told = censoring_bounds(within, cut, weights)

    assert told.known < true - 0.1
    assert abs(told.weighted - true) < 0.5 * abs(told.known - true)
    assert told.lowest < true < told.highest
    assert told.cut == pytest.approx(float(cut.mean()), abs=0.2)


def test_where_nothing_that_looked_alike_was_seen_to_its_end_only_the_bounds_are_said_to_hold():
    symptom, _, labels = a_plant()
    mild = labels.only(symptom < 0.8)
    always = Labels(
        np.where(symptom > 1.5, 5.0, labels.remaining), labels.observed & (symptom <= 1.5), labels.age, labels.life
    )
    told = {}
    for name, one in (("overlap", mild), ("none", always)):
        within = one.within(30.0)
        cut = cut_rows(one, 30.0, history_ends=np.zeros(len(within), dtype=bool))
        seen = np.column_stack([symptom, (symptom > 1.5) * 8.0])
        kept, weights = (make(within, cut, seen) for make in (chance_seen, ipcw_weights))
        told[name] = censoring_bounds(within, cut, weights, kept)

    assert told["overlap"].alone <= FEW
    assert "only the two bounds hold" not in told["overlap"].words
    assert told["none"].alone > 0.15
    assert "only the two bounds hold" in told["none"].words
    assert f"between {told['none'].lowest:.1%} and {told['none'].highest:.1%}" in told["none"].words


def test_without_any_repair_every_known_row_weighs_the_same():
    _, _, labels = a_plant()
    known = Labels(labels.remaining, np.ones(6000, dtype=bool), labels.age, labels.life)
    within = known.within(30.0)
    cut = cut_rows(known, 30.0, history_ends=np.zeros(6000, dtype=bool))

    assert set(ipcw_weights(within, cut, np.zeros((6000, 1)))) == {1.0}
    told = censoring_bounds(within, cut, np.ones(6000))
    assert told.lowest == told.highest == told.known


def test_the_end_of_the_record_is_nobody_s_decision():
    labels = Labels(np.array([5.0, 5.0, 40.0]), np.array([False, False, False]), np.zeros(3), np.arange(3))

    cut = cut_rows(labels, 30.0, history_ends=np.array([True, False, False]))

    assert cut.tolist() == [False, True, False]


def test_no_row_speaks_for_more_than_twenty():
    symptom = np.concatenate([np.full(200, 5.0), np.full(200, -5.0)])
    within = np.where(np.arange(400) < 2, 1.0, np.where(np.arange(400) < 200, np.nan, 0.0))
    weights = ipcw_weights(within, np.isnan(within), symptom[:, None], pull=1e-6)

    known = ~np.isnan(within)
    assert weights[known].mean() == pytest.approx(1.0)
    assert weights[known].max() / weights[known].min() <= 1 / FLOOR + 1e-9
    assert (weights[~known] == 0).all()
