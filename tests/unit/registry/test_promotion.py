"""The promotion rule and the model card."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.registry.card import REVIEW_AFTER, model_card
from pdm.registry.promotion import compare


@pytest.mark.parametrize(
    ("name", "new", "old", "passed"),
    [
        ("life.rmse", 12.0, 13.0, True),
        ("life.rmse", 13.5, 13.0, True),
        ("life.rmse", 14.0, 13.0, False),
        ("wear.items.recall", 0.75, 0.80, True),
        ("wear.items.recall", 0.60, 0.80, False),
        ("wear.later.false_per_year", 0.04, 0.0, True),
        ("wear.later.false_per_year", 0.2, 0.0, False),
        ("wear.later.brier", 0.2, 0.1, False),
        ("life.coverage90", 0.91, 0.85, True),
        ("life.coverage90", 0.80, 0.90, False),
        ("life.coverage90", 1.00, 0.90, False),
        ("life.items.rows", 1.0, 9.0, None),
        ("life.items.mae_from_7.2", 9.0, 1.0, None),
    ],
)
def test_a_figure_may_get_worse_by_the_noise_of_an_evaluation_and_no_more(name, new, old, passed):
    (line,) = compare({name: new}, {name: old})

    assert line.passed is passed
    assert line.reason


def test_a_figure_that_the_challenger_lacks_fails_and_one_that_is_new_decides_nothing():
    lines = {line.name: line.passed for line in compare({"mae": 3.0, "brier": math.nan}, {"rmse": 1.0, "brier": 0.1})}

    assert lines == {"mae": None, "rmse": False, "brier": False}


def test_the_card_says_what_was_learnt_and_what_was_not(bench, model):
    alone = replace(model, targets=model.targets[:1])
    card = model_card(bench.write(model=alone))

    assert card.owner == "ada"
    assert card.targets == ("fails_soon",)
    assert card.abstained == {"life": "no reason on record"}
    assert card.metrics["fails_soon.brier"] == 0.1
    assert card.lives == {"fails_soon": {"lives": 12, "failures": 9}}
    assert card.review_by - card.trained_at == REVIEW_AFTER > timedelta(days=30)
    assert card.data_versions == {"readings_pump": 4}
