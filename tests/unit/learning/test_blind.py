"""Abstention that is found: failures that held-out answers do not see coming are named, with their interval and what would help."""

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Axis, Costs, FailureMode, ModelDefinition, Target
from pdm.learning.blind import blind_modes

MODES = (
    FailureMode("wear", "Bearing wear", "bearing", mechanism="wear"),
    FailureMode("crack", "Cracked shaft", "shaft", mechanism="fatigue"),
)
SOON = Target("wear_soon", "failure_within", ("wear",), 48.0)
LIFE = Target("life", "remaining_life", ("wear", "crack"), cap=400.0)
AXIS = Axis()
ROWS, STEP = 100, 6.0


def definition(*targets):
    return ModelDefinition("pump", "Pumps", MODES, targets, Costs(100.0, 10.0, 1.0))


def life(asset, target, answer, *, failed=True):
    """The rows of one life of 600 hours with what a model said of them."""
    remaining = STEP * np.arange(ROWS, 0, -1.0)
    return pd.DataFrame(
        {
            "target": target.name,
            "question": "new_assets",
            "asset": f"P-{asset}",
            "position": 1000.0 - remaining,
            "group": asset,
            "remaining": remaining,
            "observed": failed,
            "age": 1000.0 - remaining,
            "life": asset,
            "answer": answer(remaining),
            "low": np.nan,
            "high": np.nan,
        }
    )


def ended(count, mode, item):
    """The table of lives to go with it."""
    return pd.DataFrame(
        {
            "asset": [f"P-{n}" for n in range(count)],
            "maintainable_item": item,
            "end": pd.to_datetime(np.full(count, 1000 * 3_600_000_000), unit="us", utc=True),
            "ended_by": "failure",
            "failure_mode": mode,
        }
    )


def noise(seed):
    random = np.random.default_rng(seed)
    return lambda remaining: random.uniform(0, 0.5, len(remaining))


def knowing(remaining):
    return np.where(remaining <= 48, 0.9, 0.02)


def test_answers_that_save_nothing_name_the_failure_and_what_would_help():
    answers = pd.concat([life(n, SOON, noise(n)) for n in range(8)])

    found = blind_modes(answers, ended(8, "wear", "bearing"), definition(SOON), AXIS, {})

    assert list(found) == ["wear"]
    assert found["wear"].startswith("Bearing wear is not predictable with these sensors: over 8 failures")
    assert "of the error of the average (90 % interval -" in found["wear"]
    assert found["wear"].endswith("Envelope analysis of vibration snapshots, or particles in the oil would help.")


def test_answers_that_know_are_left_alone():
    answers = pd.concat([life(n, SOON, knowing) for n in range(8)])

    assert blind_modes(answers, ended(8, "wear", "bearing"), definition(SOON), AXIS, {}) == {}


def test_age_alone_may_be_what_has_to_be_beaten():
    """All lives are equally long, so that age knows the end better than a model that merely knows a little."""
    little = lambda remaining: np.where(remaining <= 48, 0.3, 0.05)  # noqa: E731 - one line says it
    answers = pd.concat([life(n, SOON, little) for n in range(8)])
    ages = {"wear_soon": {"age_only": {"shape": 200.0, "scale": 1000.0}}}

    alone = blind_modes(answers, ended(8, "wear", "bearing"), definition(SOON), AXIS, {})
    beside = blind_modes(answers, ended(8, "wear", "bearing"), definition(SOON), AXIS, ages)

    assert alone == {}
    assert "of the error of age alone" in beside["wear"]


@pytest.mark.parametrize(("lives", "machines"), [(4, 4), (8, 2)], ids=["four failures", "two machines"])
def test_of_few_failures_nothing_is_claimed(lives, machines):
    answers = pd.concat([life(n, SOON, noise(n)).assign(group=n % machines) for n in range(lives)])

    assert blind_modes(answers, ended(lives, "wear", "bearing"), definition(SOON), AXIS, {}) == {}


def test_one_of_two_modes_that_share_a_target_may_be_blind():
    """The remaining life falls before wear, and says nothing before cracks."""
    random = np.random.default_rng(2)
    falling = lambda remaining: np.minimum(remaining, 400) + random.normal(0, 20, len(remaining))  # noqa: E731
    still = lambda remaining: random.uniform(100, 400, len(remaining))  # noqa: E731
    answers = pd.concat([life(n, LIFE, falling if n < 6 else still) for n in range(12)])
    lives = ended(12, "wear", "bearing")
    lives.loc[6:, ["failure_mode", "maintainable_item"]] = ["crack", "shaft"]

    found = blind_modes(answers, lives, definition(LIFE), AXIS, {})

    assert list(found) == ["crack"]
    assert "before 6 failures nothing rose" in found["crack"]
    assert "Crack testing" in found["crack"]


def test_what_is_declared_is_not_searched_for():
    declared = ModelDefinition(
        "pump",
        "Pumps",
        (FailureMode("wear", "Bearing wear", "bearing", not_predictable="nothing feels it"),),
        (SOON,),
        Costs(100.0, 10.0, 1.0),
    )
    answers = pd.concat([life(n, SOON, noise(n)) for n in range(8)])

    assert blind_modes(answers, ended(8, "wear", "bearing"), declared, AXIS, {}) == {}


def test_no_answers_name_nothing():
    none = life(0, SOON, knowing).head(0)

    assert blind_modes(none, ended(1, "wear", "bearing"), definition(SOON, LIFE), AXIS, {}) == {}
