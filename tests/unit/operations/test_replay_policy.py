"""A policy judged on stored history: the same scores for every policy, its failures from the record, its budget with a proof."""

import json
import tomllib
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from pdm.catalogue import Catalogue, Policy
from pdm.catalogue.load import load_policy
from pdm.errors import DefinitionError, InputError, TooLittleData
from pdm.operations import solve_policy as solving
from pdm.operations.replay_policy import replay_over
from pdm.operations.solve_policy import solve_policy
from pdm.readings.events import append_events

STEP = timedelta(hours=24)


@pytest.fixture
def past(watched, put_in_charge):
    """The watched plant with a failure of P-6 two days ago, and a policy that raises."""
    put_in_charge()
    now = watched.clock.now()
    failure = {"asset": "P-6", "kind": "failure", "maintainable_item": "bearing", "severity": "critical"}
    event = pd.DataFrame([failure | {"time": pd.Timestamp(now - timedelta(days=2)), "failure_mode": "bearing_wear"}])
    append_events(watched.history, event, now=now)
    models = {
        name: replace(model, policy=Policy(raise_at=0.4, clear_at=0.2, persistence=(1, 2)))
        for name, model in watched.catalogue.models.items()
    }
    return replace(watched, catalogue=Catalogue(watched.catalogue.classes, models))


def test_a_replay_judges_the_policy_and_leaves_the_plant_alone(past):
    end = past.clock.now()
    report = replay_over(past, end - timedelta(days=20), end, every=STEP, classes=["pump"])

    document = json.loads(json.dumps(report.document()))
    assert len(report.outcomes.alerts) > 0
    assert document["figures"]["recall"]["of"][1] == len(report.outcomes.failures) == 1
    assert sum(document["alerts_each_week"]) == len(report.outcomes.alerts)
    assert set(document["against"]) == {
        "policy",
        "run to failure",
        "incumbent",
        "age replacement",
        "limits",
        "perfect knowledge",
    }
    assert document["against"]["perfect knowledge"]["cost"] <= document["against"]["policy"]["cost"]
    assert "promise" in report.warning
    with past.unit_of_work() as work:
        assert work.alerts.list() == []
        assert work.assessments.latest() == []


def test_another_policy_over_the_same_days_uses_the_scores_that_are_kept(past):
    end = past.clock.now()
    start = end - timedelta(days=10)
    replay_over(past, start, end, every=STEP, classes=["pump"])
    (file,) = (past.workspace.reports / "replay").glob("scored-*.parquet")
    written = file.stat().st_mtime_ns

    deaf = replay_over(past, start, end, every=STEP, classes=["pump"], policies={"pump": Policy(raise_at=1.0)})

    assert deaf.outcomes.alerts == ()
    assert file.stat().st_mtime_ns == written


def test_a_budget_is_solved_out_of_sample_and_proposed_as_a_file(past, monkeypatch):
    end = past.clock.now()
    monkeypatch.setattr(solving, "_learnt_until", lambda *_: end - timedelta(days=38))
    monkeypatch.setattr(solving, "_FEWEST_WEEKS", 4.0)

    found = solve_policy(past, "pump", per_week=2.0, every=timedelta(days=2))

    assert found.solution.best.per_week <= 2.0
    proposed = tomllib.loads(found.path.read_text())["policy"]
    assert proposed["raise_at"] == found.solution.best.policy.raise_at
    assert load_policy(found.path, past.catalogue.classes["pump"].axis).raise_at == proposed["raise_at"]
    assert found.solution.held_out is not None


def test_what_a_model_has_learnt_from_proves_nothing(past, monkeypatch):
    end = past.clock.now()
    monkeypatch.setattr(solving, "_learnt_until", lambda *_: end - timedelta(days=20))

    with pytest.raises(InputError, match="learnt from everything before"):
        solve_policy(past, "pump", per_week=2.0, start=end - timedelta(days=30))
    with pytest.raises(TooLittleData, match=r"only 2\.9 weeks"):
        solve_policy(past, "pump", per_week=2.0)
    with pytest.raises(InputError, match="allows none"):
        solve_policy(past, "pump", per_week=0.0)


def test_a_file_without_a_policy_is_refused(tmp_path, past):
    file = tmp_path / "empty.toml"
    file.write_text("x = 1\n")

    with pytest.raises(DefinitionError, match=r"no \[policy\]"):
        load_policy(file, past.catalogue.classes["pump"].axis)
