"""The small plant's truth in the judge's tables, so that the benchmark can be tried out on it."""

import pytest

from pdm.catalogue import load_catalogue
from pdm.simulation.judge import Period, alert_table, judge
from pdm.simulation.judge.policies import incumbent
from pdm.simulation.judge.small import small_truth
from pdm.simulation.small_plant import simulate_small_plant
from pdm.workspace import create


@pytest.fixture(scope="module")
def simulated():
    return simulate_small_plant(5, assets_per_class=(4, 2, 2), days=200)


@pytest.fixture(scope="module")
def truth(simulated, tmp_path_factory):
    home = tmp_path_factory.mktemp("home") / "plant"
    return small_truth(simulated, load_catalogue(create(home, plant_name="p", time_zone="UTC")).models, seed=5)


def test_every_failure_of_the_plant_is_a_potential_failure(simulated, truth):
    failed = simulated.events[simulated.events["kind"] == "failure"]
    left = truth.failures[truth.failures["ended_by"] == "failure"]

    # The last ones may not have been written down before the end.
    assert set(failed["item"]) <= set(left["item"])
    assert (left["failure"] == left["ended_at"]).all()


def test_lead_times_and_costs_come_from_the_definitions(truth):
    bearing = truth.failures[truth.failures["failure_mode"] == "bearing_wear"].iloc[0]

    assert bearing["planning_time_h"] > 0
    assert bearing["cost_planned"] < bearing["cost_unplanned"]


def test_what_broke_without_warning_cannot_be_found(truth):
    without = truth.failures[truth.failures["precursor"] == "none"]

    assert without["detectable_from"].isna().all()


def test_an_alert_on_each_failure_finds_them_all(simulated, truth):
    wear = truth.failures[truth.failures["precursor"] == "gradual"]
    lead = (wear["failure"] - wear["onset"]) / 2
    alerts = alert_table(
        [{"asset": a, "raised_at": t} for a, t in zip(wear["asset"], wear["onset"] + lead, strict=True)]
    )
    period = Period(simulated.start, simulated.end)

    verdicts = judge(truth, alerts, period)

    assert set(verdicts.alerts["kind"]) <= {"in time", "early", "late", "repeat"}
    assert verdicts.tally["cost:stated"].sum() < incumbent(truth, period).tally["cost:stated"].sum()
