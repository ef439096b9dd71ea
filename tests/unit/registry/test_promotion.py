"""The promotion rule and the model card."""

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from pdm.catalogue.gate import DEFAULT_GATES, Gate
from pdm.learning.paired import Ratio, difference
from pdm.registry.card import REVIEW_AFTER, model_card, overdue
from pdm.registry.promotion import bounds, judge


def same_everywhere(new, old):
    """A difference without any noise: every item shows the same."""
    return difference(Ratio(np.full(5, new), np.ones(5)), Ratio(np.full(5, old), np.ones(5)), draws=50)


@pytest.mark.parametrize(
    ("name", "new", "old", "passed"),
    [
        ("life.later.rmse", 12.0, 13.0, True),
        ("life.later.rmse", 13.5, 13.0, True),
        ("life.later.rmse", 14.0, 13.0, False),
        ("wear.new_assets.recall", 0.75, 0.80, True),
        ("wear.new_assets.recall", 0.60, 0.80, False),
        ("wear.later.false_per_year", 0.04, 0.0, True),
        ("wear.later.false_per_year", 0.2, 0.0, False),
        ("wear.later.brier", 0.2, 0.1, False),
        ("life.later.coverage90", 0.91, 0.85, True),
        ("life.later.coverage90", 0.80, 0.90, False),
        ("life.later.coverage90", 1.00, 0.90, False),
        ("wear.later.cost_per_year", 9.0, 1.0, None),
        ("wear.later.recall", math.nan, 0.5, False),
        ("wear.later.recall", 0.5, math.nan, None),
    ],
)
def test_a_figure_may_get_worse_by_the_noise_of_an_evaluation_and_no_more(name, new, old, passed):
    (line,) = judge(DEFAULT_GATES, {name: same_everywhere(new, old)})

    assert line.passed is passed
    assert line.reason


def test_what_decides_is_the_share_of_draws_in_which_the_challenger_is_no_worse():
    # Better on nine items, far worse on the tenth: in a third of the draws that one is missing
    new, old = Ratio(np.array([1.0] * 9 + [30.0]), np.ones(10)), Ratio(np.full(10, 2.0), np.ones(10))
    found = {"life.later.rmse": difference(new, old)}

    (lenient,) = judge([Gate("rmse", confidence=0.2)], found)
    (strict,) = judge([Gate("rmse", confidence=0.9)], found)

    assert (lenient.passed, strict.passed) == (True, False)
    assert strict.low < 0 < strict.high


def test_a_bound_holds_whatever_the_champion_is_like():
    found = {"wear.later.recall": same_everywhere(0.4, 0.1)}

    (line,) = judge([Gate("recall", at_least=0.5)], found)

    assert line.passed is False
    assert "at least 0.5" in line.reason
    assert bounds([Gate("recall", at_least=0.5)], {"wear.later.recall": 0.6, "wear.later.brier": 9.0})[0].passed is True


def test_items_are_drawn_for_both_models_alike():
    # Items differ a hundred times more than the models do
    hard = np.geomspace(1, 1000, 20)
    paired = difference(Ratio(hard, np.ones(20)), Ratio(hard + 0.1, np.ones(20)))

    assert paired.high == pytest.approx(-0.1)
    assert paired.low == pytest.approx(-0.1)


def test_a_card_past_its_review_date_names_its_owner_and_the_day(bench):
    manifest = bench.write()

    assert overdue(manifest, manifest.created_at + REVIEW_AFTER) == ""
    late = overdue(manifest, manifest.created_at + REVIEW_AFTER + timedelta(days=1))
    assert f"{manifest.created_at + REVIEW_AFTER:%Y-%m-%d}" in late
    assert "owner: ada" in late
    card = model_card(manifest)
    assert card.text(manifest.created_at + REVIEW_AFTER + timedelta(days=1)).startswith(late)
    assert late not in card.text(manifest.created_at)


def test_the_card_says_what_was_learnt_and_what_was_not(bench, model):
    alone = replace(model, targets=model.targets[:1])
    card = model_card(bench.write(model=alone))

    assert card.owner == "ada"
    assert card.targets == ("fails_soon",)
    assert card.abstained == {"life": "no reason on record"}
    assert card.metrics["fails_soon.brier"] == 0.1
    assert card.selection == "4 of 9 features have to do with what is predicted."
    assert card.lives == {"fails_soon": {"lives": 12, "failures": 9}}
    assert card.review_by - card.trained_at == REVIEW_AFTER > timedelta(days=30)
    assert card.data_versions == {"readings_pump": 4}
