"""All policies together on one plant, what is kept of it, and the report over several."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from pdm.errors import InputError
from pdm.readings.registry import Installation
from pdm.simulation.judge import Prices, alert_table, months
from pdm.simulation.judge.contest import BASELINES, Outcome, contest
from pdm.simulation.judge.protocol import Stamp
from pdm.simulation.judge.report import as_table, report

STAMP = Stamp("by-hand", "c0de", "s1")
PRICES = Prices(ratios=(0.2,))
ASSETS = ("P-1", "P-2", "P-3", "P-4")


def a_plant(hand, seed):
    """Four pumps, two hundred days; a bearing in training and one in the test shake before they fail."""
    random = np.random.default_rng(seed)
    fails = {"P-1": 60, "P-2": 150}
    tables = []
    for asset in ASSETS:
        at = np.arange(200 * 8) / 8
        value = 2.0 + random.normal(0, 0.2, len(at))
        if asset in fails:
            value += np.where((at > fails[asset] - 40) & (at < fails[asset]), (at - fails[asset] + 40) / 5, 0.0)
        times = pd.date_range(hand.day(0), periods=len(at), freq="3h", unit="us")
        tables.append(pd.DataFrame({"asset": asset, "time": times, "vibration": value}))
    rows = [
        {
            "failure_id": f"{asset}/{day}",
            "time": hand.day(float(at)),
            "channel": "vibration",
            "shift": (at - day + 40) / 5,
            "noise_sd": 0.2,
        }
        for asset, day in fails.items()
        for at in np.arange(day - 40, day, 0.25)
    ]
    failures = [hand.failure(asset, onset=day - 40, failure=day) for asset, day in fails.items()]
    truth = hand.truth(*failures, assets=ASSETS, days=200, signatures=rows)
    return {"pump": pd.concat(tables, ignore_index=True)}, truth


@pytest.fixture(scope="module")
def outcomes(hand):
    made = []
    for seed in (1, 2):
        readings, truth = a_plant(hand, seed)
        alerts = alert_table([hand.alert("P-2", 130, mode="bearing_wear"), hand.alert("P-4", 120 + seed)])
        apart = months(hand.day(0), hand.day(100), hand.day(200))
        installed = [Installation(asset, f"{asset}-bearing", hand.day(0), "bearing") for asset in ASSETS]
        outcome = contest(truth, readings, installed, apart, alerts, prices=PRICES, notes={"rounds": 5})
        made.append(Outcome(seed, outcome.tallies, outcome.leads, outcome.silent, outcome.notes))
    for outcome in made:
        for tally in outcome.tallies.values():
            tally["plant"] = f"plant {outcome.seed}"
    return made


def test_every_policy_is_judged_on_the_same_assets(outcomes):
    tallies = outcomes[0].tallies

    assert set(tallies) > {"product", "oracle@0.05", "perfect", "run_to_failure", *BASELINES}
    assert {tuple(tally["asset"]) for tally in tallies.values()} == {ASSETS}


def test_the_chosen_rules_are_told(outcomes):
    assert [rule.partition(" ")[0] for rule in outcomes[0].notes["rules"]["limit_rules"]] == ["pump.vibration"]
    assert outcomes[0].notes["rounds"] == 5


def test_what_is_kept_of_a_plant_comes_back_as_it_was(outcomes, tmp_path):
    outcomes[0].save(tmp_path / "kept" / "v1-1")

    back = Outcome.load(tmp_path / "kept" / "v1-1")

    assert (back.seed, back.leads, back.silent, back.notes) == (
        1,
        outcomes[0].leads,
        outcomes[0].silent,
        outcomes[0].notes,
    )
    for name, tally in outcomes[0].tallies.items():
        pd.testing.assert_frame_equal(back.tallies[name], tally, check_dtype=False)


def test_an_outcome_that_was_never_finished_is_not_there(outcomes, tmp_path):
    outcomes[0].save(tmp_path / "v1-1")
    (tmp_path / "v1-1.json").unlink()

    assert Outcome.load(tmp_path / "v1-1") is None


def test_the_report_says_what_it_rests_on_and_what_it_may_be_used_for(outcomes):
    found = report(outcomes, STAMP, prices=PRICES, draws=50)

    assert found["versions"] == {"simulator": "by-hand", "code": "c0de", "settings": "s1"}
    assert (found["seeds"], found["assets"], found["failures"], found["detectable"]) == ([1, 2], 8, 2, 2)
    assert found["standing"].startswith("small run (2 plants, 20 are needed; 2 failures")


def test_the_report_gives_every_policy_its_figures_and_its_saving(outcomes):
    found = report(outcomes, STAMP, prices=PRICES, draws=50)["policies"]

    assert found["product"]["figures"]["recall_detectable"]["of"] == (2, 2)
    assert found["product"]["figures"]["precision"]["value"] == 0.5
    assert found["product"]["median_lead_days"] == 20.0
    assert found["perfect"]["saving"]["cost:0.2"]["value"] == 1.0
    assert found["perfect"]["figures"]["recall_all"]["value"] == 1.0
    assert found["run_to_failure"]["figures"]["recall_all"]["value"] == 0.0
    assert "false_per_year" not in found["incumbent"]["figures"]


def test_the_report_is_json_without_any_nan(outcomes):
    text = json.dumps(report(outcomes, STAMP, prices=PRICES, draws=50))

    assert "NaN" not in text
    assert math.isclose(json.loads(text)["asset_years"], 8 * 100 / 365.25, abs_tol=0.01)


def test_the_table_names_every_policy_in_each_part_and_its_standing(outcomes):
    found = report(outcomes, STAMP, prices=PRICES, draws=50)
    text = as_table(found)
    parts = {
        name: 3 if found["reference"] and name not in ("perfect", "run_to_failure") else 2 for name in found["policies"]
    }

    assert "standing: small run" in text
    assert "simulator by-hand" in text
    for name in outcomes[0].tallies:
        assert sum(line.startswith(name + " ") for line in text.splitlines()) == parts[name]


def test_no_plant_no_report():
    with pytest.raises(InputError):
        report([], STAMP)
