"""The rung follows from failures on record and skill on machines never seen, and it says why."""

from dataclasses import replace

import pytest

from pdm.learning.ladder import FLEET_FAILURES, OWN_FAILURES, RUNGS, choose_rung, ladder_from
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
