"""The chances ahead add up at every horizon, whichever way a class asks about its failures."""

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from pdm.learning.competing import first_to_fail
from pdm.learning.model import Prediction
from pdm.scoring.assessment import Risk
from pdm.scoring.incidence import incidence
from pdm.scoring.risks import curve, first_risks
from pdm.testing.builders import an_assessment

CURVE = ((72.0, 0.04), (336.0, 0.2), (720.0, 0.5), (1008.0, 0.9))
RACE = (Risk("leak", 336.0, "h", 0.05), Risk("wear", 336.0, "h", 0.15))


def a_target(name, kind="remaining_life", modes=("wear",)):
    return SimpleNamespace(name=name, kind=kind, modes=modes, horizon=0.0)


def test_the_modes_add_up_to_the_whole_at_every_horizon():
    told = incidence(an_assessment(curve=CURVE, first=RACE), ["leak", "wear"])

    together = np.sum(list(told.modes.values()), axis=0)
    assert together == pytest.approx([chance for _, chance in CURVE])
    assert list(told.modes) == ["wear", "leak"]
    assert told.modes["wear"][1] == pytest.approx(0.15)
    assert (told.asked, told.said) == (336.0, pytest.approx(0.2))


def test_a_race_at_several_horizons_shares_each_stretch_as_it_was_run():
    later = (Risk("wear", 720.0, "h", 0.15), Risk("leak", 720.0, "h", 0.35))

    told = incidence(an_assessment(curve=CURVE, first=RACE + later), ["wear", "leak"])

    assert told.modes["wear"] == pytest.approx((0.03, 0.15, 0.15, 0.15))
    assert told.modes["leak"] == pytest.approx((0.01, 0.05, 0.35, 0.75))


def test_one_mode_alone_is_the_whole_and_needs_no_race():
    assert incidence(an_assessment(curve=CURVE), ["wear"]).modes == {"wear": (0.04, 0.2, 0.5, 0.9)}


@pytest.mark.parametrize("first", [(), RACE[:1], tuple(Risk(one.mode, 336.0, "h", 0.0) for one in RACE)])
def test_where_nothing_tells_the_modes_apart_only_the_whole_is_told(first):
    told = incidence(an_assessment(curve=CURVE, first=first), ["wear", "leak"])

    assert told.modes == {}
    assert told.whole == (0.04, 0.2, 0.5, 0.9)


def test_a_score_from_before_there_were_curves_has_none():
    assert incidence(an_assessment(first=RACE), ["wear", "leak"]) is None


def test_remaining_lives_learnt_apart_race_over_the_whole_grid():
    grid = np.array([24.0, 48.0, 96.0])
    wear, leak = np.array([[0.1, 0.3, 0.8]]), np.array([[0.2, 0.2, 0.5]])
    prediction = Prediction({}, {}, {"wear_life": (grid, wear), "leak_life": (grid, leak)})
    targets = [a_target("wear_life"), a_target("leak_life", modes=("leak",))]

    found = curve(targets, prediction, 0)
    told = incidence(an_assessment(curve=found, first=first_risks(targets, (), prediction, 0, "h")), ["wear", "leak"])

    raced = first_to_fail({"wear": wear, "leak": leak})
    assert [chance for _, chance in found] == pytest.approx((1 - (1 - wear[0]) * (1 - leak[0])).tolist())
    assert told.modes["wear"] == pytest.approx(raced["wear"][0].tolist())
    assert told.modes["leak"] == pytest.approx(raced["leak"][0].tolist())


@pytest.mark.parametrize(
    "others",
    [
        {"both": (np.array([24.0, 48.0, 96.0]), ("wear", "leak"))},
        {"leak_life": (np.array([24.0, 50.0, 96.0]), ("leak",))},
        {},
    ],
)
def test_lives_that_overlap_or_have_other_grids_do_not_race(others):
    values, grid = np.array([[0.1, 0.3, 0.8]]), np.array([24.0, 48.0, 96.0])
    survival = {"wear_life": (grid, values)} | {name: (own, values) for name, (own, _) in others.items()}
    targets = [a_target("wear_life"), *(a_target(name, modes=modes) for name, (_, modes) in others.items())]
    life = SimpleNamespace(median=np.array([50.0]))
    prediction = Prediction({}, dict.fromkeys(survival, life), survival)

    assert first_risks(targets, (), prediction, 0, "h") == ()
    assert [chance for _, chance in curve(targets, prediction, 0)] == [0.1, 0.3, 0.8]


def test_modes_that_age_race_each_other_too(tmp_path):
    from pdm.catalogue import Axis
    from pdm.learning.age import AgeModel, AgeOfMode
    from pdm.scoring.aging import aged
    from pdm.testing.plants import a_plant

    definition = a_plant(tmp_path).catalogue.model("pump")
    flat = {"failures": 4, "lives": 6, "entered": 0, "unit": 100.0, "shapes": (1.0,), "weights": (1.0,), "shape": 1.0}
    flat |= {"low": 0.8, "high": 1.2, "wears": 0.5, "gain": 0.0, "says": "nothing"}
    modes = tuple(
        AgeOfMode(mode=mode, item=item, exposures=(exposure,), **flat)
        for mode, item, exposure in (("bearing_wear", "bearing", 40.0), ("seal_leak", "seal", 120.0))
    )
    now = an_assessment().as_of + timedelta(hours=1)

    found = aged(AgeModel(modes), {"bearing": 500.0, "seal": 90.0}, definition, Axis(), now=now)

    told = incidence(an_assessment(curve=found.curve, first=found.first), ["bearing_wear", "seal_leak"])
    assert [risk.mode for risk in found.first] == ["bearing_wear", "seal_leak"]
    assert sum(chances[-1] for chances in told.modes.values()) == pytest.approx(found.curve[-1][1])
