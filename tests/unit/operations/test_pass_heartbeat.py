"""A heartbeat goes through every stage, and stops where something has stopped."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.errors import ReceiverError, StoreError
from pdm.operations.pass_heartbeat import beat, begin_heartbeats, pass_scoring, pass_telling
from pdm.testing.notifier import MemoryNotifier
from pdm.testing.plants import a_plant
from pdm.views.health import health
from pdm.work.heartbeat import STAGES

MINUTE = timedelta(minutes=1)


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    begin_heartbeats(plant)
    return plant


def a_minute(plant, *, stopped=()):
    plant.clock.advance(MINUTE)
    for name, work in (("beat", beat), ("scoring", pass_scoring), ("telling", pass_telling)):
        if name not in stopped:
            work(plant)


def complaints(plant):
    return [stage.sentence for stage in health(plant).stages if stage.sentence]


def test_a_beat_reaches_every_stage(plant):
    for _ in range(3):
        a_minute(plant)

    with plant.unit_of_work() as work:
        assert {one.stage: one.number for one in work.beats.list()} == dict.fromkeys(STAGES, 3)
        assert work.outbox.pending() == []
    assert complaints(plant) == []


@pytest.mark.parametrize(
    ("stopped", "blamed"),
    [("beat", "the operational database"), ("scoring", "scoring"), ("telling", "the outbox and telling people")],
)
def test_a_stage_that_stops_is_blamed_after_two_beats_and_nobody_else(plant, stopped, blamed):
    a_minute(plant)
    for _ in range(2):
        a_minute(plant, stopped=[stopped])
    assert complaints(plant) == []

    a_minute(plant, stopped=[stopped])

    assert complaints(plant) == [f"{blamed} has stopped: no heartbeat for 3 minutes"]
    assert not health(plant).ok
    a_minute(plant)
    assert complaints(plant) == []


def test_a_history_that_cannot_be_read_is_blamed_at_once_and_the_page_still_comes_up(plant, monkeypatch):
    a_minute(plant)

    def broken(_self, _name, version=None):  # noqa: ARG001  the port's names
        raise StoreError("the disk is gone")

    monkeypatch.setattr(type(plant.history), "dataset", broken)
    a_minute(plant)

    found = health(plant)
    assert complaints(plant) == ["the history of readings cannot pass the heartbeat on: the disk is gone"]
    assert "the history of readings cannot be read: the disk is gone" in found.problems


def test_a_service_that_starts_gives_every_stage_the_time_of_two_beats(plant):
    a_minute(plant)
    plant.clock.advance(timedelta(hours=9))
    assert complaints(plant) != []

    begin_heartbeats(plant)

    assert complaints(plant) == []


def test_scoring_that_somebody_else_schedules_passes_no_beats(tmp_path):
    plant = a_plant(tmp_path)
    plant = replace(plant, settings=plant.settings.model_copy(update={"scheduler": "prefect"}))
    begin_heartbeats(plant)
    for _ in range(4):
        a_minute(plant, stopped=["scoring"])

    assert [stage.stage for stage in health(plant).stages] == ["database", "history", "telling"]
    assert complaints(plant) == []


def test_the_watchdog_outside_hears_every_beat(tmp_path):
    notifier = MemoryNotifier()
    plant = a_plant(tmp_path, notifier=notifier)
    begin_heartbeats(plant)
    for _ in range(3):
        a_minute(plant)

    assert [(target, told.key) for target, told in notifier.told] == [("heartbeat", f"HB-{n}") for n in (1, 2, 3)]


def test_a_watchdog_that_cannot_be_reached_is_said_on_the_page(tmp_path):
    notifier = MemoryNotifier(deaf={"heartbeat"})
    plant = a_plant(tmp_path, notifier=notifier)
    begin_heartbeats(plant)
    a_minute(plant)

    assert "the watchdog at heartbeat_url was not reached: heartbeat does not answer" in complaints(plant)[0]
    with pytest.raises(ReceiverError):
        notifier.notify("heartbeat", None)
