"""The job and its date as a page shows them."""

from datetime import timedelta

import pytest

from pdm.operations.consider_assessments import consider_assessments
from pdm.records.planning import write_table
from pdm.testing.builders import NOON, an_assessment
from pdm.testing.plants import a_plant
from pdm.views.requests import request_page

DAY = timedelta(days=1)


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    consider_assessments(plant, [an_assessment(probability=0.5, curve=((72.0, 0.01), (336.0, 0.5), (1008.0, 0.9)))])
    return plant


def the_request(plant):
    with plant.unit_of_work() as work:
        return work.requests.list()[0]


def test_a_drafted_request_says_when_it_is_cheapest_in_text_and_json(plant):
    request = the_request(plant)

    assert "One more week of waiting from" in request.text
    assert request.body["dates"]["week"] > 0
    assert request.body["dates"]["assumptions"]


def test_the_page_has_the_date_the_stops_and_a_chart(plant):
    stop = {
        "name": "spring",
        "start": (NOON + 6 * DAY).isoformat(),
        "end": (NOON + 8 * DAY).isoformat(),
        "scope": "P-101",
    }
    write_table(plant.workspace.home, "stops", [stop])

    dates = request_page(plant, the_request(plant).id).dates

    assert [line.name for line in dates.stops] == ["spring"]
    assert "the stop 'spring' on 8 Mar 2026" in " ".join(dates.sentences)
    assert [line.title for line in dates.chart.lines] == ["Expected cost", "of it risk of failure", "In a planned stop"]
    assert len(dates.chart.x) < 40, "so few that single points are drawn"


def test_a_newer_assessment_moves_the_date(plant):
    before = request_page(plant, the_request(plant).id).dates.advice.earliest.risk
    plant.clock.advance(DAY)

    consider_assessments(plant, [an_assessment(hours=24, probability=0.9, curve=((72.0, 0.5), (336.0, 0.9)))])

    assert request_page(plant, the_request(plant).id).dates.advice.earliest.risk > before
