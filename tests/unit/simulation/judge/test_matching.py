"""Which alert counts for which failure: the failure of P-1 begins on day 50 and comes on day 100; five days are needed to act."""

import pytest

from pdm.errors import ColumnsError, InputError
from pdm.simulation.judge import Period, Terms, alert_table, judge


@pytest.fixture
def truth(hand):
    return hand.truth(hand.failure("P-1", onset=50, failure=100))


def kinds(hand, truth, *alerts, **options):
    return judge(truth, alert_table(list(alerts)), hand.year, **options).alerts["kind"].tolist()


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (48.9, "false"),  # before the tolerance of a day
        (49.0, "early"),
        (69.9, "early"),  # thirty days and more before the failure
        (70.0, "in time"),
        (95.0, "in time"),  # the last moment: three days of planning, two for parts
        (95.01, "late"),
        (101.0, "late"),
        (101.1, "false"),
    ],
)
def test_an_alert_is_what_its_moment_makes_it(hand, truth, raised, kind):
    assert kinds(hand, truth, hand.alert("P-1", raised)) == [kind]


def test_an_alert_on_another_asset_is_false(hand, truth):
    assert kinds(hand, truth, hand.alert("P-2", 80)) == ["false"]


def test_an_alert_of_the_right_mode_counts_and_one_of_another_mode_does_not(hand, truth):
    assert kinds(hand, truth, hand.alert("P-1", 80, mode="bearing_wear")) == ["in time"]
    assert kinds(hand, truth, hand.alert("P-1", 80, mode="seal_leak")) == ["wrong mode"]


def test_a_second_alert_about_a_failure_is_a_repeat(hand, truth):
    alerts = [hand.alert("P-1", 60, closed=65), hand.alert("P-1", 80), hand.alert("P-1", 97, mode="bearing_wear")]

    assert kinds(hand, truth, *alerts) == ["early", "repeat", "repeat"]


def test_false_alerts_in_quick_succession_are_one_episode(hand, truth):
    alerts = [hand.alert("P-2", 10, closed=12), hand.alert("P-2", 26, closed=27), hand.alert("P-2", 41.1, closed=42)]

    assert kinds(hand, truth, *alerts) == ["false", "repeat", "false"]


def test_false_alerts_of_two_modes_are_two_episodes(hand, truth):
    alerts = [hand.alert("P-2", 10, closed=12), hand.alert("P-2", 11, closed=12, mode="seal_leak")]

    assert kinds(hand, truth, *alerts) == ["false", "false"]


def test_an_alert_that_stays_open_holds_its_episode_open(hand, truth):
    assert kinds(hand, truth, hand.alert("P-2", 10), hand.alert("P-2", 300)) == ["false", "repeat"]


def test_a_false_alert_does_not_take_the_credit_of_the_one_after_it(hand, truth):
    assert kinds(hand, truth, hand.alert("P-1", 45, closed=48), hand.alert("P-1", 52)) == ["false", "early"]


def test_one_alert_counts_for_one_failure_and_the_next_for_the_other(hand):
    seal = hand.failure("P-1", onset=50, failure=120, failure_mode="seal_leak", item="seal")
    truth = hand.truth(hand.failure("P-1", onset=50, failure=100), seal)

    verdicts = judge(truth, alert_table([hand.alert("P-1", 90), hand.alert("P-1", 91)]), hand.year)

    assert verdicts.alerts["failure_id"].tolist() == ["P-1/100", "P-1/120"]
    assert verdicts.alerts["kind"].tolist() == ["in time", "in time"]


def test_an_alert_goes_to_the_failure_that_it_names(hand):
    seal = hand.failure("P-1", onset=50, failure=120, failure_mode="seal_leak", item="seal")
    truth = hand.truth(hand.failure("P-1", onset=50, failure=100), seal)

    verdicts = judge(truth, alert_table([hand.alert("P-1", 90.5, mode="seal_leak")]), hand.year)

    assert verdicts.alerts["failure_id"].tolist() == ["P-1/120"]


def test_after_somebody_else_has_ended_the_life_no_alert_counts_any_more(hand):
    truth = hand.truth(hand.failure("P-1", onset=50, failure=100, ended_at=80, ended_by="condition"))

    assert kinds(hand, truth, hand.alert("P-1", 80)) == ["in time"]
    assert kinds(hand, truth, hand.alert("P-1", 80.5)) == ["late"]
    assert kinds(hand, truth, hand.alert("P-1", 82)) == ["false"]


def test_a_failure_without_any_precursor_can_only_be_met_late(hand):
    truth = hand.truth(hand.failure("P-1", onset=100, failure=100, precursor="none", detectable_from=None))

    assert kinds(hand, truth, hand.alert("P-1", 99.5)) == ["late"]
    assert kinds(hand, truth, hand.alert("P-1", 94)) == ["false"]


def test_a_horizon_may_belong_to_a_class(hand, truth):
    terms = Terms(horizons={"pump": (hand.day(10) - hand.day(0))})

    assert kinds(hand, truth, hand.alert("P-1", 80), terms=terms) == ["early"]


def test_alerts_outside_the_period_are_not_judged(hand, truth):
    period = Period(hand.day(60), hand.day(90))

    verdicts = judge(truth, alert_table([hand.alert("P-1", 58, closed=59), hand.alert("P-1", 91)]), period)

    assert verdicts.alerts.empty


def test_an_alert_that_stands_when_the_period_begins_is_raised_in_its_first_moment(hand, truth):
    period = Period(hand.day(60), hand.day(90))

    verdicts = judge(truth, alert_table([hand.alert("P-1", 40, closed=70), hand.alert("P-2", 59)]), period)

    assert verdicts.alerts["kind"].tolist() == ["early", "false"]
    assert set(verdicts.alerts["raised_at"].dt.floor("s")) == {hand.day(60)}


def test_pending_alerts_were_never_raised(hand):
    assert alert_table([hand.alert("P-1", None)]).empty


def test_alerts_without_an_asset_are_refused_by_name():
    with pytest.raises(ColumnsError, match="asset"):
        alert_table([{"raised_at": "2026-01-01T00:00Z"}])


def test_a_period_cannot_end_before_it_begins(hand):
    with pytest.raises(InputError, match="before it begins"):
        Period(hand.day(2), hand.day(1))
