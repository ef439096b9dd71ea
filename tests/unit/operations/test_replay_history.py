"""History that happens again: the same answers as at the time, only faster."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.clock import ManualClock
from pdm.operations.replay_history import replay_history
from pdm.operations.score_fleet import assess_class
from pdm.readings.registry import Asset, register
from pdm.replay.timeline import moments

DAYS = 12
STEP = timedelta(hours=31)


@pytest.fixture
def replayed(watched, put_in_charge):
    put_in_charge()
    start = watched.clock.now() - timedelta(days=DAYS)
    register(watched.history, [Asset("P-7", "pump")], now=start)
    return replay_history(watched, start, watched.clock.now(), every=STEP)


def test_every_answer_of_a_replay_is_the_one_that_was_given_at_that_moment(watched, replayed):
    with watched.unit_of_work() as work:
        stored = {
            (found.asset, found.as_of): found
            for tag in [f"P-{n}" for n in range(1, 8)]
            for found in work.assessments.history(tag, replayed.start, replayed.end)
        }
    asked = [
        assessment
        for moment in moments(replayed.start, replayed.end, STEP)
        for assessment in assess_class(replace(watched, clock=ManualClock(moment)), "pump")
    ]

    assert replayed.rounds == 10
    assert len(asked) == 7 * replayed.rounds
    assert stored == {(assessment.asset, assessment.as_of): assessment for assessment in asked}
    assert {found.data for found in stored.values()} == {"fresh", "stale", "no data", "bad quality"}
    assert sum(bool(found.risks) for found in stored.values()) > 3 * replayed.rounds


def test_what_a_replay_raises_bears_the_times_of_the_replay(watched, replayed):
    with watched.unit_of_work() as work:
        alerts = work.alerts.list()

    assert replayed.assessed == 8 * replayed.rounds
    assert replayed.raised > 0
    assert len(alerts) >= replayed.cases > 0
    assert all(replayed.start <= alert.first_seen <= replayed.end for alert in alerts)
    assert replayed.requests >= replayed.cases


def test_the_plant_itself_keeps_its_history_and_its_clock(watched, put_in_charge):
    put_in_charge()
    versions = {name: watched.history.version(name) for name in watched.history.names()}
    now = watched.clock.now()
    replay_history(watched, now - timedelta(days=1), now, every=timedelta(days=1))

    assert {name: watched.history.version(name) for name in watched.history.names()} == versions
    assert watched.clock.now() == now


def test_history_happens_again_where_no_asset_was_silent_yet_and_where_none_had_spoken(watched, put_in_charge):
    put_in_charge()
    end = watched.clock.now() - timedelta(days=33)

    assert replay_history(watched, end - timedelta(days=1), end, every=timedelta(days=1)).assessed == 14
    assert replay_history(watched, end - timedelta(days=90), end - timedelta(days=89), every=STEP).raised == 0
