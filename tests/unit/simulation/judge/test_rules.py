"""Limits and EWMA rules: when they speak, and that they are tuned on the training months by what they cost there."""

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import AssetClass, Axis, Channel, FeatureSet, RunningRule, Window
from pdm.errors import TooLittleData
from pdm.simulation.judge import Period, Prices, Terms, ewma_rules, judge, limit_rules
from pdm.simulation.judge.ledger import Ledger
from pdm.simulation.judge.rules import Rule, Stream, signal, table_of, together
from pdm.simulation.judge.tuning import rules_at

PUMP = AssetClass(
    "pump",
    "Pump",
    Axis(),
    (Channel("speed", "speed", "rpm", role="setting"), Channel("vibration", "vibration", "mm/s")),
    FeatureSet("pump", ("vibration",), (Window(rows=24),)),
    running=RunningRule("speed", 200.0),
)


def hourly(hand, asset, values):
    times = pd.date_range(hand.day(0), periods=len(values), freq="h", unit="us")
    return pd.DataFrame({"asset": asset, "time": times, "vibration": np.asarray(values, dtype=np.float64)})


def hours(hand, moments):
    return [(moment - pd.Timestamp(hand.day(0))) / pd.Timedelta(hours=1) for moment in moments]


def raised(hand, values, limit, side=1, kind="limit"):
    made = signal(hourly(hand, "P-1", values), "vibration", kind, Period(hand.day(0), hand.day(5)))
    return table_of([made.stream(Rule("pump", "vibration", side, limit, kind))])


def test_a_limit_speaks_at_the_third_reading_in_a_row_and_closes_after_a_quiet_day(hand):
    values = np.zeros(200)
    values[[5, 6]] = 9.0  # two are not enough
    values[20:24] = 9.0

    alerts = raised(hand, values, 5.0)

    assert hours(hand, alerts["raised_at"]) == [22]
    assert hours(hand, alerts["closed_at"]) == [23 + 24]


def test_a_limit_that_is_crossed_again_within_a_day_is_the_same_alert(hand):
    values = np.zeros(200)
    values[20:24] = values[40:44] = values[100:104] = 9.0

    assert hours(hand, raised(hand, values, 5.0)["raised_at"]) == [22, 102]


def test_a_lower_limit_looks_downwards(hand):
    values = np.full(100, 5.0)
    values[50:60] = 1.0

    assert hours(hand, raised(hand, values, 2.0, side=-1)["raised_at"]) == [52]


def test_one_asset_s_readings_do_not_complete_another_s(hand):
    values = np.zeros(30)
    low, high = values.copy(), values.copy()
    low[-2:] = high[:1] = 9.0
    readings = pd.concat([hourly(hand, "P-1", low), hourly(hand, "P-2", high)])

    made = signal(readings, "vibration", "limit", Period(hand.day(0), hand.day(1)))

    assert not len(made.stream(Rule("pump", "vibration", 1, 5.0)).raised)


def test_a_machine_in_standby_is_left_alone(hand):
    readings = hourly(hand, "P-1", np.full(100, 1.0)).assign(speed=np.r_[np.full(50, 1500.0), np.zeros(50)])
    readings.loc[50:, "vibration"] = 0.0

    made = signal(readings, "vibration", "limit", Period(hand.day(0), hand.day(2)), PUMP)

    assert not len(made.stream(Rule("pump", "vibration", -1, 0.5)).raised)


def test_an_ewma_sees_a_small_lasting_shift_in_the_asset_s_own_terms(hand):
    random = np.random.default_rng(1)
    values = random.normal(7.0, 0.1, 400)
    values[240:] += 0.25  # far below any limit of the class, two and a half deviations of this asset

    alerts = raised(hand, values, 2.0, kind="ewma")

    assert 250 < hours(hand, alerts["raised_at"])[0] < 330


def test_a_channel_that_never_moves_raises_nothing(hand):
    assert raised(hand, np.full(300, 3.0), 2.0, kind="ewma").empty


def a_stream(hand, *rows):
    """(asset number, raised, closed) in days."""
    which, raised, closed = (np.array(column) for column in zip(*rows, strict=True))
    start, day = int(hand.day(0).timestamp() * 1e6), 86_400_000_000
    return Stream(("P-1", "P-2"), which, start + (raised * day).astype(int), start + (closed * day).astype(int))


def test_the_rules_of_an_asset_speak_with_one_voice(hand):
    one = a_stream(hand, (0, 10, 14), (1, 11, 12))
    other = a_stream(hand, (0, 12, 20), (0, 19, 21), (0, 30, 31), (1, 25, 26))

    alerts = table_of([together([one, other])])

    assert alerts["asset"].tolist() == ["P-1", "P-2", "P-2", "P-1"]
    assert alerts["raised_at"].tolist() == [hand.day(10), hand.day(11), hand.day(25), hand.day(30)]
    assert alerts["closed_at"].tolist() == [hand.day(21), hand.day(12), hand.day(26), hand.day(31)]


def test_the_quick_ledger_and_the_judge_agree(hand):
    random = np.random.default_rng(8)
    truth = hand.truth(
        *(
            hand.failure("P-1", onset=day - 25, failure=day, cost_unplanned=90.0 + day)
            for day in (40, 44, 120, 210, 305)
        ),
        hand.failure("P-2", onset=100, failure=150, ended_at=120, ended_by="condition"),
        hand.failure("P-2", onset=200, failure=340),
        hand.failure("P-2", onset=20, failure=24),
    )
    period, prices = Period(hand.day(25), hand.day(300)), Prices(ratios=(), waste_per_year=3.0)
    ledger = Ledger.of(truth, period, Terms(), prices)

    for _ in range(15):
        moments = np.sort(random.uniform(0, 365, 12))
        stream = together(
            [a_stream(hand, *((int(random.integers(2)), at, at + random.uniform(0, 9)) for at in moments))]
        )
        judged = judge(truth, table_of([stream]), period, prices=prices)
        assert ledger.cost(stream) == pytest.approx(judged.tally["cost:stated"].sum())


@pytest.fixture(scope="module")
def plant(hand):
    """Four pumps of two hundred days; two bearings shake before they fail in training, one in the test."""
    random = np.random.default_rng(5)
    fails = {"P-1": 60, "P-2": 90, "P-3": 170}
    tables = []
    for asset in ("P-1", "P-2", "P-3", "P-4"):
        at = np.arange(200 * 24) / 24
        value = 2.0 + random.normal(0, 0.2, len(at))
        if asset in fails:
            value += np.where((at > fails[asset] - 30) & (at < fails[asset]), (at - fails[asset] + 30) / 5, 0.0)
        tables.append(hourly(hand, asset, value).assign(noise=random.normal(size=len(at)), speed=1500.0))
    truth = hand.truth(
        *(hand.failure(asset, onset=day - 30, failure=day) for asset, day in fails.items()),
        assets=("P-1", "P-2", "P-3", "P-4"),
        days=200,
    )
    return {"pump": pd.concat(tables, ignore_index=True)}, truth


@pytest.mark.parametrize("tune", [limit_rules, ewma_rules])
def test_rules_tuned_in_training_find_the_failure_of_the_test_months(hand, plant, tune):
    readings, truth = plant
    training, test = Period(hand.day(0), hand.day(120)), Period(hand.day(120), hand.day(200))

    rules = tune(readings, truth, training)
    verdicts = judge(truth, rules.alerts, test)

    assert [rule.channel for rule in rules.rules] == ["vibration"]
    assert verdicts.failures["found"].tolist() == [True]


def test_what_happens_in_the_test_months_changes_no_rule(hand, plant):
    readings, truth = plant
    training = Period(hand.day(0), hand.day(120))
    changed = readings["pump"].copy()
    changed.loc[changed["time"] > hand.day(120), "vibration"] *= 40.0

    assert limit_rules({"pump": changed}, truth, training).rules == limit_rules(readings, truth, training).rules


@pytest.mark.parametrize(("kind", "tune"), [("limit", limit_rules), ("ewma", ewma_rules)])
def test_the_dearer_an_inspection_the_less_rules_say(hand, plant, kind, tune):
    readings, truth = plant
    training = Period(hand.day(0), hand.day(120))

    usual, dear = rules_at(kind, readings, truth, training, (Prices().inspection, 1e6))

    assert usual.rules == tune(readings, truth, training).rules
    assert len(dear.alerts) <= len(usual.alerts)
    assert judge(truth, dear.alerts, training).tally["false"].sum() == 0


def test_a_plant_without_failures_gets_no_rules(hand, plant):
    readings, _ = plant

    rules = limit_rules(readings, hand.truth(assets=("P-1", "P-2", "P-3", "P-4")), Period(hand.day(0), hand.day(120)))

    assert rules.rules == ()
    assert rules.alerts.empty


def test_only_channels_that_answer_to_wear_get_limits(hand, plant):
    readings, truth = plant

    rules = limit_rules(readings, truth, Period(hand.day(0), hand.day(120)), classes={"pump": PUMP})

    assert {rule.channel for rule in rules.rules} == {"vibration"}


def test_without_training_months_there_is_nothing_to_tune_on(hand, plant):
    readings, truth = plant

    with pytest.raises(TooLittleData, match="pump"):
        limit_rules(readings, truth, Period(hand.day(-20), hand.day(-10)))
