"""Which failure modes an assessment speaks about."""

from dataclasses import replace

from pdm.alerts.alert import UNSPECIFIED
from pdm.alerts.suspicion import suspicions
from pdm.catalogue import ModePolicy, Policy
from pdm.scoring.assessment import Deviation, Risk
from pdm.testing.builders import a_remaining_life, an_assessment


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


def test_what_the_model_abstains_from_is_no_suspicion_and_the_others_go_on():
    risks = (Risk("wear", 24, "h", 0.9, abstained=True), Risk("leak", 24, "h", 0.3), Risk(UNSPECIFIED, 24, "h", 0.4))

    found = suspicions(an_assessment(risks=risks), policy=Policy())

    assert {one.risk.mode for one in found} == {"leak", UNSPECIFIED}


def test_a_policy_may_want_to_hear_it_all_the_same_for_the_class_or_for_one_mode():
    risks = (Risk("wear", 24, "h", 0.9, abstained=True), Risk("leak", 24, "h", 0.8, abstained=True))
    one_mode = Policy(modes={"leak": ModePolicy(raise_abstained=True)})
    all_but_one = Policy(raise_abstained=True, modes={"leak": ModePolicy(raise_abstained=False)})

    assert {one.risk.mode for one in suspicions(an_assessment(risks=risks), policy=one_mode)} == {"leak"}
    assert {one.risk.mode for one in suspicions(an_assessment(risks=risks), policy=all_but_one)} == {"wear"}


def test_the_watch_list_speaks_of_a_mode_that_the_model_abstains_from():
    away = Deviation("wear", 1.3, ("vibration",), "vibration above expected")
    risks = (Risk("wear", 24, "h", 0.9, abstained=True),)

    (one,) = suspicions(an_assessment(risks=risks, deviations=(away,)), policy=Policy())

    assert (one.risk.mode, one.risk.probability, one.deviation) == ("wear", 0.0, away)


def test_a_remaining_life_that_the_model_abstains_from_is_nobodys_business():
    life = replace(a_remaining_life(100.0), abstained=True)
    alone = an_assessment(risks=(Risk("wear", 24, "h", 0.9, abstained=True),), remaining_life=life)
    beside = an_assessment(risks=(Risk("leak", 24, "h", 0.3),), remaining_life=life)

    assert suspicions(alone, policy=Policy()) == ()
    assert [(one.risk.mode, one.counts_life) for one in suspicions(beside, policy=Policy())] == [("leak", False)]
    assert any(one.counts_life for one in suspicions(beside, policy=Policy(raise_abstained=True)))
