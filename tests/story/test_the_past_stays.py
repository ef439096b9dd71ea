"""What is entered late, corrected or taken back changes what we know now, and never what we thought then."""

import shutil
from dataclasses import asdict, replace
from datetime import timedelta

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pdm.clock import ManualClock
from pdm.operations.build_features import build_features
from pdm.operations.correct_readings import correct_readings, void_readings
from pdm.operations.ingest_events import ingest_events
from pdm.operations.replay_history import replay_history
from pdm.operations.score_fleet import assess_class
from pdm.readings.lives import read_lives

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def told(tmp_path_factory, warned_home, opened):
    """A plant, the moment, what was thought then, and (afterwards) the same plant with its past revised an hour later."""
    home, then = warned_home
    plant = opened(shutil.copytree(home, tmp_path_factory.mktemp("past") / "plant"), then)
    with plant.unit_of_work() as work:
        suspect = work.alerts.list()[0].asset
    thought = {assessment.asset: assessment for assessment in assess_class(plant, "pump")}
    table = build_features(plant, "pump", until=then, known_at=then).frame
    lives = read_lives(plant.history, *_definitions(plant), known_at=then)
    calm = next(tag for tag, one in thought.items() if tag != suspect and one.condition == "normal" and one.risks)

    plant.clock.set(then + HOUR)
    order = {
        "asset": suspect,
        "time": then - 2 * DAY,
        "kind": "repair",
        "maintainable_item": "bearing",
        "restores": True,
        "text": "bearing changed, entered late",
    }
    ingest_events(plant, pd.DataFrame([order]), source="cmms")
    window = {"start": then - 3 * DAY, "end": then, "by": "Emil"}
    corrected = correct_readings(plant, asset=suspect, channel="vibration", value=2.0, reason="loose cable", **window)
    voided = void_readings(plant, asset=calm, channel="flow", reason="meter was being cleaned", **window)
    assert min(corrected, voided) > 48
    return {
        "plant": plant,
        "then": then,
        "suspect": suspect,
        "calm": calm,
        "thought": thought,
        "table": table,
        "lives": lives,
    }


def test_what_was_thought_then_is_thought_again(told):
    past = replace(told["plant"], clock=ManualClock(told["then"]))

    again = {assessment.asset: assessment for assessment in assess_class(past, "pump")}

    assert again == told["thought"]  # risks, contributions, words, flags, dates
    assert {tag: asdict(one) for tag, one in again.items()} == {
        tag: asdict(one) for tag, one in told["thought"].items()
    }  # and the values of the features


def test_what_was_stored_then_is_what_is_thought_again(told):
    """The assessment that raised the alert, as the database kept it."""
    plant, then, suspect = told["plant"], told["then"], told["suspect"]
    with plant.unit_of_work() as work:
        [stored] = work.assessments.history(suspect, then, then)

    assert stored == told["thought"][suspect]


def test_training_data_as_known_then_are_the_same(told):
    plant, then = told["plant"], told["then"]

    table = build_features(plant, "pump", until=then, known_at=then)

    assert not table.reused
    assert_frame_equal(table.frame, told["table"])
    assert_frame_equal(read_lives(plant.history, *_definitions(plant), known_at=then), told["lives"])


def test_an_hour_later_training_sees_the_corrected_readings_but_no_order_before_it_was_entered(told):
    plant, then, suspect = told["plant"], told["then"], told["suspect"]

    before = _newest_row(told["table"], suspect)
    after = _newest_row(build_features(plant, "pump", until=then).frame, suspect)

    assert after["vibration@24h__minimum"] == 2.0 < before["vibration@24h__minimum"]
    assert after["repair.bearing__since"] == before["repair.bearing__since"] > 48.0
    lives = read_lives(plant.history, *_definitions(plant))
    assert len(lives[lives["asset"] == suspect]) == len(told["lives"][told["lives"]["asset"] == suspect]) + 1


def test_the_day_after_the_late_work_order_counts(tmp_path, told, opened, live):
    plant = opened(shutil.copytree(told["plant"].workspace.home, tmp_path / "plant"), told["then"])
    live(plant)

    row = _newest_row(build_features(plant, "pump").frame, told["suspect"])

    since = row["time"].to_pydatetime() - (told["then"] - 2 * DAY)
    assert row["repair.bearing__since"] == since / HOUR < 72.0


def test_an_hour_later_the_answer_may_differ(told):
    plant = told["plant"]

    now = {assessment.asset: assessment for assessment in assess_class(plant, "pump")}

    assert now[told["suspect"]].risks != told["thought"][told["suspect"]].risks
    assert now[told["calm"]].data == "bad quality"  # its newest values were taken back
    untouched = next(tag for tag, one in now.items() if tag not in (told["suspect"], told["calm"]) and one.risks)
    assert now[untouched].risks == told["thought"][untouched].risks


def test_a_replay_tells_what_life_told(trained, told, on_record):
    """The same days again, over a history whose past was revised meanwhile: the same alert, case and request."""
    lived = on_record(told["plant"])
    plant = replace(trained, history=told["plant"].history)

    report = replay_history(plant, trained.clock.now() + DAY, told["then"], every=DAY)

    replayed = on_record(plant)
    assert report.raised == 1
    assert replayed["alerts"] == lived["alerts"]
    assert replayed["cases"] == lived["cases"]
    assert replayed["requests"] == lived["requests"]
    assert replayed["assessments"] == lived["assessments"]


def _definitions(plant):
    return plant.catalogue.asset_class("pump"), plant.catalogue.model("pump")


def _newest_row(table, asset):
    return table[table["asset"] == asset].iloc[-1]
