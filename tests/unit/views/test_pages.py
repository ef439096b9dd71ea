"""Views of single things: asset, alert, requests, inbox, health."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from pdm.errors import InputError, NotFound
from pdm.operations.answer_alert import close_alert, shelve_alert
from pdm.operations.approve_request import approve_request
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.ingest_events import ingest_events
from pdm.operations.record_verdict import record_verdict
from pdm.views.alert import alert_page
from pdm.views.asset import asset_page
from pdm.views.health import health
from pdm.views.inbox import inbox
from pdm.views.requests import request_page, requests_page


def alert_of(plant, tag):
    with plant.unit_of_work() as work:
        return work.alerts.list(asset=tag)[0]


def test_an_asset_page_shows_the_days_up_to_its_newest_reading(own_plant):
    own_plant.clock.advance(timedelta(days=200))

    page = asset_page(own_plant, "P-101")

    assert page.window == "31 Jan 2026 to 2 Mar 2026"
    assert page.words.condition == "unknown"
    assert len(page.charts) == 8


def test_a_window_can_be_asked_for(plant, seed):
    page = asset_page(plant, "P-101", since=seed.NOW - timedelta(days=2), until=seed.NOW)

    assert len(page.charts[0].x) == 48
    with pytest.raises(InputError, match="ends before it starts"):
        asset_page(plant, "P-101", since=seed.NOW, until=seed.NOW - timedelta(days=1))


def test_a_machine_on_a_counter_is_charted_along_it(plant):
    page = asset_page(plant, "FD001-test-007")
    chart = next(chart for chart in page.charts if chart.name == "s2")

    assert (chart.time, chart.x_unit, chart.x[0], chart.x[-1]) == (False, "cycles", 1.0, 120.0)
    assert page.window == "all cycles on record"


def test_the_band_is_laid_out_between_now_and_beyond_its_end(plant):
    life = asset_page(plant, "P-101").life

    assert 0 < life.low < life.median < life.high < 1
    assert life.dates == "13 Mar 2026 to 2 Apr 2026"
    assert asset_page(plant, "P-103").life.at_cap


def test_reasons_come_strongest_first_with_their_share(plant):
    shares = [reason.share for reason in asset_page(plant, "P-101").reasons]

    assert shares[0] == 1.0
    assert shares == sorted(shares, reverse=True)
    assert [reason.worse for reason in asset_page(plant, "P-101").reasons] == [True, True, True, False]


def test_one_timeline_holds_everything_newest_first(plant):
    entries = asset_page(plant, "P-101").timeline

    assert [entry.kind for entry in entries] == ["alert", "request", "event", "event", "installation"]
    assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)


def test_an_unknown_asset_or_alert_is_not_found(plant):
    with pytest.raises(NotFound, match="P-999"):
        asset_page(plant, "P-999")
    with pytest.raises(NotFound):
        alert_page(plant, "al-nothing")
    with pytest.raises(NotFound):
        request_page(plant, "wr-nothing")


def test_an_alert_offers_only_what_its_state_allows(own_plant, seed):
    alert = alert_of(own_plant, "P-101")

    always = {"assign", "take out of service", "close"}
    assert alert_page(own_plant, alert.id).may == always | {"acknowledge", "claim", "shelve", "verdict", "review"}
    shelve_alert(own_plant, alert.id, by="Ada", why="May stop", until=seed.NOW + timedelta(days=7))
    assert alert_page(own_plant, alert.id).may == always | {"claim", "unshelve", "verdict", "review"}
    close_alert(own_plant, alert.id, by="Ada", why="wrong asset")
    assert "acknowledge" not in alert_page(own_plant, alert.id).may


def test_evidence_on_one_channel_alone_asks_for_the_sensor_first(own_plant, seed):
    own_plant.clock.advance(timedelta(hours=6))
    alone = replace(seed.assessments(own_plant.clock.now(), 1.0)[0], contributions=seed.REASONS[:1])
    consider_assessments(own_plant, [alone])

    page = alert_page(own_plant, alert_of(own_plant, "P-101").id)

    assert page.sensor.startswith("Perhaps: vibration velocity, drive end alone carries")


def test_quality_flags_ask_for_the_instrument_first(own_plant, seed):
    own_plant.clock.advance(timedelta(hours=6))
    flagged = replace(seed.assessments(own_plant.clock.now(), 1.0)[0], quality_flags=("vibration is stuck",))
    consider_assessments(own_plant, [flagged])

    page = alert_page(own_plant, alert_of(own_plant, "P-101").id)

    assert page.quality_flags == ("vibration is stuck",)
    assert "Check the instrument before the machine" in page.sensor


def test_a_score_that_went_back_keeps_the_evidence_of_when_it_was_raised(own_plant, seed):
    for hours in (6, 12, 18):
        own_plant.clock.set(seed.NOW + timedelta(hours=hours))
        calm = seed.assessments(own_plant.clock.now(), 0.0)[0]
        consider_assessments(own_plant, [replace(calm, contributions=(), remaining_life=None)])

    page = alert_page(own_plant, alert_of(own_plant, "P-101").id)

    assert page.state.startswith("returned")
    assert page.reasons[0].sentence.startswith("Mean of vibration")
    assert page.reasons_of == "as of 26 Feb 2026, 13:00"
    assert page.suspicion == "Bearing wear, drive end, 74 % at its highest"
    assert "wear does not heal" in page.state

    repair = {"asset": "P-101", "time": seed.NOW - timedelta(hours=2), "kind": "repair", "maintainable_item": "bearing"}
    ingest_events(own_plant, pd.DataFrame([repair]), source="cmms")
    assert "On record since it was raised: Repair: bearing, 2 Mar 2026" in alert_page(own_plant, page.alert.id).state


def test_a_repeat_is_marked_and_the_track_record_counts_the_first(own_plant, seed):
    first = alert_of(own_plant, "P-101")
    record_verdict(own_plant, first.case_id, by="Ada", found="nothing", inspected=True)
    for hours in (6, 12, 18):
        own_plant.clock.set(seed.NOW + timedelta(hours=hours))
        consider_assessments(own_plant, seed.assessments(own_plant.clock.now(), 1.0))

    page = alert_page(own_plant, alert_of(own_plant, "P-101").id)

    assert page.repeat_of == first.id
    assert page.repeat == "a repeat of an earlier alert"
    assert page.track_record[0].startswith("1 alert, 0 confirmed")


def test_an_alert_that_must_be_answered_at_once_says_why(plant):
    page = alert_page(plant, alert_of(plant, "P-102").id)

    assert page.due == "now: planning and parts take 5 days"
    assert page.owner == "Ada"


def test_the_queue_is_by_priority_and_marks_what_is_overdue(own_plant):
    own_plant.clock.advance(timedelta(days=3))

    page = requests_page(own_plant)

    assert [row.request.priority for row in page.open] == sorted(row.request.priority for row in page.open)
    assert {row.request.asset: row.overdue for row in page.open} == {"P-101": False, "P-102": True}
    assert page.hours == 25.0


def test_windows_lie_on_one_calendar_with_today_on_it(plant):
    page = requests_page(plant)

    for row in page.open:
        assert 0 <= row.bar.start <= row.bar.end <= 1
        assert 0 < row.bar.now < 1
    assert len({row.bar.now for row in page.open}) == 1


def test_a_request_offers_what_its_state_allows(own_plant):
    request = requests_page(own_plant).open[0].request

    assert request_page(own_plant, request.id).may == {"approve", "cancel"}
    approve_request(own_plant, request.id, by="Pia")
    page = request_page(own_plant, request.id)
    assert page.may == {"cancel"}
    assert page.audit[0].who == "Pia"
    assert page.alert_id


def test_the_inbox_puts_the_unanswered_first(own_plant):
    assert [row.alert.asset for row in inbox(own_plant).open] == ["P-101", "P-102"]
    close_alert(own_plant, alert_of(own_plant, "P-101").id, by="Ada", why="wrong asset")
    assert [row.alert.asset for row in inbox(own_plant).open] == ["P-102"]
    assert [row.state for row in inbox(own_plant).closed] == ["closed 2 Mar 2026, 13:00"]


def test_health_counts_what_is_stale_and_says_what_has_stopped(own_plant):
    state = health(own_plant)
    pumps = next(item for item in state.classes if item.asset_class == "pump")

    assert (pumps.assets, pumps.stale, pumps.champion) == (4, 1, "")
    assert (state.open_alerts, state.lease_holder) == (2, "")
    own_plant.clock.advance(timedelta(days=9))
    assert "Centrifugal pump: no fresh readings, the newest came 9 days ago" in health(own_plant).problems


def test_health_notices_that_scoring_has_stopped(seed, plant, tmp_path):
    watched = seed.copied(plant, tmp_path, scheduler="service")
    watched.clock.advance(timedelta(hours=3))

    assert "the fleet was last scored 3 hours ago" in health(watched).problems
