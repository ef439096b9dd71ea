"""One round of scoring: fast without another answer, alone in its period, and not stopped by one bad model."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Catalogue
from pdm.clock import ManualClock
from pdm.errors import LeaseHeld, NotFound, StoreError
from pdm.operations._turns import LEASE, LEASE_TIME
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.score_fleet import assess_class, champion, score_fleet
from pdm.readings.levels import read_levels
from pdm.readings.store import ReadingStore
from pdm.registry.keys import PUBLIC_NAME

HOUR = timedelta(hours=1)


class Counted:
    """A history that remembers which tables were asked for."""

    def __init__(self, history):
        self.history, self.asked = history, []

    def dataset(self, name, version=None):
        self.asked.append(name)
        return self.history.dataset(name, version)

    def append(self, name, rows):
        return self.history.append(name, rows)


def by_asset(assessments):
    return {assessment.asset: assessment for assessment in assessments}


def damage(plant, version):
    (plant.workspace.bundles / "pump" / version / "manifest.sig").write_bytes(bytes(64))


@pytest.mark.parametrize("hours", [0, 3, 24 * 7, 24 * 25])
def test_the_recent_readings_alone_give_the_answers_of_the_whole_history(watched, put_in_charge, monkeypatch, hours):
    put_in_charge()
    plant = replace(watched, clock=ManualClock(watched.clock.now() - hours * HOUR))
    fast = by_asset(assess_class(plant, "pump"))

    monkeypatch.setattr("pdm.operations._known.needed_history", lambda *_: None)
    slow = by_asset(assess_class(plant, "pump"))

    assert {tag for tag in fast if fast[tag].risks} >= {"P-1", "P-2", "P-6"}
    gone = {"P-3"} if fast["P-3"].equipment == "unknown" else set()  # silent for longer than a window: no features
    assert {tag: fast[tag] for tag in fast if tag not in gone} == {tag: slow[tag] for tag in slow if tag not in gone}
    assert {tag: fast[tag].features for tag in fast if tag not in gone} == {
        tag: slow[tag].features for tag in slow if tag not in gone
    }
    newest = ReadingStore(plant.history).last(plant.catalogue.asset_class("pump"), assets=["P-3"])
    assert fast["P-3"].data_time == newest["time"].item()


def test_the_newest_readings_come_with_the_recent_ones_and_with_the_same_figures(watched):
    store, pump = ReadingStore(watched.history), watched.catalogue.asset_class("pump")
    since, tags = watched.clock.now() - 50 * HOUR, ["P-1", "P-3", "P-4", "P-5"]
    store.correct(
        pump, "P-1", "vibration", since, watched.clock.now(), None, by="ada", reason="cable", now=watched.clock.now()
    )
    store.correct(
        pump,
        "P-1",
        "speed",
        since + 48 * HOUR,
        watched.clock.now(),
        None,
        by="ada",
        reason="cable",
        now=watched.clock.now(),
    )

    readings, newest = store.recent(pump, since, assets=tags)

    assert readings.equals(store.scan(pump, assets=tags, start=since))
    assert newest.equals(store.last(pump, assets=["P-1", "P-4", "P-5"]))
    assert newest["asset"].tolist() == ["P-1", "P-4", "P-5"]


def test_what_all_classes_share_is_read_once_and_a_class_without_assets_not_at_all(watched, put_in_charge):
    put_in_charge()
    classes = watched.catalogue.classes | {"fan": replace(watched.catalogue.asset_class("engine"), name="fan")}
    history = Counted(watched.history)
    score_fleet(replace(watched, history=history, catalogue=Catalogue(classes, watched.catalogue.models)))

    assert history.asked.count("events") == 1
    assert history.asked.count("assets") == 2  # alerts ask once more
    assert "installations" not in history.asked
    assert "readings_fan" not in history.asked


def test_when_the_champion_is_damaged_the_former_one_answers_and_everybody_can_see_it(watched, put_in_charge):
    first, second = put_in_charge(1), put_in_charge(2)
    assert score_fleet(watched).problems == ()
    damage(watched, second)
    watched.clock.advance(HOUR)

    report = score_fleet(watched)

    scored = by_asset(report.assessments)
    assert scored["P-1"].bundle == first
    assert scored["P-1"].model == "ok"
    assert any("cannot be trusted" in flag and first in flag for flag in scored["P-1"].quality_flags)
    (problem,) = report.problems
    assert problem.startswith(f"pump: bundle {second}")
    assert champion(watched, "pump").version == first


@pytest.mark.parametrize("what", ["bundle", "aliases", "key"])
def test_a_class_without_a_model_to_trust_says_so_and_the_others_are_scored(watched, put_in_charge, what):
    version = put_in_charge()
    if what == "bundle":
        damage(watched, version)
    elif what == "aliases":
        (watched.workspace.bundles / "pump" / "aliases.json").write_text("{", encoding="utf-8")
    else:
        (watched.workspace.keys / PUBLIC_NAME).write_text("no key", encoding="utf-8")

    report = score_fleet(watched)

    scored = by_asset(report.assessments)
    assert {scored[f"P-{n}"].model for n in range(1, 7)} == {"error"}
    assert {scored[f"P-{n}"].condition for n in range(1, 7)} == {"unknown"}
    assert scored["E-1"].model == "no model"
    assert report.without_model == 1
    assert [problem.split(":")[0] for problem in report.problems] == ["pump"]
    assert champion(watched, "pump") is None


def test_scoring_goes_on_while_the_tracker_is_away(watched, put_in_charge):
    def away():
        raise StoreError("MLflow cannot be asked")

    version = put_in_charge()

    report = score_fleet(replace(watched, tracker=away))

    assert report.problems == ()
    assert {one.bundle for one in report.assessments if one.model == "ok"} == {version}


def test_two_schedulers_in_one_period_score_once(watched, put_in_charge):
    put_in_charge()
    first = score_fleet(watched, holder="flow", period=6 * HOUR)
    watched.clock.advance(2 * HOUR)
    second = score_fleet(watched, holder="service", period=6 * HOUR)
    watched.clock.advance(4 * HOUR)
    third = score_fleet(watched, holder="service", period=6 * HOUR)

    assert (first.done_already, second.done_already, third.done_already) == (False, True, False)
    assert (first.assessed, second.assessed, third.assessed) == (7, 0, 7)


def test_a_class_that_was_not_scored_in_the_period_is_still_scored(watched, put_in_charge):
    put_in_charge()
    score_fleet(watched, asset_class="pump", period=6 * HOUR)

    assert not score_fleet(watched, asset_class="engine", period=6 * HOUR).done_already


def test_who_comes_while_another_is_scoring_is_told_who_it_is(watched):
    with watched.unit_of_work() as work:
        assert work.leases.acquire(LEASE, "night shift", watched.clock.now(), LEASE_TIME)
        work.commit()

    with pytest.raises(LeaseHeld, match="night shift"):
        score_fleet(watched)

    watched.clock.advance(LEASE_TIME + HOUR)
    assert score_fleet(watched).assessed == 7


def test_a_round_that_fails_gives_the_lease_back(watched):
    with pytest.raises(NotFound):
        score_fleet(watched, asset_class="no such class")

    assert score_fleet(watched).assessed == 7


def test_a_round_remembers_what_machines_show_and_doubts_a_wrong_unit_for_good(watched, put_in_charge):
    put_in_charge()
    score_fleet(watched)
    pump, now = watched.catalogue.asset_class("pump"), watched.clock.now()
    known = read_levels(watched.history, pump)["vibration"]["P-1"]
    times = pd.date_range(now, now + 60 * 24 * HOUR, freq="h", inclusive="right", unit="us")
    rows = ReadingStore(watched.history).scan(pump, assets=["P-1"]).tail(24)
    later = pd.concat([rows] * 60, ignore_index=True).assign(time=times)
    later["vibration"] *= 1000.0 * np.linspace(0.99, 1.01, len(later))
    watched.clock.set(now + 60 * 24 * HOUR)
    ingest_readings(watched, later, asset_class="pump", source="historian", backfill=True)

    told = by_asset(assess_class(watched, "pump"))["P-1"]
    assert known.level > 0
    assert told.data == "bad quality"
    assert any("instead of" in flag for flag in told.quality_flags)
    version = watched.history.version("levels")
    score_fleet(watched, remember=False)
    assert watched.history.version("levels") == version
