"""The scoring flow names the models that could not answer, in its log and on its artifact; without a server."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

from pdm.operations.consider_assessments import AlertReport
from pdm.operations.score_fleet import ScoringReport
from pdm.testing.builders import an_assessment

FLOW = Path(__file__).resolve().parents[2] / "flows" / "score_fleet.py"
PROBLEM = "pump: bundle v2: cannot be trusted"


@pytest.fixture
def flow(monkeypatch):
    """The flow's file as a module, its plant replaced and its round already known."""
    spec = importlib.util.spec_from_file_location("score_fleet_flow", FLOW)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    report = ScoringReport(1, 0, AlertReport(), (an_assessment("P-101", 0.5),), problems=(PROBLEM,))
    monkeypatch.setattr(
        module, "build_plant", lambda _home: SimpleNamespace(settings=SimpleNamespace(score_every="1h"))
    )
    monkeypatch.setattr(module, "score", lambda _plant, **_named: report)
    return module


def test_a_round_gives_its_rows_and_its_problems(flow):
    rows, problems = flow.score_once.fn(None, None)

    assert [row["asset"] for row in rows] == ["P-101"]
    assert problems == [PROBLEM]


def test_problems_are_logged_and_stand_on_the_artifact(flow, monkeypatch):
    logged, made = [], {}
    monkeypatch.setattr(flow, "score_once", flow.score_once.fn)
    monkeypatch.setattr(flow, "get_run_logger", lambda: SimpleNamespace(warning=logged.append))
    monkeypatch.setattr(flow, "create_table_artifact", lambda **given: made.update(given))

    assert flow.score_fleet.fn() == 1

    assert logged == [PROBLEM]
    assert made["description"] == f"The fleet, worst first.\n\n{PROBLEM}"
