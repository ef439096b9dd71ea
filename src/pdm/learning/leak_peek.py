"""The future-peek test: a feature row must not change when everything after it is taken away.

A few rows of the table, drawn over assets and time, are computed once more from history that ends at them, and compared bit for bit.
What cannot be computed again from history at all is treated as a leak: nobody knows what it has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pdm.learning.leak_report import LeakLine

ROWS = 24
_AFTER = pd.Timedelta(microseconds=1)
Recompute = Callable[[str, Any], pd.DataFrame]
"""(asset, as-of time) -> one feature row made from nothing later; no row when there is nothing."""


def sample_rows(table: pd.DataFrame, rows: int = ROWS, *, seed: int = 7) -> pd.DataFrame:
    """Rows to be computed again: at most `rows`, over as many assets as there are, never the very first row of an asset.

    >>> table = pd.DataFrame({"asset": ["A", "A", "A", "B", "B"], "time": [1, 2, 3, 1, 2]})
    >>> sample_rows(table, 2)[["asset", "time"]].to_numpy().tolist()
    [['A', 2], ['B', 2]]
    """
    later = table[table.groupby("asset", sort=False).cumcount() > 0]
    mixed = later.sample(frac=1.0, random_state=np.random.default_rng(seed))
    turn = mixed.groupby("asset", sort=False).cumcount().to_numpy()
    chosen = mixed.iloc[np.argsort(turn, kind="stable")[:rows]]
    return chosen.sort_values(["asset", "time"], ignore_index=True)


def peek_line(name: str, sampled: pd.DataFrame, recompute: Recompute, *, cut: str) -> LeakLine:
    """Whether every sampled row comes out the same.

    sampled: rows of the table: `asset`, `time` and the features. cut: what was taken away, for the sentence.
    """
    features = [str(column) for column in sampled.columns if column not in ("asset", "time")]
    if sampled.empty or not features:
        return LeakLine(name, None, "There are too few rows to compute any of them again.", {"rows": 0.0})
    differing: dict[str, int] = {}
    first = ""
    for row in sampled.to_dict("records"):
        asset, time = str(row["asset"]), row["time"]
        again = recompute(asset, time)
        for feature in _differing(row, again, features):
            first = first or f"{asset} at {time}"
            differing[feature] = differing.get(feature, 0) + 1
    figures = {"rows": float(len(sampled)), "features": float(len(features)), "differing": float(len(differing))}
    if not differing:
        sentence = f"{len(sampled)} rows x {len(features)} features came out the same, bit for bit, {cut}."
        return LeakLine(name, True, sentence, figures)
    worst = sorted(differing, key=lambda feature: (-differing[feature], feature))
    named = ", ".join(worst[:3]) + (f" and {len(worst) - 3} more" if len(worst) > 3 else "")
    sentence = (
        f"{len(worst)} of {len(features)} features come out differently {cut}, first on {first}: {named}. "
        "They know what came later, or cannot be computed from history at all."
    )
    return LeakLine(name, False, sentence, figures)


def _differing(row: Mapping[Any, Any], again: pd.DataFrame, features: list[str]) -> list[str]:
    """The features whose value is another one; all of them when there is no row."""
    if again.empty:
        return features
    then = np.array([row[feature] for feature in features], dtype=np.float32)
    now = again.iloc[-1].reindex(features).to_numpy(dtype=np.float32)
    known = np.array([feature in again.columns for feature in features])
    same = known & ((then == now) | (np.isnan(then) & np.isnan(now)))
    return [feature for feature, equal in zip(features, same, strict=True) if not equal]


def with_an_end(before: pd.DataFrame, time: Any) -> pd.DataFrame:
    """Readings up to `time`; as-of times lie on a grid up to the newest reading, and an empty one just after `time` opens it that far."""
    if before.empty or before["time"].iloc[-1] == time:
        return before
    last = before.tail(1).copy()
    last["time"] = time + _AFTER if isinstance(time, pd.Timestamp) else np.nextafter(time, np.inf)
    channels = [name for name in last.columns if name not in ("asset", "time", "recorded_at")]
    last[channels] = np.nan
    return pd.concat([before, last], ignore_index=True)


def cut_lives(lives: pd.DataFrame, time: Any) -> pd.DataFrame:
    """Lives as far as they had come; one that went on has no end yet."""
    begun: pd.DataFrame = lives[lives["start"] <= time]
    return begun.assign(end=begun["end"].where(begun["end"] <= time, time))
