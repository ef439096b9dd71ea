"""Limits on raw readings: priced as the alerts of a policy are judged, chosen before a stretch, and none where none saves anything."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Costs
from pdm.replay.choose_rules import candidates, cheapest_rules
from pdm.replay.figures import tally
from pdm.replay.limits import as_alerts, record
from pdm.replay.outcomes import Failure, Span, judge_alerts
from pdm.replay.rules import Stream, together
from pdm.testing.machines import A_FAN

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SPAN = Span(START, START + 200 * DAY, 14 * DAY, 42 * DAY)
COSTS = Costs(missed_failure=100.0, planned_repair=10.0, false_alert=1.0)
ASSETS = ("F-1", "F-2", "F-3")


def failure(asset, day, lead=5.0):
    return Failure(asset, "fan", "wear", START + day * DAY, lead * DAY)


@pytest.mark.parametrize("seed", range(20))
def test_a_stream_of_alerts_costs_what_the_same_alerts_cost_a_policy(seed):
    random = np.random.default_rng(seed)
    failures = [failure(str(random.choice(ASSETS)), day) for day in random.choice(200, 6, replace=False)]
    work = {"F-2": [START + float(day) * DAY for day in random.uniform(0, 200, 3)]}
    which = np.sort(random.integers(0, 3, 25))
    raised = (random.uniform(0, 200, 25) * 86_400e6).astype(np.int64) + int(START.timestamp() * 1e6)
    order = np.lexsort((raised, which))
    stream = Stream(ASSETS, which[order].astype(np.int64), raised[order], raised[order] + 86_400_000_000)

    outcomes = judge_alerts(as_alerts([stream], "fan"), failures, work, SPAN)
    years = dict.fromkeys(ASSETS, 1.0)
    judged = tally(outcomes, years, {"fan": COSTS}, dict.fromkeys(ASSETS, "fan"), {})

    assert record(ASSETS, failures, work, SPAN, COSTS).price(stream) == pytest.approx(judged.cost.sum())


@pytest.fixture
def worn():
    """Three fans; two of them run hot for ten days before they fail."""
    times = pd.date_range(START, periods=200 * 24, freq="1h").as_unit("us")
    random = np.random.default_rng(1)
    failures = [failure("F-1", 60), failure("F-2", 130)]
    tables = []
    for asset in ASSETS:
        temperature = random.normal(50.0, 1.0, len(times))
        for one in failures:
            if one.asset == asset:
                temperature[(times > one.at - 10 * DAY) & (times <= one.at)] += 15.0
        columns = {"asset": asset, "time": times, "speed": 1500.0, "load": 0.7, "ambient": 20.0}
        tables.append(
            pd.DataFrame(columns | {"temperature": temperature, "vibration": random.normal(2.0, 0.1, len(times))})
        )
    table = pd.concat(tables, ignore_index=True)
    return table[["asset", "time", *(name for name in A_FAN.channel_names if name in table)]], failures


def test_the_limit_that_finds_the_failures_is_chosen_and_none_where_nothing_fails(worn):
    readings, failures = worn
    tried = candidates("limit", "fan", readings, SPAN, None)
    known = record(ASSETS, failures, {}, SPAN, COSTS)
    calm = record(ASSETS, [], {}, SPAN, COSTS)

    rules, streams = cheapest_rules(tried, known.price, without=known.without_alerts)

    assert [(rule.channel, rule.side) for rule in rules] == [("temperature", 1)]
    assert known.price(together(streams)) == 2 * COSTS.planned_repair
    assert cheapest_rules(tried, calm.price, without=calm.without_alerts) == ([], [])
