"""The rung follows from failures on record and skill on machines never seen, and it says why."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.learning.ladder import FLEET_FAILURES, OWN_FAILURES, RUNGS, choose_rung, fleet_errors, ladder_from
from pdm.testing.machines import A_FAN_MODEL

GOOD = ({"wear_soon.new_assets.brier": 0.04}, {"wear_soon.new_assets.brier_age_only": 0.08})
POOR = ({"wear_soon.new_assets.brier": 0.079}, {"wear_soon.new_assets.brier_age_only": 0.08})


@pytest.mark.parametrize(
    ("failures", "figures", "watch", "rung"),
    [
        (OWN_FAILURES, GOOD, True, "own model"),
        (OWN_FAILURES, POOR, True, "watch list"),
        (OWN_FAILURES - 1, GOOD, True, "watch list"),
        (0, ({}, {}), True, "watch list"),
        (3, ({}, {}), False, "age only"),
        (1, ({}, {}), False, "none"),
    ],
)
def test_a_rung_needs_failures_and_skill(failures, figures, watch, rung):
    ladder = choose_rung(A_FAN_MODEL, {"wear_soon": failures}, *figures, watch=watch)

    assert ladder.rung == rung
    assert rung in RUNGS
    assert str(failures) in ladder.why


def test_all_modes_together_are_a_fleet_model():
    both = replace(A_FAN_MODEL.targets[0], modes=("bearing_wear", "belt_slip"))
    pooled = replace(A_FAN_MODEL, targets=(both,))

    assert choose_rung(pooled, {"wear_soon": FLEET_FAILURES}, *GOOD, watch=True).rung == "fleet model"


def test_what_no_sensor_can_see_is_named_with_what_would_help():
    blind = replace(
        A_FAN_MODEL.failure_modes[0],
        signs={},
        not_predictable="nothing measures the bearing",
        would_help="An accelerometer",
    )
    definition = replace(A_FAN_MODEL, failure_modes=(blind,))

    ladder = choose_rung(definition, {}, {}, {}, watch=True)

    assert ladder.abstained["bearing_wear"] == (
        "Bearing wear is not predictable with these sensors: nothing measures the bearing. An accelerometer would help."
    )


def test_it_survives_being_written_as_json():
    ladder = choose_rung(A_FAN_MODEL, {"wear_soon": 12}, *GOOD, watch=False)

    assert ladder_from(ladder.document()) == ladder
    assert ladder_from({}).rung == "fleet model"


@pytest.mark.parametrize(
    ("failures", "error", "rung"),
    [
        (FLEET_FAILURES, 0.0759, "fleet model"),
        (FLEET_FAILURES, 0.0761, "watch list"),
        (FLEET_FAILURES - 1, 0.01, "watch list"),
        (FLEET_FAILURES, 0.09, "watch list"),
    ],
    ids=["just enough skill", "just too little", "a failure short", "worse than age"],
)
def test_the_rule_holds_at_its_edges(failures, error, rung):
    both = replace(A_FAN_MODEL.targets[0], modes=("bearing_wear", "belt_slip"))
    figures = {"wear_soon.new_assets.brier": error}, {"wear_soon.new_assets.brier_age_only": 0.08}

    ladder = choose_rung(replace(A_FAN_MODEL, targets=(both,)), {"wear_soon": failures}, *figures, watch=True)

    assert ladder.rung == rung


def test_answers_that_are_no_better_than_age_alone_are_named_and_good_ones_are_not():
    baselines = {"wear_soon.new_assets.brier_age_only": 0.08}
    found = {
        error: choose_rung(A_FAN_MODEL, {"wear_soon": 4}, {"wear_soon.new_assets.brier": error}, baselines, watch=True)
        for error in (0.04, 0.08, 0.2)
    }

    assert [list(ladder.unproven) for ladder in found.values()] == [[], ["wear_soon"], ["wear_soon"]]
    assert choose_rung(A_FAN_MODEL, {"wear_soon": 0}, {}, {}, watch=True).unproven == {}


@pytest.mark.parametrize(("sharp", "rung"), [(True, "own model"), (False, "fleet model")])
def test_a_mode_has_its_own_model_only_where_that_beats_the_model_of_all_modes(sharp, rung):
    """Twenty lives, half of each mode; the fleet's answers rise before every failure, the own ones before their mode or hardly."""
    target = A_FAN_MODEL.targets[0]
    any_mode = replace(target, name="any_soon", modes=("bearing_wear", "belt_slip"))
    definition = replace(A_FAN_MODEL, targets=(target, any_mode))
    rows = []
    for number in range(20):
        mine = number % 2 == 0
        for remaining in np.arange(0.0, 1000.0, 24.0):
            near = remaining <= target.horizon
            base = {"question": "new_assets", "asset": f"F-{number}", "position": 1000.0 - remaining, "group": number}
            base |= {"remaining": remaining, "age": 1000.0 - remaining, "life": number}
            own = (0.9 if near and mine else 0.02) if sharp else (0.25 if near else 0.02)
            rows.append(base | {"target": target.name, "observed": mine, "answer": own})
            rows.append(base | {"target": "any_soon", "observed": True, "answer": 0.9 if near else 0.02})
    answers = pd.DataFrame(rows)

    below = fleet_errors(answers, definition)
    own = answers[answers["target"] == target.name]
    known = own["observed"] | (own["remaining"] >= target.horizon)
    truth = (own["observed"] & (own["remaining"] <= target.horizon))[known].astype(float)
    metrics = {"wear_soon.new_assets.brier": float(((own["answer"][known] - truth) ** 2).mean())}
    baselines = {"wear_soon.new_assets.brier_age_only": 0.9, **below}
    failures = {"wear_soon": 10, "any_soon": 20}

    ladder = choose_rung(definition, failures, metrics, baselines, watch=True)

    assert list(below) == ["wear_soon.new_assets.brier_fleet"]
    assert ladder.steps[0].rung == rung
    assert ("no less error than the model of all modes together" in ladder.steps[0].why) is not sharp
