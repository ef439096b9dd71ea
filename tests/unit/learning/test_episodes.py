import numpy as np
import pytest

from pdm.catalogue import Policy
from pdm.learning.episodes import count_alerts, judge_episodes, seen_lives
from pdm.learning.targets import Labels

POLICY = Policy(raise_at=0.5, clear_at=0.25, persistence=(2, 3))


def one_machine(probability, *, fails_at=None, start=0, asset=0):
    """Hourly answers of one machine; its life ends in failure at `fails_at`, or is still open."""
    at = np.arange(start, start + len(probability), dtype=float)
    end = at[-1] if fails_at is None else fails_at
    remaining = np.where(at <= end, end - at, np.nan)
    labels = Labels(remaining, (at <= end) & (fails_at is not None), at, np.where(at <= end, 7, -1))
    return np.array(probability), at, np.full(len(at), asset), labels


def count(probability, policy=POLICY, minimum_lead=0.0, **machine):
    return count_alerts(
        *one_machine(probability, **machine), policy, horizon=10.0, per_year=8766.0, minimum_lead=minimum_lead
    )


def test_an_episode_begins_only_when_it_persists():
    assert count([0.1] * 5 + [0.9] + [0.1] * 20).episodes == 0
    assert count([0.1] * 5 + [0.9, 0.9] + [0.1] * 20).episodes == 1


def test_a_failure_with_an_episode_inside_the_horizon_is_found_once():
    counted = count([0.1] * 12 + [0.8] * 3 + [0.1] * 2 + [0.8] * 4, fails_at=20)

    assert (counted.failures, counted.found, counted.episodes, counted.false) == (1, 1, 2, 0)
    assert counted.leads == (7.0,)
    assert counted.recall == 1.0


def test_an_episode_long_before_any_failure_is_false():
    counted = count([0.1] * 3 + [0.8] * 3 + [0.1] * 30, fails_at=35)

    assert (counted.found, counted.false, counted.early) == (0, 1, 0)


def test_an_early_episode_that_still_stands_at_the_failure_is_not_false():
    counted = count([0.1] * 3 + [0.8] * 33, fails_at=35)

    assert (counted.found, counted.false, counted.early, counted.warned) == (0, 0, 1, 1)


def test_an_episode_that_history_has_not_judged_yet_is_undecided():
    counted = count([0.1] * 30 + [0.8] * 5)

    assert (counted.false, counted.undecided, counted.failures) == (0, 1, 0)
    assert np.isnan(counted.recall)


def test_a_warning_below_the_minimum_lead_does_not_count_as_found():
    answers = [0.1] * 17 + [0.8] * 4

    assert count(answers, fails_at=20).found == 1
    assert count(answers, fails_at=20, minimum_lead=3.0).found == 0


def test_hysteresis_keeps_one_episode_together():
    assert count([0.1] * 3 + [0.8, 0.8, 0.4, 0.3, 0.8, 0.8] + [0.1] * 20).episodes == 1
    assert count([0.1] * 3 + [0.8, 0.8, 0.4, 0.2, 0.8, 0.8] + [0.1] * 20).episodes == 2


def test_persistence_does_not_reach_from_one_machine_into_the_next():
    first, second = one_machine([0.1] * 20 + [0.9]), one_machine([0.9] + [0.1] * 20, asset=1)
    labels = Labels(
        *(
            np.concatenate([getattr(first[3], name), getattr(second[3], name)])
            for name in ("remaining", "observed", "age", "life")
        )
    )
    joined = [np.concatenate([a, b]) for a, b in zip(first[:3], second[:3], strict=True)]

    assert count_alerts(*joined, labels, POLICY, horizon=10.0, per_year=8766.0).episodes == 0


def test_false_alerts_are_counted_per_asset_year():
    counted = count([0.1] * 3 + [0.8] * 3 + [0.1] * 95)

    assert counted.years == pytest.approx(100 / 8766)
    assert counted.false_per_year == pytest.approx(1 / counted.years)


def test_the_first_alert_that_is_not_false_has_the_item_repaired_after_the_planning_time():
    # One life of 100: a false alert at 10, a true one at 80; planning takes 5, so the repair comes 15 before the end
    positions = np.arange(0.0, 101.0)
    chance = np.where(positions == 10, 0.9, np.where(positions >= 80, 0.9, 0.0))
    rows = len(positions)
    labels = Labels(100 - positions, np.ones(rows, dtype=bool), positions, np.zeros(rows, dtype=np.int64))
    policy = Policy(raise_at=0.5, clear_at=0.25, persistence=(1, 1))
    found = judge_episodes(chance, positions, np.zeros(rows, dtype=np.int64), labels, policy, horizon=30.0)

    lives = seen_lives(found, labels, planning_time=5.0)

    assert (lives.entry.tolist(), lives.end.tolist(), lives.failed.tolist()) == ([0], [100], [True])
    assert lives.repaired_before.tolist() == [15.0]
    assert lives.false_alerts.tolist() == [1.0]
    assert np.isnan(seen_lives(found, labels, planning_time=21.0).repaired_before).all()
