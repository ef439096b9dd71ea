"""The policy as data: the nearest word counts, and delays keep nervous scores from disturbing anybody."""

from datetime import timedelta

import pytest

from pdm.alerts.alert import AlertState
from pdm.alerts.consider import consider
from pdm.alerts.lifecycle import escalate
from pdm.catalogue import Axis, ModePolicy, Policy
from pdm.catalogue.schema_policy import PolicyDocument
from pdm.scoring.assessment import Deviation
from pdm.testing.builders import NOON, an_alert, an_assessment, an_asset

HOUR = timedelta(hours=1)


def run(scores, policy, *, mode="bearing_wear", criticality=3, alert=None, start=0, **changes):
    """An hourly sequence of probabilities."""
    steps = []
    for hour, probability in enumerate(scores, start):
        about = an_assessment(probability=probability, hours=hour, mode=mode, **changes)
        asset = an_asset(criticality=criticality)
        decision = consider(alert, about, about.risks[0], policy, asset, now=NOON + hour * HOUR)
        steps += [one.step for one in decision.transitions]
        alert = decision.alert
    return alert, steps


def test_the_nearest_word_counts():
    policy = Policy(
        raise_at=0.5,
        raise_below=100.0,
        by_criticality={1: 0.3},
        below_by_criticality={1: 200.0},
        modes={"seal_leak": ModePolicy(raise_at=0.7, by_criticality={1: 0.2}, persistence=(1, 1))},
    )

    assert policy.limits("seal_leak", 1).raise_at == 0.2
    assert policy.limits("seal_leak", 3).raise_at == 0.7
    assert policy.limits("bearing_wear", 1).raise_at == 0.3
    assert policy.limits("bearing_wear", 3).raise_at == 0.5
    assert policy.limits("seal_leak", 1).raise_below == 200.0
    assert policy.limits("seal_leak", 3).persistence == (1, 1)


def test_a_mode_of_its_own_limit_is_raised_by_it():
    policy = Policy(raise_at=0.5, persistence=(1, 1), modes={"seal_leak": ModePolicy(raise_at=0.9)})

    assert run([0.8], policy)[1] == ["raise"]
    assert run([0.8], policy, mode="seal_leak")[1] == []


def test_an_on_delay_waits_on_top_of_the_persistence():
    policy = Policy(raise_at=0.4, clear_at=0.2, persistence=(1, 3), on_delay=3.0)

    early, steps = run([0.9, 0.9, 0.9], policy)
    late, raised = run([0.9, 0.9, 0.9, 0.9], policy)

    assert (early.state, steps) == (AlertState.PENDING, [])
    assert (late.state, raised) == (AlertState.UNACKNOWLEDGED, ["raise"])


def test_an_off_delay_counts_from_the_first_moment_at_which_all_limits_are_kept():
    policy = Policy(raise_at=0.4, clear_at=0.2, persistence=(1, 1), off_delay=3.0)
    raised, _ = run([0.9], policy)

    assert run([0.1, 0.1, 0.1], policy, alert=raised, start=1)[1] == []
    assert run([0.1, 0.1, 0.3, 0.1, 0.1, 0.1], policy, alert=raised, start=1)[1] == []
    assert run([0.1, 0.1, 0.1, 0.1], policy, alert=raised, start=1)[1] == ["clear"]


def test_a_deviation_limit_depends_on_criticality_too():
    policy = Policy(persistence=(1, 1), raise_deviation=1.0, deviation_by_criticality={1: 0.8})
    away = Deviation("bearing_wear", 0.9, ("vibration",), "vibration above expected")
    about = an_assessment(probability=0.1, deviations=(away,))

    def raised(criticality):
        asset = an_asset(criticality=criticality)
        return consider(None, about, about.risks[0], policy, asset, now=NOON, deviation=away).alert is not None

    assert raised(1)
    assert not raised(3)


def test_nobody_answers_so_it_is_passed_on_once():
    policy = Policy(escalate_after={1: 8.0})
    alert = an_alert()

    assert escalate(alert, policy, 1, now=NOON + 7 * HOUR).transitions == ()
    assert escalate(alert, policy, 3, now=NOON + 99 * HOUR).transitions == ()
    passed_on = escalate(alert, policy, 1, now=NOON + 8 * HOUR)
    assert [one.step for one in passed_on.transitions] == ["escalate"]
    assert passed_on.alert.state is AlertState.UNACKNOWLEDGED
    assert escalate(passed_on.alert, policy, 1, now=NOON + 99 * HOUR).transitions == ()


def test_what_has_an_owner_is_not_passed_on():
    assert not escalate(an_alert(owner="ada"), Policy(escalate_after={3: 1.0}), 3, now=NOON + 9 * HOUR).transitions


def test_the_file_says_it_as_people_do():
    document = PolicyDocument.model_validate(
        {
            "raise_below": "10d",
            "below_by_criticality": {"1": "14d"},
            "on_delay": "6h",
            "escalate_after": {"1": "8h"},
            "modes": {"seal_leak": {"raise_at": 0.6, "raise_below": "5d", "persistence": [1, 2]}},
        }
    )

    policy = document.build(Axis())

    assert policy.limits("seal_leak", 1).raise_below == 120.0
    assert policy.limits("bearing_wear", 1).raise_below == 336.0
    assert policy.on_delay == 6.0
    assert policy.escalate_after == {1: 8.0}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"modes": {"seal_leak": {"raise_at": 0.2}}}, "'clear_at' of seal_leak"),
        ({"modes": {"seal_leak": {"persistence": [3, 2]}}}, "'persistence' of seal_leak"),
    ],
)
def test_an_upside_down_mode_is_refused(words, says):
    with pytest.raises(ValueError, match=says):
        PolicyDocument.model_validate(words).build(Axis())
