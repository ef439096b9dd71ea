"""Scoring on the command line tells what could not answer."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pdm.operations.consider_assessments import AlertReport, consider_assessments
from pdm.operations.score_fleet import ScoringReport
from pdm.scoring.assessment import Risk
from pdm.testing.builders import an_assessment
from pdm.wiring import build_plant


def test_scoring_names_the_models_that_could_not_answer(plantpdm, home, monkeypatch):
    problem = "pump: bundle v2: cannot be trusted"
    report = ScoringReport(0, 0, AlertReport(), (), problems=(problem,))
    monkeypatch.setattr("pdm.operations.score_fleet.score_fleet", lambda *_args, **_named: report)

    told = plantpdm("score", "--home", home)

    assert told.code == 0
    assert problem in told.err.splitlines()
    assert problem not in told.out
    assert plantpdm("score", "--home", home, "--json").answer["problems"] == [problem]


def test_a_look_at_an_asset_says_what_its_page_says(plantpdm, worried):
    curve = ((168.0, 0.4), (336.0, 0.9), (720.0, 0.95))
    race = (Risk("bearing_wear", 336.0, "h", 0.8), Risk("seal_leak", 336.0, "h", 0.1))
    now = datetime.now(UTC)
    newest = replace(an_assessment("P-101", 0.9, life=200.0), as_of=now, data_time=now, curve=curve, first=race)
    consider_assessments(build_plant(worried), [newest])

    told = plantpdm("look", "P-101", "--home", worried)
    plain = plantpdm("look", "P-101", "--home", worried, "--json").answer

    assert told.code == 0
    assert "Within 14 d: bearing wear, drive end 80 %, leaking mechanical seal 10 %, no failure 10 %." in told.out
    assert "remaining life: Bearing wear, drive end, 4–17 days" in told.out
    assert "rung: fleet model" in told.out
    assert "because: Mean vibration: 6.5 mm/s, raises the risk" in told.out
    assert sum(chances[-1] for chances in plain["ahead"]["modes"].values()) == pytest.approx(0.95)
    assert (plain["rung"], plain["words"]["condition"]) == ("fleet model", "act")


def test_a_look_at_nobody_is_refused(plantpdm, home):
    assert plantpdm("look", "X-1", "--home", home).code == 4
