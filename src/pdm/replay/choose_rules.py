"""Choose the simple rules of a class by what their alerts would have cost: one at a time, the one that saves most first.

So a plant gets as few rules as are worth it, and none where none is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.catalogue.axis import microseconds
from pdm.errors import TooLittleData
from pdm.replay.rules import Kind, Rule, Stream, Training, prepare, signal, together

QUANTILES = (0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.9995)
DEVIATIONS = (2.0, 3.0, 4.0, 5.0, 6.5)
MOST = 8


def candidates(
    kind: Kind, name: str, table: pd.DataFrame, training: Training, definition: AssetClass | None
) -> list[tuple[Rule, Stream]]:
    """Every rule worth trying, with its alerts over all readings."""
    until = int(training.end.timestamp() * 1e6)
    if not (microseconds(table["time"]) <= until).any():
        raise TooLittleData(f"class {name} has no readings in the training months")
    found = []
    ready = prepare(table, definition)
    for channel in _channels(table, definition):
        made = signal(ready, channel, kind, training)
        learnt = made.value[(made.time <= until) & np.isfinite(made.value)]
        if not len(learnt):
            continue
        for side in (1, -1):
            for limit in _limits(kind, learnt, side):
                rule = Rule(name, channel, side, limit, kind)
                found.append((rule, made.stream(rule)))
    return found


def _channels(table: pd.DataFrame, definition: AssetClass | None) -> list[str]:
    """Channels that answer to wear; without a definition, every number."""
    if definition is not None:
        return [one.name for one in definition.channels if one.role == "condition" and one.name in table]
    numbers = table.select_dtypes("number").columns
    return [str(name) for name in numbers if not str(name).endswith("__q")]


def _limits(kind: Kind, learnt: np.ndarray, side: int) -> list[float]:
    if kind == "ewma":
        return [side * deviation for deviation in DEVIATIONS]
    shares = [share if side > 0 else 1 - share for share in QUANTILES]
    return sorted({float(limit) for limit in np.quantile(learnt, shares)})


def cheapest_rules(
    tried: Sequence[tuple[Rule, Stream]], price: Callable[[Stream], float], *, without: float
) -> tuple[list[Rule], list[Stream]]:
    """The rules that cost least together, and their alerts. price: of a stream of alerts; without: of none."""
    rules: list[Rule] = []
    streams: list[Stream] = []
    lowest, left = without, list(tried)
    while left and len(rules) < MOST:
        costs = [price(together([*streams, stream])) for _, stream in left]
        if min(costs) >= lowest:
            break
        rule, stream = left[costs.index(min(costs))]
        rules.append(rule)
        streams.append(stream)
        # What saves nothing now saves nothing beside more rules either.
        left = [one for one, cost in zip(left, costs, strict=True) if cost < lowest and one[0] != rule]
        lowest = min(costs)
    return rules, streams
