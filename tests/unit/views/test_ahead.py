"""What a page says of the time ahead: sentences that add up, and what is not told, with the reason."""

from dataclasses import replace

import pytest

from pdm.catalogue import Axis, load_catalogue
from pdm.scoring.assessment import Risk
from pdm.testing.builders import an_assessment
from pdm.views.ahead import ahead
from pdm.views.rung import Standing
from pdm.workspace import Workspace

CURVE = ((72.0, 0.02), (336.0, 0.23), (720.0, 0.28))
RACE = (Risk("bearing_wear", 336.0, "h", 0.15), Risk("seal_leak", 336.0, "h", 0.05))


@pytest.fixture
def look(tmp_path):
    catalogue = load_catalogue(Workspace(tmp_path))
    pump, model = catalogue.asset_class("pump"), catalogue.model("pump")

    def _look(standing=Standing(), asset_class=pump, model=model, **changes):  # noqa: B008  a frozen default
        return ahead(an_assessment(**{"curve": CURVE, "first": RACE} | changes), asset_class, model, standing)

    _look.pump, _look.model = pump, model
    return _look


def test_the_sentence_adds_up_and_names_the_mode(look):
    told = look()

    assert told.sentences == (
        "Within 14 d: bearing wear, drive end 17 %, leaking mechanical seal 6 %, no failure 77 %.",
        "Within 30 d: bearing wear, drive end 21 %, leaking mechanical seal 7 %, no failure 72 %.",
    )
    assert told.headings == ("Bearing wear, drive end", "Leaking mechanical seal", "no failure")
    assert [row.horizon for row in told.rows] == ["3 d", "14 d", "30 d"]
    assert told.notes == ()


def test_the_chart_begins_with_now_and_stays_below_all(look):
    chart = look().chart

    together = [sum(values) for values in zip(*(line.values for line in chart.lines), strict=True)]
    assert (chart.x, chart.x_unit) == ((0.0, 3.0, 14.0, 30.0), "days from now")
    assert together == pytest.approx([0, 2, 23, 28])
    assert (chart.stacked, chart.rest) == (True, "no failure")


def test_a_mode_that_was_left_out_is_said_with_its_reason(look):
    reason = "seal_leak_within_14d was left out: one failure on record."

    told = look(Standing(left_out={"seal_leak_within_14d": reason}), first=())

    assert told.headings == ("any failure", "no failure")
    assert told.notes == (
        "Which it would be, bearing wear, drive end or leaking mechanical seal, is not told apart. " + reason,
    )


def test_the_share_of_a_mode_that_the_model_abstains_from_is_called_a_guess(look):
    told = look(Standing(abstained={"seal_leak": "Leaking mechanical seal is not predictable with these sensors."}))

    assert told.notes == (
        "Leaking mechanical seal: these sensors are not known to show it coming, so its share is a guess.",
    )


def test_a_mode_that_the_curve_does_not_know_is_said(look):
    targets = tuple(replace(one, modes=("bearing_wear",)) for one in look.model.targets if one.kind == "remaining_life")

    told = look(model=replace(look.model, targets=targets))

    assert told.headings == ("Bearing wear, drive end", "no failure")
    assert told.notes == ("Leaking mechanical seal is not counted here: nobody predicts its remaining life.",)


def test_two_models_that_disagree_are_not_hidden(look):
    (note,) = look(first=(replace(RACE[0], probability=0.6), RACE[1])).notes

    assert "say 65 % for any failure, this curve 23 %" in note


def test_a_counter_counts_in_its_own_unit(look):
    engine = replace(look.pump, axis=Axis("usage", 1.0, "cycles", 4.0))

    told = look(asset_class=engine, curve=((10.0, 0.1), (30.0, 0.4)), first=())

    assert told.chart.x_unit == "cycles from now"
    assert told.sentences[-1] == "Within 30 cycles: any failure 40 %, no failure 60 %."


@pytest.mark.parametrize("curve", [(), ((336.0, 0.2),)])
def test_one_horizon_is_no_course_of_time(look, curve):
    assert look(curve=curve) is None
