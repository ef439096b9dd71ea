from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.catalogue import Axis
from pdm.operations.ingest_events import ingest_events
from pdm.scoring.assessment import Likeness, Risk
from pdm.testing.builders import NOON, an_assessment
from pdm.testing.plants import a_plant
from pdm.views.asset import asset_page
from pdm.views.likely import past_lives, race


def race_of(plant, first):
    model = plant.catalogue.model("pump")
    return race(an_assessment(first=first), plant.catalogue.asset_class("pump"), model)


def test_the_race_adds_up_and_says_what_comes_first(tmp_path):
    found = race_of(
        a_plant(tmp_path),
        (Risk("bearing_wear", 336.0, "h", 0.6), Risk("seal_leak", 336.0, "h", 0.1), Risk("seal_leak", 720.0, "h", 0.2)),
    )

    assert (
        found.sentence
        == "Within 14 d: bearing wear, drive end first 60 %, leaking mechanical seal first 10 %, no failure 30 %."
    )
    assert [(one.start, one.share) for one in found.contenders] == [(0.0, 0.6), (0.6, 0.1)]


def test_without_a_race_nothing_is_said(tmp_path):
    assert race_of(a_plant(tmp_path), ()) is None
    assert race(None, a_plant(tmp_path).catalogue.asset_class("pump"), None) is None


def test_past_cases_say_what_came_of_them_and_what_was_found(own_plant):
    page = asset_page(own_plant, "P-101")

    assert (
        page.past.sentence == "2 of the 3 nearest cases failed: leaking mechanical seal 1, bearing wear, drive end 1."
    )
    first, second, third = page.past.cases
    assert first.sentence == "30 Nov 2025, 48 hours before its failure: leaking mechanical seal"
    assert first.found == "Cartridge replaced"
    assert second.found == ""
    assert (third.failed, third.sentence) == (False, "6 May 2025: nothing failed within 14 days")
    assert page.race.sentence.startswith("Within 14 d: bearing wear, drive end first 72 %")


def test_a_likeness_that_is_none_is_not_sold_as_one(own_plant):
    asset_class, model = own_plant.catalogue.asset_class("pump"), own_plant.catalogue.model("pump")
    far = Likeness("P-9", NOON.isoformat(), "seal_leak", 10.0, "h", 0.3)

    found = past_lives(own_plant, an_assessment(similar=(far,)), asset_class, model)

    assert found.sentence == "None of the past cases is close: the model has seen little like this."
    assert past_lives(own_plant, an_assessment(), asset_class, model).cases == ()


@pytest.mark.parametrize("usage", [118.0, 900.0])
def test_on_a_counter_the_repair_is_looked_for_by_its_position(seed, own_plant, usage):
    table = seed.events().iloc[:1].assign(asset="FD001-test-007", kind="failure", usage=usage, text="Blade lost")
    own_plant.clock.advance(timedelta(hours=1))
    ingest_events(own_plant, table.drop(columns="time"), source="cmms")
    engine = replace(own_plant.catalogue.asset_class("pump"), axis=Axis("usage", 1.0, "cycles", 4.0))
    one = Likeness("FD001-test-007", 100.0, "seal_leak", 18.0, "cycles", 0.9)

    found = past_lives(own_plant, an_assessment(similar=(one,)), engine, None)

    assert found.cases[0].sentence.startswith("at 100 cycles, 18 cycles before its failure")
    assert found.cases[0].found == ("Blade lost" if usage == 118.0 else "")
