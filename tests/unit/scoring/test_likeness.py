"""What comes first, and which past cases a score resembles."""

from datetime import UTC, datetime, timedelta

import pytest

from pdm.learning.cases import by_channel
from pdm.scoring.assess import assess

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def ask(features, assets, last_readings, recent):
    def _ask(bundle, **changes):
        values = {
            "assets": assets,
            "last_readings": last_readings,
            "equipment": dict.fromkeys(assets, "running"),
            "recent": recent,
            "now": NOW,
            "stale_after": timedelta(hours=24),
        }
        return {item.asset: item for item in assess(bundle, features, **values | changes)}

    return _ask


@pytest.fixture
def cases(make_bundle, features):
    """A worn machine, a leaking one and a sound look-alike of the first, with the vectors that this model gives such rows."""
    bundle = make_bundle("wear")
    owners = [bundle.sentences[name].channel or name for name in bundle.feature_names]
    matrix = features[list(bundle.feature_names)].to_numpy()
    channels, vectors = by_channel(owners, bundle.predictor.contributions(matrix, "wear_soon")[:, :-1])
    told = [
        ("P-9", "wear", vectors[0]),
        ("P-1", "wear", vectors[0]),
        ("P-8", "", vectors[0] * 0.8),
        ("P-7", "leak", vectors[1]),
    ]
    return {
        "wear_soon": {
            "channels": list(channels),
            "cases": [
                {"asset": tag, "at": "2025-01-01T00:00:00+00:00", "mode": mode, "lead": 30.0, "effects": list(vector)}
                for tag, mode, vector in told
            ],
        }
    }


def test_modes_asked_within_one_horizon_race_and_their_chances_add_up(make_bundle, ask):
    worn = ask(make_bundle("wear", "same"))["P-1"]
    any_failure = 1 - (1 - worn.risks[0].probability) * (1 - worn.risks[1].probability)

    assert [risk.mode for risk in worn.first] == ["wear", "leak"]
    assert sum(risk.probability for risk in worn.first) == pytest.approx(any_failure)
    assert all(first.probability < alone.probability for first, alone in zip(worn.first, worn.risks, strict=True))


def test_modes_asked_within_different_horizons_do_not_race(make_bundle, ask):
    assert ask(make_bundle("wear", "leak"))["P-1"].first == ()


def test_a_score_is_likened_to_the_nearest_cases_but_never_to_its_own_machine(make_bundle, ask, cases):
    found = ask(make_bundle("wear", cases=cases))["P-1"].similar

    assert [(one.asset, one.mode) for one in found] == [("P-9", "wear"), ("P-8", ""), ("P-7", "leak")]
    assert found[0].likeness == 1.0
    assert found[0].likeness > found[1].likeness > found[2].likeness
    assert (found[0].lead, found[0].unit) == (30.0, "h")


def test_a_model_without_cases_and_a_round_without_reasons_liken_nothing(make_bundle, ask, cases):
    assert ask(make_bundle("wear"))["P-1"].similar == ()
    assert ask(make_bundle("wear", cases=cases), explain=False)["P-1"].similar == ()


def test_cases_of_other_channels_are_left_alone(make_bundle, ask, cases):
    part = cases["wear_soon"]
    part["channels"] = ["flow", *part["channels"][1:]]

    assert ask(make_bundle("wear", cases=cases))["P-1"].similar == ()
