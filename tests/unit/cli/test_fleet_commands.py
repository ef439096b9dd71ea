"""Scoring on the command line tells what could not answer."""

from pdm.operations.consider_assessments import AlertReport
from pdm.operations.score_fleet import ScoringReport


def test_scoring_names_the_models_that_could_not_answer(plantpdm, home, monkeypatch):
    problem = "pump: bundle v2: cannot be trusted"
    report = ScoringReport(0, 0, AlertReport(), (), problems=(problem,))
    monkeypatch.setattr("pdm.operations.score_fleet.score_fleet", lambda *_args, **_named: report)

    told = plantpdm("score", "--home", home)

    assert told.code == 0
    assert problem in told.err.splitlines()
    assert problem not in told.out
    assert plantpdm("score", "--home", home, "--json").answer["problems"] == [problem]
