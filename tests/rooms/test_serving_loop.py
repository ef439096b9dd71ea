import threading
import time
from datetime import timedelta

import pytest


@pytest.fixture
def loop(create_app, plant):
    create_app(plant)
    from serving.loop import ScoringLoop

    return ScoringLoop(plant)


def test_a_round_scores_the_fleet(loop):
    state = loop.round()

    assert (state.rounds, state.assessed, state.error) == (1, 6, "")


def test_a_round_that_meets_another_scorer_leaves_it_alone(loop, plant, seed):
    with plant.unit_of_work() as work:
        work.leases.acquire("score_fleet", "prefect", seed.NOW, timedelta(minutes=5))
        work.commit()

    state = loop.round()

    assert (state.rounds, state.assessed, state.error) == (1, 0, "")


@pytest.mark.parametrize("error", ["StoreError", "ZeroDivisionError"])
def test_a_failure_is_kept_in_words_and_the_next_round_goes_on(loop, monkeypatch, error):
    from pdm.errors import StoreError

    def broken(*_args, **_named):
        raise StoreError("disk full") if error == "StoreError" else ZeroDivisionError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("serving.loop.score_fleet", broken)
        failed = loop.round()
    worked = loop.round()

    assert "disk full" in failed.error
    assert (worked.rounds, worked.error) == (2, "")


def test_the_failure_is_visible_on_health(create_app, live, seed, tmp_path, monkeypatch):
    app = create_app(seed.empty_plant(tmp_path))
    from pdm.errors import StoreError

    def broken(*_args, **_named):
        raise StoreError("disk full")

    monkeypatch.setattr("serving.loop.score_fleet", broken)
    app.state.loop.round()
    with live(app) as client:
        state = client.get("/v1/health").json()
        page = client.get("/health").text

    assert not state["ok"]
    assert "the last scoring failed: disk full" in state["problems"]
    assert "disk full" in page


def test_models_that_could_not_answer_are_named_until_they_do(create_app, live, seed, tmp_path, monkeypatch):
    app = create_app(seed.empty_plant(tmp_path))
    loop = app.state.loop
    from pdm.errors import LeaseHeld
    from pdm.operations.consider_assessments import AlertReport
    from pdm.operations.score_fleet import ScoringReport

    def scored(*problems):
        report = ScoringReport(0, 0, AlertReport(), (), problems=problems)
        monkeypatch.setattr("serving.loop.score_fleet", lambda *_args, **_named: report)
        return loop.round()

    def held(*_args, **_named):
        raise LeaseHeld("prefect is scoring")

    scored("pump: bundle v2: cannot be trusted")
    monkeypatch.setattr("serving.loop.score_fleet", held)
    assert loop.round().problems == ("pump: bundle v2: cannot be trusted",)
    with live(app) as client:
        state = client.get("/v1/health").json()
        page = client.get("/health").text
    assert not state["ok"]
    assert "pump: bundle v2: cannot be trusted" in state["problems"]
    assert "pump: bundle v2: cannot be trusted" in page
    assert scored().problems == ()


def test_the_service_scores_by_itself_when_the_settings_say_so(create_app, live, seed, tmp_path, monkeypatch):
    app = create_app(seed.empty_plant(tmp_path, scheduler="service"))
    monkeypatch.setattr("serving.loop._FIRST_WAIT", 0.01)

    with live(app):
        deadline = time.monotonic() + 20
        while not app.state.loop.state.rounds and time.monotonic() < deadline:
            time.sleep(0.02)

    assert app.state.loop.state.rounds == 1


def test_another_scheduler_keeps_the_service_quiet(create_app, live, seed, tmp_path):
    app = create_app(seed.empty_plant(tmp_path, scheduler="prefect"))

    with live(app) as client:
        state = client.get("/v1/health").json()["loop"]

    assert not state["active"]


def test_a_restart_does_not_score_again_what_was_just_scored(loop):
    assert loop._until_due() == pytest.approx(3600)


def test_a_round_at_work_does_not_hold_the_end_up(create_app, live, seed, tmp_path, monkeypatch):
    app = create_app(seed.empty_plant(tmp_path, scheduler="service"))
    begun, release = threading.Event(), threading.Event()

    def endless():
        begun.set()
        release.wait(60)

    monkeypatch.setattr("serving.loop._FIRST_WAIT", 0.01)
    monkeypatch.setattr("serving.loop._GRACE", 0.1)
    monkeypatch.setattr(app.state.loop, "round", endless)
    with live(app):
        assert begun.wait(20)
        started = time.monotonic()

    assert time.monotonic() - started < 5
    release.set()
