"""People are told once per group and interval, in time, and nothing is lost on the way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pdm.errors import LeaseHeld
from pdm.operations.answer_alert import shelve_alert
from pdm.operations.answer_notice import answer_notice
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.notify_people import LEASE, notify_people
from pdm.readings.registry import register
from pdm.testing.builders import NOON, an_assessment, an_asset
from pdm.testing.notifier import MemoryNotifier
from pdm.testing.plants import a_plant
from pdm.work.notification import INTENT, NOTIFICATION

MINUTE = timedelta(minutes=1)
LINE_1 = ("P-101", "P-102", "P-103")
LINE_2 = ("P-201",)


@pytest.fixture
def notifier():
    return MemoryNotifier()


@pytest.fixture
def plant(tmp_path, notifier):
    plant = a_plant(tmp_path, notifier=notifier)
    assets = [an_asset(tag, location="mill/line-1", criticality=2) for tag in LINE_1]
    assets += [an_asset(tag, location="mill/line-2", criticality=1) for tag in LINE_2]
    register(plant.history, assets, now=NOON)
    return with_settings(plant, digest_day="", base_url="https://pdm.mill.example")


def with_settings(plant, **changes):
    return replace(plant, settings=plant.settings.model_copy(update=changes))


def fail(plant, *tags, hours=0.0):
    consider_assessments(plant, [an_assessment(tag, 0.8, hours=hours) for tag in tags])


def waiting(plant, topic):
    with plant.unit_of_work() as work:
        return work.outbox.pending(1000, topic)


def test_a_burst_on_one_line_is_one_message_with_all_in_it_and_links(plant, notifier):
    fail(plant, *LINE_1)
    plant.clock.advance(MINUTE)

    report = notify_people(plant)

    [(_, told)] = notifier.told
    assert (report.composed, report.sent) == (1, 1)
    assert told.title == "3 alerts and 1 question: 3 machines, mill/line-1"
    assert all(tag in told.text for tag in LINE_1)
    assert told.text.count("https://pdm.mill.example/alerts/al-") == 3


def test_a_group_gathers_before_anybody_is_told(plant, notifier):
    fail(plant, "P-101")
    assert notify_people(plant).held == 1
    plant.clock.advance(MINUTE / 2)
    fail(plant, "P-102", hours=0.005)
    plant.clock.advance(MINUTE / 2)
    notify_people(plant)

    [(_, told)] = notifier.told
    assert "P-101" in told.text
    assert "P-102" in told.text


def test_a_group_is_told_once_per_interval_and_hears_the_rest_in_the_next(plant, notifier):
    fail(plant, "P-101")
    plant.clock.advance(MINUTE)
    notify_people(plant)
    fail(plant, "P-102", "P-103", hours=0.1)
    for _ in range(29):
        plant.clock.advance(MINUTE)
        notify_people(plant)
    assert len(notifier.told) == 1

    plant.clock.advance(2 * MINUTE)
    notify_people(plant)

    assert [told.title for _, told in notifier.told] == [
        "1 alert: P-101, mill/line-1",
        "2 alerts and 1 question: 3 machines, mill/line-1",
    ]


@pytest.fixture
def cooled(plant):
    """Pumps on three lines that share their cooling water, and a policy that knows so."""
    assets = [
        an_asset(f"P-{n}01", location=f"mill/line-{n}", criticality=2, attributes={"cooling_water": "CW-1"})
        for n in (3, 4, 5)
    ]
    register(plant.history, assets, now=NOON)
    pump = plant.catalogue.models["pump"]
    knowing = replace(pump, policy=replace(pump.policy, common_causes=("cooling_water",)))
    return replace(plant, catalogue=replace(plant.catalogue, models=plant.catalogue.models | {"pump": knowing}))


def test_a_question_to_operations_is_told_together_with_the_alerts_of_its_common_cause(cooled, notifier):
    fail(cooled, "P-301", "P-401", "P-501")
    with cooled.unit_of_work() as work:
        [notice] = work.notices.list(state="open")
    cooled.clock.advance(MINUTE)
    notify_people(cooled)

    [(_, told)] = notifier.told
    assert told.title == "3 alerts and 1 question: 3 machines, common cause: cooling_water CW-1"
    assert told.text.startswith(f"Question to operations: {notice.title}  (notice {notice.id})")
    assert all(tag in told.text for tag in ("P-301", "P-401", "P-501"))
    assert waiting(cooled, INTENT) == []


def test_a_question_that_was_answered_meanwhile_is_not_told(cooled, notifier):
    fail(cooled, "P-301", "P-401", "P-501")
    with cooled.unit_of_work() as work:
        [notice] = work.notices.list(state="open")
    answer_notice(cooled, notice.id, answer="machine", by="olga", why="three bearings of one batch")
    cooled.clock.advance(MINUTE)
    notify_people(cooled)

    assert sorted(told.group for _, told in notifier.told) == ["mill/line-3", "mill/line-4", "mill/line-5"]
    assert not any("Question" in told.text for _, told in notifier.told)
    assert waiting(cooled, INTENT) == []


def test_two_lines_are_two_messages(plant, notifier):
    fail(plant, "P-101", "P-201")
    plant.clock.advance(MINUTE)
    notify_people(plant)

    assert sorted(told.group for _, told in notifier.told) == ["mill/line-1", "mill/line-2"]


def test_quiet_hours_are_the_plants_own_and_only_what_is_critical_passes(plant, notifier):
    plant = with_settings(plant, quiet_hours="22:00-06:00")  # Berlin: two hours ahead of UTC in summer
    plant.clock.set(datetime(2026, 7, 1, 20, 30, tzinfo=UTC))
    fail(plant, "P-101", "P-201")
    plant.clock.advance(MINUTE)
    notify_people(plant)
    assert [told.group for _, told in notifier.told] == ["mill/line-2"]

    plant.clock.set(datetime(2026, 7, 2, 3, 59, tzinfo=UTC))
    notify_people(plant)
    assert len(notifier.told) == 1
    plant.clock.advance(MINUTE)
    notify_people(plant)

    assert [told.group for _, told in notifier.told] == ["mill/line-2", "mill/line-1"]


def test_at_night_nobody_passes_when_the_plant_says_so(plant, notifier):
    plant = with_settings(plant, quiet_hours="22:00-06:00", quiet_hours_pass=0)
    plant.clock.set(datetime(2026, 7, 1, 20, 30, tzinfo=UTC))
    fail(plant, "P-201")
    plant.clock.advance(MINUTE)

    assert notify_people(plant).held == 1
    assert notifier.told == []


def test_a_target_that_is_away_hears_everything_in_one_message_afterwards_and_the_others_nothing_twice(plant, notifier):
    notifier.targets = ("mail", "chat")
    notifier.deaf = {"mail"}
    for number, tag in enumerate(LINE_1):
        fail(plant, tag, hours=float(number))
        plant.clock.advance(MINUTE)
        notify_people(plant)
        plant.clock.advance(40 * MINUTE)
    assert [target for target, _ in notifier.told] == ["chat"] * 3

    notifier.deaf = set()
    plant.clock.advance(timedelta(hours=3))
    notify_people(plant)
    notify_people(plant)

    by_mail = [told for target, told in notifier.told if target == "mail"]
    assert len(by_mail) == 1
    assert all(tag in by_mail[0].text for tag in LINE_1)
    assert len(notifier.told) == 4
    assert waiting(plant, NOTIFICATION) == []


def test_without_anybody_to_tell_no_intent_is_kept(tmp_path):
    plant = a_plant(tmp_path)
    fail(plant, "P-101")

    assert waiting(plant, INTENT) == []
    assert notify_people(plant).sent == 0


def test_an_alert_that_was_not_stored_tells_nobody(plant, monkeypatch):
    monkeypatch.setattr(type(plant.unit_of_work()), "commit", lambda _work: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fail(plant, "P-101")
    monkeypatch.undo()

    assert waiting(plant, INTENT) == []


def test_a_shelved_alert_is_told_again_when_its_shelving_ends(plant, notifier):
    fail(plant, "P-101")
    plant.clock.advance(MINUTE)
    notify_people(plant)
    with plant.unit_of_work() as work:
        [alert] = work.alerts.list()
    shelve_alert(plant, alert.id, until=plant.clock.now() + timedelta(days=1), by="Ada", why="part of the stop")
    plant.clock.advance(timedelta(days=1, minutes=1))
    fail(plant, "P-103", hours=24.1)
    plant.clock.advance(MINUTE)
    notify_people(plant)

    assert "P-101 (Feed pump): bearing wear, no longer shelved" in notifier.told[-1][1].text


def test_the_digest_is_told_once_in_its_week_and_not_on_other_days(plant, notifier):
    plant = with_settings(plant, digest_day="mon")
    fail(plant, "P-101")
    for hours in range(0, 24 * 15, 6):
        plant.clock.set(NOON + timedelta(hours=hours))
        notify_people(plant)

    keys = [told.key for _, told in notifier.told if told.group == "digest"]
    assert keys == ["DG-2026W10", "DG-2026W11", "DG-2026W12"]
    first = next(told for _, told in notifier.told if told.group == "digest")
    assert "1 alert raised, 0 closed" in first.text
    assert "no alert has been judged yet" in first.text


def test_two_notifiers_do_not_tell_at_once(plant):
    with plant.unit_of_work() as work:
        work.leases.acquire(LEASE, "somebody", plant.clock.now(), timedelta(minutes=1))
        work.commit()

    with pytest.raises(LeaseHeld):
        notify_people(plant)
