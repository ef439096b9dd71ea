"""The oracle detector: what could be found at best, by somebody who knows every precursor's shape and the noise around it.

Every six hours a channel shows shift + noise. The sequential likelihood ratio for "this precursor began at its onset" grows by
sum over channels of (shift x - shift^2 / 2) / sd^2. The oracle raises when the ratio exceeds the number of looks between two
false alerts: summed over all possible onsets (Shiryaev and Roberts), the ratio grows by one per look while nothing is wrong, so
that false alerts come at most once per so many looks. Mind what this assumes: the noise of one look tells nothing about the next
one's, and healthy level and regime are known exactly. No real detector has either: it is a ceiling.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from pdm.alerts.alert import UNSPECIFIED
from pdm.errors import InputError
from pdm.simulation.honest.truth import Truth
from pdm.simulation.judge.matching import alert_table, with_deadlines
from pdm.simulation.judge.terms import YEAR, Period, clipped, years

STEP = timedelta(hours=6)


def oracle_alerts(truth: Truth, period: Period, *, false_per_year: float = 0.05, seed: int = 7) -> pd.DataFrame:
    """The oracle's alerts over a period at a rate of false alerts per asset-year, which it makes, too.

    It names the right mode, stays silent about what leaves no trace, and sees nothing after a life has ended. The noise is drawn
    anew with `seed`; with the same seed, a higher rate of false alerts finds everything that a lower one finds, and earlier.

    Raises:
        InputError: the rate is not above zero.
    """
    if false_per_year <= 0:
        raise InputError("an oracle without any false alerts would never be sure", hint="false_per_year=0.05")
    random = np.random.default_rng([seed, 11])
    failures = with_deadlines(truth.failures)
    # Every shape that may grow on an asset has its own chance to cry wolf.
    shapes = failures.groupby("asset_class")["failure_mode"].nunique().max() if len(failures) else 1
    found = _crossings(_log_ratio(truth, random), float(np.log(shapes * (YEAR / STEP) / false_per_year)))
    right = failures.merge(found.rename("raised_at"), left_on="failure_id", right_index=True)
    right = right[right["raised_at"] < right["end"]]
    right = right.assign(closed_at=right["end"])[["asset", "raised_at", "closed_at", "failure_mode"]]
    every = pd.concat([right, _false(truth, period, false_per_year, np.random.default_rng([seed, 13]))])
    inside = (every["closed_at"] > period.start) & (every["raised_at"] <= period.end)
    return alert_table(every[inside])


def _log_ratio(truth: Truth, random: np.random.Generator) -> pd.DataFrame:
    """failure_id, time and the log likelihood ratio so far; time by time within each failure."""
    table = truth.signatures[truth.signatures["noise_sd"] > 0].sort_values(["failure_id", "time", "channel"])
    strength = (table["shift"] / table["noise_sd"]).to_numpy(dtype=np.float64)
    # shift x / sd^2 - shift^2 / 2 sd^2 with x = shift + noise
    gain = strength**2 / 2 + strength * random.standard_normal(len(strength))
    looks = table.assign(gain=gain).groupby(["failure_id", "time"])["gain"].sum().reset_index()
    return looks.assign(ratio=looks.groupby("failure_id")["gain"].cumsum())


def _crossings(looks: pd.DataFrame, threshold: float) -> pd.Series:
    """failure_id -> the first moment at which the ratio exceeds the threshold."""
    first: pd.Series = looks[looks["ratio"] >= threshold].groupby("failure_id")["time"].min()
    return first


def _false(truth: Truth, period: Period, rate: float, random: np.random.Generator) -> pd.DataFrame:
    """False alerts at random moments of the exposure, one week open each."""
    start, end = clipped(truth.exposure["start"], period), clipped(truth.exposure["end"], period)
    span = end - start
    number = random.poisson(rate * years(span))
    at = np.repeat(np.arange(len(span)), number)
    moments = start.iloc[at].reset_index(drop=True) + span.iloc[at].reset_index(drop=True) * random.uniform(
        size=len(at)
    )
    moments = moments.astype("datetime64[us, UTC]")
    return pd.DataFrame(
        {
            "asset": truth.exposure["asset"].to_numpy()[at],
            "raised_at": moments,
            "closed_at": moments + pd.Timedelta(days=7),
            "failure_mode": UNSPECIFIED,
        }
    )
