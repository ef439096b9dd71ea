"""What a closed case saved, with the assumptions it rests on: a number that nobody can check is no saving.

For a case whose alerts pointed at real damage:

    saving = P x missed failure - (planned repair + hours spent beyond the plan)

P is the probability of failure within the alert's horizon when it was raised; the low bound takes the case as if the machine had lasted,
the high bound as if it had failed. An alert that was false cost its inspection. Nothing is claimed for a failure that had happened
already (as found: critical), nor where nobody looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pdm.alerts.alert import Alert
from pdm.catalogue import Costs
from pdm.feedback.outcome import derive
from pdm.feedback.verdict import Outcome, Verdict

ACTED = ("repaired", "replaced")


@dataclass(frozen=True)
class Saving:
    """One line of the ledger. low, high: what it would be if the machine had lasted, or failed. by: whose verdict it rests on."""

    case_id: str
    asset: str
    outcome: Outcome
    value: float
    low: float
    high: float
    currency: str
    by: str
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    """All lines, and their sums; the bounds add up as if all were at their worst or best at once."""

    lines: tuple[Saving, ...]
    value: float
    low: float
    high: float
    currency: str


def saving(verdict: Verdict, alerts: Sequence[Alert], costs: Costs) -> Saving:
    """What one verdict says that its case saved or cost."""
    outcome = derive(verdict, alerts)
    chance = max((alert.peak_probability for alert in alerts), default=0.0)
    spent, missed = costs.planned_repair, costs.missed_failure
    acted = verdict.action in ACTED
    said: tuple[str, ...]
    values: tuple[float, float, float]
    if outcome in ("averted", "early", "confirmed") and acted and verdict.severity != "critical":
        said = (
            f"without the alert it would have failed with probability {chance:.0%}, the model's highest before the repair",
            f"a failure costs {missed:g} {costs.currency} and the planned repair {spent:g}",
            "low: it would have lasted; high: it would have failed",
        )
        values = (chance * missed - spent, -spent, missed - spent)
    elif outcome in ("false", "sensor fault", "process change"):
        said = (f"nobody would have looked: one inspection at {costs.false_alert:g} {costs.currency}",)
        values = (-costs.false_alert,) * 3
    elif verdict.severity == "critical":
        said, values = ("it had failed already: nothing is claimed",), (0.0, 0.0, 0.0)
    else:
        said, values = ("nothing was repaired, or nobody looked: nothing is claimed",), (0.0, 0.0, 0.0)
    value, low, high = (round(number, 2) for number in values)
    return Saving(verdict.case_id, verdict.asset, outcome, value, low, high, costs.currency, verdict.by, said)


def ledger(lines: Iterable[Saving]) -> list[Ledger]:
    """The ledger of every currency; amounts of two currencies are never added."""
    found = list(lines)
    return [
        Ledger(
            tuple(own := [line for line in found if line.currency == currency]),
            round(sum(line.value for line in own), 2),
            round(sum(line.low for line in own), 2),
            round(sum(line.high for line in own), 2),
            currency,
        )
        for currency in sorted({line.currency for line in found})
    ]
