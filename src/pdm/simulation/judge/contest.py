"""All policies on one plant, judged over its test months on the same terms, and kept on disk under the versions they rest on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pdm.catalogue import AssetClass
from pdm.readings.registry import Installation
from pdm.simulation.honest.truth import Truth
from pdm.simulation.judge.oracle import oracle_alerts
from pdm.simulation.judge.policies import age_replacement, incumbent, perfect, run_to_failure
from pdm.simulation.judge.protocol import Months
from pdm.simulation.judge.terms import Prices, Terms
from pdm.simulation.judge.tuning import ewma_rules, limit_rules
from pdm.simulation.judge.verdicts import Verdicts, judge

BASELINES = ("incumbent", "age_replacement", "limit_rules", "ewma_rules")
"""What a plant can have without any model: the best of them is what a saving is measured from."""

PRODUCT = "product"


@dataclass(frozen=True)
class Outcome:
    """What every policy was worth on one plant.

    tallies: policy -> tally. leads: policy -> days between alert and failure, of the failures found. silent: policies without alerts.
    notes: what else belongs to the report of this plant (rules chosen, classes without a model, seconds).
    """

    seed: int
    tallies: dict[str, pd.DataFrame] = field(repr=False)
    leads: dict[str, tuple[float, ...]] = field(repr=False)
    silent: tuple[str, ...]
    notes: dict[str, Any]

    def save(self, file: Path) -> None:
        """Write the tallies as Parquet and the rest as JSON beside it; whoever reads finds both or neither."""
        file.parent.mkdir(parents=True, exist_ok=True)
        stacked = pd.concat([tally.assign(policy=name) for name, tally in self.tallies.items()], ignore_index=True)
        stacked.to_parquet(file.with_suffix(".parquet"), index=False)
        rest = {"seed": self.seed, "leads": self.leads, "silent": self.silent, "notes": self.notes}
        beside = file.with_suffix(".tmp")
        beside.write_text(json.dumps(rest, indent=1) + "\n", encoding="utf-8")
        beside.replace(file.with_suffix(".json"))

    @classmethod
    def load(cls, file: Path) -> Outcome | None:
        """What `save` wrote, or None when it never finished."""
        if not file.with_suffix(".json").is_file() or not file.with_suffix(".parquet").is_file():
            return None
        rest = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        stacked = pd.read_parquet(file.with_suffix(".parquet"))
        tallies = {
            str(name): part.drop(columns="policy").reset_index(drop=True)
            for name, part in stacked.groupby("policy", sort=False)
        }
        leads = {name: tuple(values) for name, values in rest["leads"].items()}
        return cls(rest["seed"], tallies, leads, tuple(rest["silent"]), rest["notes"])


def contest(
    truth: Truth,
    readings: Mapping[str, pd.DataFrame],
    installations: Sequence[Installation],
    months: Months,
    alerts: pd.DataFrame,
    *,
    classes: Mapping[str, AssetClass] | None = None,
    terms: Terms | None = None,
    prices: Prices | None = None,
    oracle_rates: Sequence[float] = (0.05, 0.1, 0.2, 0.5),
    notes: Mapping[str, Any] | None = None,
) -> Outcome:
    """Judge the product's alerts beside everything else, over the test months of one plant.

    readings: class -> wide table over all months, for the rules. alerts: the product's. oracle_rates: false alerts per asset-year
    at which the oracle is asked; without signatures in the truth there is no oracle.
    """
    terms, prices, plant = terms or Terms(), prices or Prices(), f"plant {truth.seed}"
    limits = limit_rules(readings, truth, months.training, classes=classes, terms=terms, prices=prices)
    means = ewma_rules(readings, truth, months.training, classes=classes, terms=terms, prices=prices)
    streams = {PRODUCT: alerts, "limit_rules": limits.alerts, "ewma_rules": means.alerts}
    if len(truth.signatures):
        streams |= {
            f"oracle@{rate:g}": oracle_alerts(truth, months.test, false_per_year=rate, seed=truth.seed)
            for rate in oracle_rates
        }
    test = months.test
    judged = [
        *(
            judge(truth, stream, test, policy=name, terms=terms, prices=prices, plant=plant)
            for name, stream in streams.items()
        ),
        age_replacement(truth, installations, months.training, test, prices=prices, plant=plant),
        *(policy(truth, test, prices=prices, plant=plant) for policy in (incumbent, run_to_failure, perfect)),
    ]
    rules = {
        one: [
            f"{rule.asset_class}.{rule.channel} {'>' if rule.side > 0 else '<'} {rule.limit:.4g}" for rule in two.rules
        ]
        for one, two in (("limit_rules", limits), ("ewma_rules", means))
    }
    return Outcome(
        seed=truth.seed,
        tallies={one.policy: one.tally for one in judged},
        leads={one.policy: leads(one) for one in judged if one.counts_alerts},
        silent=tuple(one.policy for one in judged if not one.counts_alerts),
        notes={"rules": rules, **(notes or {})},
    )


def leads(verdicts: Verdicts) -> tuple[float, ...]:
    """Days from the alert that counts to the failure, for every failure found."""
    found = verdicts.failures[verdicts.failures["found"]]
    raised = found["act_at"] - found["lead_needed"]
    return tuple(((found["failure"] - raised).dt.total_seconds() / 86400).round(3).tolist())
