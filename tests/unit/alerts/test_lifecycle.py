"""The life of an alert, step by step, and what no sequence of scores and people may break."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdm.alerts import lifecycle
from pdm.alerts.alert import OPEN_STATES, AlertState
from pdm.alerts.consider import consider
from pdm.alerts.lifecycle import TRANSITIONS, expire, shelve, step
from pdm.catalogue import Policy
from pdm.errors import IllegalTransition, InputError
from pdm.scoring.assessment import Deviation, Risk
from pdm.testing.builders import NOON, a_remaining_life, an_alert, an_assessment, an_asset

POLICY = Policy(raise_at=0.4, clear_at=0.2, persistence=(2, 3))
HOUR = timedelta(hours=1)


def run(scores, *, policy=POLICY, alert=None, asset=None, start=0, **changes):
    """Let an hourly sequence of probabilities pass; the alert and all steps taken."""
    steps = []
    for hour, probability in enumerate(scores, start):
        assessment = an_assessment(probability=probability, hours=hour, **changes)
        decision = consider(alert, assessment, assessment.risks[0], policy, asset or an_asset(), now=NOON + hour * HOUR)
        steps += [transition.step for transition in decision.transitions]
        alert = decision.alert
    return alert, steps


def test_one_high_score_disturbs_nobody():
    alert, steps = run([0.1, 0.9])

    assert alert.state is AlertState.PENDING
    assert steps == []


def test_two_of_three_high_scores_raise():
    alert, steps = run([0.9, 0.1, 0.8])

    assert alert.state is AlertState.UNACKNOWLEDGED
    assert steps == ["raise"]
    assert alert.raised_at == NOON + 2 * HOUR
    assert alert.peak_probability == 0.9
    assert alert.evidence["contributions"][0]["channel"] == "vibration"


def test_a_single_score_is_enough_where_the_policy_says_so():
    alert, _ = run([0.9], policy=replace(POLICY, persistence=(1, 2)))

    assert alert.state is AlertState.UNACKNOWLEDGED


def test_what_is_not_seen_again_lapses_without_a_word():
    alert, steps = run([0.9, 0.1, 0.1, 0.1])

    assert alert.state is AlertState.CLOSED
    assert alert.raised_at is None
    assert steps == ["lapse"]


def test_inside_the_dead_band_an_alert_stays():
    alert, _ = run([0.9, 0.9, 0.3, 0.3, 0.3, 0.3])

    assert alert.state is AlertState.UNACKNOWLEDGED


def test_a_score_that_goes_back_leaves_the_alert_waiting_for_an_answer():
    alert, steps = run([0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1])

    assert alert.state is AlertState.RETURNED
    assert steps == ["raise", "clear"]


def test_an_acknowledged_alert_does_not_heal_either():
    raised, _ = run([0.9, 0.9])
    alert, _ = run([0.1] * 4, alert=step(raised, "acknowledge", now=NOON), start=2)

    assert alert.state is AlertState.RETURNED


def test_a_retrip_of_a_returned_alert_opens_the_same_one_again():
    alert, steps = run([0.9, 0.9, 0.1, 0.1, 0.1, 0.9, 0.9])

    assert alert.state is AlertState.UNACKNOWLEDGED
    assert steps == ["raise", "clear", "retrip"]
    assert alert.raised_at == NOON + HOUR


def test_after_closing_a_new_alert_is_marked_as_a_repeat():
    closed = replace(an_alert(), state=AlertState.CLOSED, closed_at=NOON)
    assessment = an_assessment(probability=0.9, hours=1)

    decision = consider(
        None, assessment, assessment.risks[0], POLICY, an_asset(), now=assessment.as_of, last_closed=closed
    )

    assert decision.alert.repeat_of == closed.id
    assert decision.alert.id != closed.id


def test_an_assessment_from_before_the_closing_raises_nothing():
    closed = replace(an_alert(), state=AlertState.CLOSED, closed_at=NOON + 5 * HOUR)
    assessment = an_assessment(probability=0.9, hours=5)

    decision = consider(
        None, assessment, assessment.risks[0], POLICY, an_asset(), now=assessment.as_of, last_closed=closed
    )

    assert decision.alert is None


def test_the_same_assessment_twice_changes_nothing():
    once, _ = run([0.9])
    twice, steps = run([0.9], alert=once)

    assert twice == once
    assert steps == []


@pytest.mark.parametrize(
    "changes",
    [
        {"data": "stale"},
        {"data": "no data"},
        {"data": "bad quality"},
        {"model": "error"},
        {"equipment": "standby"},
        {"equipment": "transient"},
        {"equipment": "stopped"},
    ],
)
def test_what_says_nothing_neither_raises_nor_clears(changes):
    silent, steps = run([0.99] * 5, **changes)
    raised, _ = run([0.9, 0.9])
    kept, _ = run([0.0] * 5, alert=raised, start=2, **changes)

    assert silent is None
    assert steps == []
    assert kept == raised


def test_an_exclusion_interval_suppresses():
    assessment = an_assessment(probability=0.99)
    policy = replace(POLICY, persistence=(1, 1))

    decision = consider(None, assessment, assessment.risks[0], policy, an_asset(), now=NOON, suppressed=True)

    assert decision.alert is None


def test_a_critical_asset_disturbs_earlier():
    policy = replace(POLICY, by_criticality={1: 0.25})

    critical, _ = run([0.3, 0.3], policy=policy, asset=an_asset(criticality=1))
    ordinary, _ = run([0.3, 0.3], policy=policy)

    assert critical.state is AlertState.UNACKNOWLEDGED
    assert ordinary is None


def test_a_short_remaining_life_raises_at_any_probability():
    policy = replace(POLICY, raise_below=240.0)

    short, _ = run([0.1, 0.1], policy=policy, life=200.0)
    long, _ = run([0.1, 0.1], policy=policy, life=300.0)
    at_cap, _ = run([0.1, 0.1], policy=policy, remaining_life=replace(a_remaining_life(100.0), at_cap=True))

    assert short.state is AlertState.UNACKNOWLEDGED
    assert long is None
    assert at_cap is None


def test_a_remaining_life_just_above_the_limit_clears_nothing():
    policy = replace(POLICY, raise_below=240.0)
    raised, _ = run([0.1, 0.1], policy=policy, life=200.0)

    kept, _ = run([0.1] * 4, policy=policy, life=250.0, alert=raised, start=2)
    returned, _ = run([0.1] * 4, policy=policy, life=400.0, alert=raised, start=2)

    assert kept.state is AlertState.UNACKNOWLEDGED
    assert returned.state is AlertState.RETURNED


def test_a_shelved_alert_keeps_counting_and_comes_back_unacknowledged():
    raised, _ = run([0.9, 0.9])
    shelved = shelve(raised, until=NOON + 5 * HOUR, reason="stop planned", now=NOON + 2 * HOUR)

    quiet, _ = run([0.95, 0.95], alert=shelved, start=3)
    back, steps = run([0.9], alert=quiet, start=5)

    assert quiet.state is AlertState.SHELVED
    assert quiet.peak_probability == 0.95
    assert back.state is AlertState.UNACKNOWLEDGED
    assert back.shelved_until is None
    assert steps == ["expire"]


@pytest.mark.parametrize("until", [NOON, NOON - HOUR, NOON + timedelta(days=93)])
def test_shelving_needs_an_expiry_that_comes(until):
    with pytest.raises(InputError, match="92 days"):
        shelve(an_alert(), until=until, reason="why not", now=NOON)


def test_shelving_needs_a_reason():
    with pytest.raises(InputError, match="reason"):
        shelve(an_alert(), until=NOON + HOUR, reason=" ", now=NOON)


def test_every_step_that_is_not_in_the_table_is_refused_with_the_current_state():
    steps = {name for _, name in TRANSITIONS}
    for state in AlertState:
        for name in steps - {known for source, known in TRANSITIONS if source is state}:
            with pytest.raises(IllegalTransition, match=f"is {state}"):
                step(an_alert(state=state), name, now=NOON)


def test_nothing_leaves_a_closed_alert():
    assert not [source for source, _ in TRANSITIONS if source is AlertState.CLOSED]
    assert lifecycle.allowed(AlertState.CLOSED) == ()


SCORES = st.floats(0, 1)
PEOPLE = st.sampled_from(["acknowledge", "claim", "release", "unshelve", "close", "shelve"])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.one_of(SCORES, PEOPLE), max_size=40))
def test_whatever_happens_one_suspicion_has_one_open_alert_and_shelving_ends(happenings):
    store, now = {}, NOON
    for hour, happening in enumerate(happenings):
        now = NOON + hour * HOUR
        alive = [alert for alert in store.values() if alert.state is not AlertState.CLOSED]
        assert len(alive) <= 1
        alert = alive[0] if alive else None
        if isinstance(happening, float):
            closed = max(
                (one for one in store.values() if one.raised_at and one.closed_at),
                key=lambda one: one.closed_at,
                default=None,
            )
            assessment = an_assessment(probability=happening, hours=hour)
            alert = consider(
                alert, assessment, assessment.risks[0], POLICY, an_asset(), now=now, last_closed=closed
            ).alert
        elif alert is not None:
            try:
                if happening == "shelve":
                    alert = shelve(alert, until=now + 3 * HOUR, reason="later", now=now)
                else:
                    alert = step(alert, happening, now=now)
            except IllegalTransition:
                continue
        if alert is not None:
            store[alert.id] = alert
            assert (alert.state is AlertState.SHELVED) == (alert.shelved_until is not None)
            assert alert.state not in OPEN_STATES or alert.raised_at is not None

    for alert in store.values():
        assert expire(alert, now=now + 3 * HOUR).alert.state is not AlertState.SHELVED


def watch(levels, *, policy=POLICY, alert=None, start=0):
    """Let an hourly sequence of deviation levels pass, with nothing else known."""
    steps = []
    for hour, level in enumerate(levels, start):
        away = Deviation("unspecified", level, ("vibration",), "vibration 2 mm/s above expected")
        assessment = an_assessment(hours=hour, risks=(), deviations=(away,))
        nothing = Risk("unspecified", 0.0, "h", 0.0)
        decision = consider(alert, assessment, nothing, policy, an_asset(), now=NOON + hour * HOUR, deviation=away)
        steps += [transition.step for transition in decision.transitions]
        alert = decision.alert
    return alert, steps


def test_a_deviation_over_its_limit_raises_without_any_probability():
    alert, steps = watch([0.4, 1.1, 1.2])

    assert steps == ["raise"]
    assert alert.deviation == "vibration 2 mm/s above expected"


def test_a_deviation_clears_below_its_dead_band_only():
    raised, _ = watch([1.1, 1.2])

    assert watch([0.7] * 4, alert=raised, start=2)[1] == []
    assert watch([0.3] * 4, alert=raised, start=2)[1] == ["clear"]


def test_a_policy_may_leave_the_watch_list_out():
    alert, steps = watch([5.0] * 4, policy=replace(POLICY, raise_deviation=0.0))

    assert alert is None
    assert steps == []
