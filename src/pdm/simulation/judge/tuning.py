"""Choose the rules of a plant on its training months, by what their alerts would have cost there.

Rules are added one at a time, the one that saves most first, until none saves anything: a plant gets as few as are worth it.
The tuning sees the true failures of the training months, which a plant would know only in part: these baselines are strong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from pdm.catalogue import AssetClass
from pdm.replay.choose_rules import candidates, cheapest_rules
from pdm.simulation.honest.truth import Truth
from pdm.simulation.judge.ledger import Ledger
from pdm.simulation.judge.rules import Kind, Rule, Stream, table_of, together
from pdm.simulation.judge.terms import Period, Prices, Terms


@dataclass(frozen=True)
class Rules:
    """The chosen rules, and their alerts over all of the readings that were given."""

    rules: tuple[Rule, ...]
    alerts: pd.DataFrame = field(repr=False)


def limit_rules(
    readings: Mapping[str, pd.DataFrame],
    truth: Truth,
    training: Period,
    *,
    classes: Mapping[str, AssetClass] | None = None,
    terms: Terms | None = None,
    prices: Prices | None = None,
) -> Rules:
    """Limits per class and channel; candidates are quantiles of the training months, from both sides.

    readings: class -> wide table. classes: their definitions, for the running rule and the roles of channels.

    Raises:
        TooLittleData: no readings lie in the training months.
    """
    return _tuned("limit", readings, truth, training, classes, terms or Terms(), prices or Prices())


def ewma_rules(
    readings: Mapping[str, pd.DataFrame],
    truth: Truth,
    training: Period,
    *,
    classes: Mapping[str, AssetClass] | None = None,
    terms: Terms | None = None,
    prices: Prices | None = None,
) -> Rules:
    """EWMA rules per class and channel, on deviations from each asset's own training months; otherwise as `limit_rules`."""
    return _tuned("ewma", readings, truth, training, classes, terms or Terms(), prices or Prices())


def rules_at(
    kind: Kind,
    readings: Mapping[str, pd.DataFrame],
    truth: Truth,
    training: Period,
    inspections: Sequence[float],
    *,
    classes: Mapping[str, AssetClass] | None = None,
) -> list[Rules]:
    """The rules of one kind for several prices of an inspection: the dearer a false alert, the fewer of them the rules raise.

    inspections: each as a share of the unplanned cost, as in `Prices`. One set of rules for each, in their order.
    """
    prices = [Prices(inspection=inspection) for inspection in inspections]
    chosen: list[list[Rule]] = [[] for _ in prices]
    streams: list[list[Stream]] = [[] for _ in prices]
    for name, table in readings.items():
        if table.empty:
            continue
        tried = candidates(kind, name, table, training, (classes or {}).get(name))
        for place, price in enumerate(prices):
            rules, alerts = _chosen(tried, Ledger.of(_of_class(truth, name), training, Terms(), price))
            chosen[place] += rules
            streams[place] += [together(alerts)] if alerts else []
    return [Rules(tuple(rules), table_of(alerts)) for rules, alerts in zip(chosen, streams, strict=True)]


def _tuned(
    kind: Kind,
    readings: Mapping[str, pd.DataFrame],
    truth: Truth,
    training: Period,
    classes: Mapping[str, AssetClass] | None,
    terms: Terms,
    prices: Prices,
) -> Rules:
    chosen: list[Rule] = []
    streams: list[Stream] = []
    for name, table in readings.items():
        if table.empty:  # a class without machines
            continue
        definition = (classes or {}).get(name)
        tried = candidates(kind, name, table, training, definition)
        rules, alerts = _chosen(tried, Ledger.of(_of_class(truth, name), training, terms, prices))
        chosen += rules
        streams += [together(alerts)] if alerts else []
    return Rules(tuple(chosen), table_of(streams))


def _chosen(tried: Sequence[tuple[Rule, Stream]], ledger: Ledger) -> tuple[list[Rule], list[Stream]]:
    return cheapest_rules(tried, ledger.cost, without=ledger.without_alerts)


def _of_class(truth: Truth, name: str) -> Truth:
    """The truth of one class only: its rules cost and save nothing elsewhere."""

    def some(table: pd.DataFrame) -> pd.DataFrame:
        return table[table["asset_class"] == name].reset_index(drop=True)

    return replace(truth, failures=some(truth.failures), exposure=some(truth.exposure))
