"""Many moments of the past at once: the same answers as one by one, and the same decisions as were made live, late data included."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from pdm.alerts.read_suppressions import read_suppressions
from pdm.catalogue import Catalogue, Policy
from pdm.clock import ManualClock
from pdm.operations.exclude_interval import exclude_interval
from pdm.operations.score_fleet import assess_class, score_fleet
from pdm.operations.score_history import score_history
from pdm.readings.registry import read_assets
from pdm.readings.store import ReadingStore
from pdm.replay.decisions import replay_policy
from pdm.replay.held import HeldReadings
from pdm.replay.timeline import moments

DAYS = 12
STEP = timedelta(hours=31)
POLICY = Policy(raise_at=0.4, clear_at=0.3, persistence=(2, 3), off_delay=24.0, quiet_after_work=12.0)


@pytest.fixture
def asked(watched, put_in_charge):
    """Moments over the last days; in between, readings arrive late and somebody marks a stop."""
    put_in_charge()
    now = watched.clock.now()
    late = pd.date_range(now - timedelta(days=9), now - timedelta(days=8), freq="1h").as_unit("us")
    rows = pd.DataFrame({"asset": "P-3", "time": late, "speed": 1500.0, "vibration": 9.0})
    rows["recorded_at"] = rows["time"] + timedelta(days=2)
    ReadingStore(watched.history).merge(watched.catalogue.classes["pump"], rows, source="late", recorded_at=None)
    models = {name: replace(model, policy=POLICY) for name, model in watched.catalogue.models.items()}
    plant = replace(watched, catalogue=Catalogue(watched.catalogue.classes, models))
    return plant, list(moments(now - timedelta(days=DAYS), now, STEP))


def test_many_moments_at_once_give_what_each_gives_alone(asked):
    plant, at = asked

    found = [one for _, some in score_history(plant, at, classes=["pump"]) for one in some]

    alone = [one for now in at for one in assess_class(replace(plant, clock=ManualClock(now)), "pump")]
    assert found == alone
    assert sum(bool(one.contributions) for one in found) > len(at)


def test_what_is_recorded_later_reaches_no_earlier_moment(asked):
    plant, at = asked

    with_future = list(score_history(plant, at, classes=["pump"], explain=False))[:5]
    without = list(score_history(plant, at[:5], classes=["pump"], explain=False))

    assert with_future == without


def test_without_reasons_only_the_reasons_are_missing(asked):
    plant, at = asked

    with_reasons = [one for _, some in score_history(plant, at[:3], classes=["pump"]) for one in some]
    without = [one for _, some in score_history(plant, at[:3], classes=["pump"], explain=False) for one in some]

    assert [replace(one, contributions=(), features={}) for one in with_reasons] == without


def test_a_logged_period_replays_to_the_live_decisions_late_data_included(asked):
    plant, at = asked
    clock = ManualClock(at[0])
    live = replace(plant, clock=clock)
    for number, now in enumerate(at):
        clock.set(now)
        for tag in ("P-1", "P-2", "P-5", "P-6") if number == 6 else ():
            exclude_interval(live, asset=tag, start=now, end=now + STEP, reason="planned stop", by="ada")
        score_fleet(live)
    with live.unit_of_work() as work:
        log = sorted(work.audit.list(limit=1000), key=lambda entry: entry.seq)
        stored = {
            now: [one for tag in read_assets(plant.history) for one in work.assessments.history(tag, now, now)]
            for now in at
        }
    verbs = ("raise", "clear", "retrip", "suppress", "resume", "escalate")
    decided = [(one.at, one.subject.removeprefix("alert:"), one.verb) for one in log if one.verb in verbs]

    policies = {name: model.policy for name, model in plant.catalogue.models.items()}
    suppressed = read_suppressions(live.history, live.catalogue.models, read_assets(plant.history))
    for rounds in (stored.items(), score_history(live, at)):
        again = replay_policy(rounds, policies, read_assets(plant.history), suppressed=suppressed, answer_after=None)
        steps = [(one.at, one.alert, one.step) for one in again.steps if one.step in verbs]
        assert sorted(steps) == sorted(decided)
    assert {verb for *_, verb in decided} >= {"raise", "suppress", "resume"}


def test_readings_held_in_memory_answer_as_the_store_does(watched):
    asset_class, now = watched.catalogue.classes["pump"], watched.clock.now()
    held, store = HeldReadings(watched.history), ReadingStore(watched.history)
    tags = ["P-1", "P-3", "P-6", "P-9"]

    for hours in (0, 30, 700):
        known = now - timedelta(hours=hours)
        since = known - timedelta(days=3)
        for mine, theirs in (
            (held.scan(asset_class, assets=tags, start=since, known_at=known),
             store.scan(asset_class, assets=tags, start=since, known_at=known)),
            (held.last(asset_class, known_at=known), store.last(asset_class, known_at=known)),
            *zip(held.recent(asset_class, since, assets=tags, known_at=known),
                 store.recent(asset_class, since, assets=tags, known_at=known), strict=True),
        ):  # fmt: skip
            pd.testing.assert_frame_equal(mine, theirs)


def test_where_somebody_corrected_a_value_the_store_itself_is_asked(watched):
    asset_class, now = watched.catalogue.classes["pump"], watched.clock.now()
    store = ReadingStore(watched.history)
    span = now - timedelta(days=2), now
    store.correct(asset_class, "P-1", "vibration", *span, 1.0, by="ada", reason="cable", now=now)

    held = HeldReadings(watched.history).scan(asset_class, assets=["P-1"], start=span[0])

    pd.testing.assert_frame_equal(held, store.scan(asset_class, assets=["P-1"], start=span[0]))
    assert (held["vibration"] == 1.0).all()
