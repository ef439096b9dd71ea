"""A saving is claimed only where damage was found and repaired in time, and never without its assumptions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.catalogue import Costs
from pdm.feedback.savings import ledger, saving
from pdm.feedback.verdict import Verdict
from pdm.testing.builders import NOON, an_alert

COSTS = Costs(24000.0, 3200.0, 350.0)
VERDICT = Verdict(
    "v",
    "ca",
    "P-101",
    "Ada",
    NOON,
    NOON + timedelta(hours=1),
    True,
    "damage",
    "degraded",
    "bearing_wear",
    action="repaired",
)
ALERTS = [an_alert(probability=0.5, peak_probability=0.75)]


def test_a_failure_averted_saves_its_probable_cost_less_the_repair():
    line = saving(VERDICT, ALERTS, COSTS)

    assert (line.outcome, line.value, line.low, line.high) == ("averted", 14800.0, -3200.0, 20800.0)
    assert line.by == "Ada"
    assert "75%" in line.assumptions[0]


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"severity": "critical"}, 0.0),
        ({"found": "nothing", "severity": "", "action": "nothing"}, -350.0),
        ({"found": "nothing", "severity": "", "action": "nothing", "inspected": False}, 0.0),
        ({"found": "sensor fault", "severity": "", "action": "nothing"}, -350.0),
        ({"action": "monitored"}, 0.0),
        ({"failure_mode": "seal_leak"}, 0.0),
    ],
)
def test_nothing_is_claimed_that_was_not_averted(changes, value):
    line = saving(replace(VERDICT, **changes), ALERTS, COSTS)

    assert (line.value, line.low, line.high) == (value, value, value)
    assert line.assumptions


def test_the_ledger_adds_up_and_never_over_two_currencies():
    lines = [saving(VERDICT, ALERTS, COSTS), saving(replace(VERDICT, severity="critical"), ALERTS, COSTS)]
    lines.append(saving(VERDICT, ALERTS, replace(COSTS, currency="USD")))

    found = {one.currency: (len(one.lines), one.value, one.low, one.high) for one in ledger(lines)}

    assert found == {COSTS.currency: (2, 14800.0, -3200.0, 20800.0), "USD": (1, 14800.0, -3200.0, 20800.0)}
