"""Which failure modes an assessment speaks about."""

from pdm.alerts.alert import UNSPECIFIED
from pdm.alerts.suspicion import suspicions
from pdm.scoring.assessment import Deviation, Risk
from pdm.testing.builders import an_assessment


def test_a_mode_with_two_horizons_is_one_suspicion_at_its_worst():
    risks = (Risk("wear", 24, "h", 0.2), Risk("wear", 336, "h", 0.6))

    found = suspicions(an_assessment(risks=risks))

    assert [one.risk for one in found] == [risks[1]]


def test_a_model_that_only_knows_remaining_life_suspects_something_unspecified():
    found = suspicions(an_assessment(risks=(), life=100.0))

    assert [(one.risk.mode, one.counts_life) for one in found] == [(UNSPECIFIED, True)]


def test_an_assessment_without_an_answer_suspects_nothing():
    assert suspicions(an_assessment(risks=())) == ()


def test_remaining_life_stays_with_the_open_alert_when_probabilities_change_places():
    risks = (Risk("wear", 24, "h", 0.2), Risk("leak", 24, "h", 0.3))

    fresh = {one.risk.mode: one.counts_life for one in suspicions(an_assessment(risks=risks))}
    held = {one.risk.mode: one.counts_life for one in suspicions(an_assessment(risks=risks), {"wear"})}

    assert fresh == {"wear": False, "leak": True}
    assert held == {"wear": True, "leak": False}


def test_a_deviation_is_a_suspicion_of_its_own_mode_even_without_any_probability():
    away = Deviation("wear", 1.3, ("vibration",), "vibration above expected")

    (one,) = suspicions(an_assessment(risks=(), deviations=(away,)))

    assert (one.risk.mode, one.risk.probability, one.deviation) == ("wear", 0.0, away)


def test_a_deviation_stands_beside_the_probability_of_its_mode():
    risk, away = Risk("wear", 336, "h", 0.2), Deviation("wear", 1.3)

    (one,) = suspicions(an_assessment(risks=(risk,), deviations=(away,)))

    assert (one.risk, one.deviation) == (risk, away)


def test_a_deviation_without_a_name_stays_with_the_open_alert_that_has_one():
    away = Deviation(UNSPECIFIED, 1.3)
    about = an_assessment(risks=(), deviations=(away,))

    assert [one.risk.mode for one in suspicions(about)] == [UNSPECIFIED]
    assert [one.risk.mode for one in suspicions(about, {"wear"})] == ["wear"]
    assert [one.risk.mode for one in suspicions(about, {"wear", UNSPECIFIED})] == [UNSPECIFIED]
