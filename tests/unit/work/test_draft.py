"""What a planner reads: a short title, a text that stands on its own, dates that follow from risk and lead times."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pdm.alerts.alert import UNSPECIFIED
from pdm.alerts.consider import evidence
from pdm.catalogue import Axis
from pdm.errors import IllegalTransition, InputError
from pdm.scoring.assessment import Contribution
from pdm.testing.builders import NOON, a_case, a_remaining_life, a_request, an_alert, an_assessment, an_asset
from pdm.testing.plants import a_catalogue
from pdm.work.canonical import canonical_body
from pdm.work.draft import TITLE_LENGTH, draft_request, shorten
from pdm.work.priority import PriorityMatrix, priority
from pdm.work.request import RequestState
from pdm.work.steps import TRANSITIONS, step

DAY = timedelta(days=1)
PUMP = a_catalogue().model("pump")


def remaining(median):
    """As an alert keeps it: hours, with a band from half to twice the median."""
    return evidence(an_assessment(remaining_life=a_remaining_life(median)))["remaining_life"]


def drafted(alert=None, asset=None, definition=PUMP, zone="Europe/Berlin"):
    alert = alert or an_alert(evidence=evidence(an_assessment(probability=0.7)), remaining=remaining(24 * 24.0))
    return draft_request(a_case(), alert, asset or an_asset(), definition, Axis(), now=NOON, zone=zone)


def test_the_same_case_and_mode_always_give_the_same_key():
    assert drafted().external_ref == drafted(asset=an_asset(criticality=1)).external_ref
    assert drafted().external_ref != drafted(an_alert(mode="seal_leak")).external_ref
    assert len(drafted().external_ref) == 20


def test_the_latest_safe_moment_is_the_five_percent_bound_less_the_planning_time():
    request = drafted()

    assert request.latest_safe == NOON + 12 * DAY - 3 * DAY
    assert request.required_start == NOON + 5 * DAY
    assert request.required_end == request.latest_safe
    assert not request.body["expedite"]


def test_when_parts_come_too_late_the_window_starts_now_and_says_so():
    request = drafted(an_alert(remaining=remaining(24 * 8.0)))

    assert request.required_start == NOON
    assert request.latest_safe == NOON + 1 * DAY
    assert request.body["expedite"]
    assert "expedite" in request.text


def test_a_latest_safe_moment_is_never_in_the_past():
    request = drafted(an_alert(remaining=remaining(2.0)))

    assert request.latest_safe == NOON
    assert request.required_end == NOON + timedelta(hours=8)


@pytest.mark.parametrize("life", [{}, remaining(9999.0) | {"at_cap": True}])
def test_without_a_band_half_the_horizon_stands_in(life):
    assert drafted(an_alert(remaining=life)).latest_safe == NOON + 7 * DAY - 3 * DAY


def test_on_a_usage_axis_dates_follow_from_the_rate():
    alert = an_alert(remaining={"median": 40.0, "low": 20.0, "high": 60.0, "unit": "cycles", "at_cap": False})
    axis = Axis("usage", 1.0, "cycles", 4.0)

    request = draft_request(a_case(), alert, an_asset(), PUMP, axis, now=NOON, zone="UTC")

    assert request.latest_safe == max(NOON, NOON + 5 * DAY - axis.calendar(72.0))


def test_the_text_stands_on_its_own_in_the_plants_time():
    text = drafted().text

    assert "P-101 (Feed pump): bearing wear, drive end suspected" in text
    assert "within 14 days: 70%" in text
    assert "Remaining life: 12 to 48 days (90 % interval), that is between 2026-03-14 and 2026-04-19." in text
    assert "First seen 2026-03-02 13:00 CET." in text
    assert "Evidence: Mean vibration: 6.5 mm/s, raises the risk." in text
    assert "First step: Take a vibration spectrum" in text
    assert "Do it between 2026-03-07 13:00 CET" in text
    assert "Acting costs about 3,200 EUR (planned repair); waiting risks 16,800 EUR" in text


def test_only_what_makes_it_worse_is_evidence():
    reasons = (
        Contribution("a", "a", "Up", 1.0, "mm/s", 0.5),
        Contribution("b", "b", "Down", 1.0, "mm/s", -0.9),
        *(Contribution(f"c{n}", "c", f"Small {n}", None, "", 0.1) for n in range(3)),
    )
    alert = an_alert(evidence=evidence(an_assessment(contributions=reasons)))

    text = drafted(alert).text

    assert text.count("Evidence:") == 3
    assert "Down" not in text


def test_a_short_story_for_a_repeat_and_for_doubtful_data():
    flagged = evidence(an_assessment(quality_flags=("vibration was stuck for 3 hours",)))

    text = drafted(an_alert(repeat_of="al-0", evidence=flagged)).text

    assert "follows an earlier alert" in text
    assert "Mind: vibration was stuck for 3 hours." in text


def test_an_unknown_kind_of_failure_still_makes_a_request():
    request = drafted(an_alert(mode=UNSPECIFIED, horizon=0.0))

    assert request.title == "P-101: failure of unknown kind"
    assert request.maintainable_item == "unit"
    assert "failure of unknown kind suspected." in request.text


@pytest.mark.parametrize("tag", ["P-1", "PUMP-STATION-NORTH-101", "X" * 60])
def test_a_title_never_exceeds_what_the_narrowest_receiver_takes(tag):
    assert len(drafted(asset=an_asset(tag)).title) <= TITLE_LENGTH


def test_a_short_title_is_left_alone():
    assert shorten("P-101: seal") == "P-101: seal"


def test_more_critical_or_more_probable_is_never_less_urgent():
    probabilities = [0.0, 0.3, 0.59, 0.6, 0.84, 0.85, 1.0]
    table = [[priority(criticality, p) for p in probabilities] for criticality in range(1, 6)]

    assert all(row == sorted(row, reverse=True) for row in table)
    assert all(list(column) == sorted(column) for column in zip(*table, strict=True))


def test_a_site_brings_its_own_matrix():
    own = PriorityMatrix((0.5,), {3: (4, 1)})

    assert (priority(3, 0.4, own), priority(3, 0.5, own)) == (4, 1)
    with pytest.raises(InputError, match="no row for criticality 2"):
        priority(2, 0.4, own)
    with pytest.raises(InputError, match="row 3"):
        PriorityMatrix((0.5,), {3: (4, 5)})


def test_the_body_for_receivers_is_json_without_our_bookkeeping():
    body = canonical_body(a_request(required_end=NOON))

    assert datetime.fromisoformat(body["required_end"]) == NOON
    assert body["external_ref"] == "PDM-P-101"
    assert not {"id", "case_id", "state", "version"} & set(body)


def test_every_step_that_is_not_in_the_table_is_refused():
    names = {name for _, name in TRANSITIONS}
    for state in RequestState:
        for name in names:
            request = replace(a_request(), state=state)
            if (state, name) in TRANSITIONS:
                assert step(request, name).state is TRANSITIONS[state, name]
            else:
                with pytest.raises(IllegalTransition, match=f"is {state}"):
                    step(request, name)


def test_a_request_says_which_model_asked_for_it_and_on_which_rung():
    said = drafted(an_alert(bundle="b1", evidence={"rung": "watch list"}))
    silent = drafted(an_alert(bundle="b1", evidence={}))

    assert "Reported by condition monitoring; model b1 (watch list)." in said.text
    assert said.body["rung"] == "watch list"
    assert "model b1." in silent.text


def test_a_request_does_not_promise_an_end_that_the_model_has_not_seen():
    life = {"median": 480.0, "low": 120.0, "high": 1080.0, "unit": "h", "at_cap": False, "open_end": True}

    assert "Remaining life: from 5 days to more than 45 days." in drafted(an_alert(remaining=life)).text
