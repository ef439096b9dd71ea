"""What an alert must show to be trusted: the eleven items, each there on a raised alert, and similar past cases among them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.catalogue import Policy
from pdm.operations.add_comment import add_comment
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.record_verdict import record_verdict
from pdm.readings.registry import register
from pdm.testing.builders import NOON, an_assessment, an_asset
from pdm.testing.plants import a_plant
from pdm.views.alert import alert_page

DAY = timedelta(days=1)
ITEMS = {
    1: ("asset", "class_title", "words"),
    2: ("suspicion", "runner_up"),
    3: ("risk", "life"),
    4: ("first_seen", "persistence", "trend", "repeat"),
    5: ("reasons", "reasons_of", "regime"),
    6: ("sensor",),
    7: ("maintenance", "sisters"),
    8: ("track_record", "similar"),
    9: ("next_step", "cost", "latest_safe"),
    10: ("state", "due", "audit", "comments"),
    11: ("bundle", "reproduce"),
}


@pytest.fixture
def page(tmp_path):
    """The page of P-101's alert; a month ago the same suspicion was confirmed on P-102, and P-103 has it too."""
    plant = a_plant(tmp_path, policy=Policy(raise_at=0.4, clear_at=0.2, persistence=(1, 1)))
    pumps = [an_asset(f"P-10{n}") for n in (1, 2, 3)]
    register(plant.history, pumps, [], now=NOON - DAY)

    def raised(tag, days):
        plant.clock.set(NOON + days * DAY)
        about = an_assessment(tag, probability=0.8, hours=24.0 * days, life=400.0)
        second = replace(about.risks[0], mode="seal_leak", probability=0.1)
        consider_assessments(plant, [replace(about, risks=(*about.risks, second))])
        with plant.unit_of_work() as work:
            return work.alerts.open_for(tag, "bearing_wear")

    before = raised("P-102", 0)
    plant.clock.set(NOON + 9 * DAY)
    record_verdict(
        plant, before.case_id, by="ada", found="damage", severity="degraded", inspected=True, action="replaced"
    )
    raised("P-103", 29)
    alert = raised("P-101", 30)
    add_comment(plant, f"alert:{alert.id}", by="ada", text="heard it on the round")
    return alert_page(plant, alert.id)


@pytest.mark.parametrize("item", ITEMS)
def test_each_of_the_eleven_items_says_something(page, item):
    if item == 7:
        assert page.sisters[0].text.startswith("P-103")
        return
    for name in ITEMS[item]:
        assert getattr(page, name), f"item {item}: {name} is empty"


def test_a_similar_past_case_is_told_with_what_came_of_it(page):
    (case,) = page.similar

    assert case.asset == "P-102"
    assert case.sentence == "2 Mar 2026: averted, looked at after 9 days; the same channels spoke: vibration"
    assert page.track_record[0].startswith("1 alert, 1 confirmed")
