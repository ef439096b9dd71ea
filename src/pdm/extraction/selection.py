"""Which features have to do with the target at all: FRESH, on independent episodes and inside a training fold only.

FRESH (Christ, Kempa-Liehr and Feindt 2016, as in tsfresh) tests each feature alone against the target and keeps so many that the
expected share of wrong ones stays below a level (Benjamini-Hochberg 1995; Benjamini-Yekutieli 2001 where features depend on each
other, as ours do).

Its tests take rows for independent. Overlapping windows of one machine are anything but: a hundred of them say hardly more than one,
and the p-values become far too small. So the rows here are *episodes*, one per life: either the caller brings just one row of each,
or says how several become one. A choice that has seen the test rows is a leak, hence `train` has to be given.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.errors import InputError, TooLittleData

Floats = npt.NDArray[np.float64]
Aggregate = Literal["last", "median", "sample"]

_LEAST = 4
"""With fewer episodes no test could call anything significant."""


def relevance(
    features: pd.DataFrame,
    target: npt.ArrayLike,
    episodes: npt.ArrayLike,
    *,
    train: npt.ArrayLike,
    aggregate: Aggregate | None = None,
    level: float = 0.05,
    independent: bool = False,
    seed: int = 0,
) -> pd.DataFrame:
    """How sure it is that each feature has to do with the target: one row per feature, the surest first.

    features: [rows, features] of numbers. target: [rows]; two values make it binary, more make it real. Rows without a target are
        left out. episodes: [rows], which life each row belongs to. train: [rows] of booleans, the rows of the training fold;
        no other row is looked at.
    aggregate: how the rows of one episode become one: its `last`, the `median` of its features and target, or a `sample` of one
        drawn with `seed`. level: expected share of wrong ones among those kept. independent: Benjamini-Hochberg instead of
        Benjamini-Yekutieli.

    Returns `feature`, `kind` (real, binary, constant, or `empty` with fewer than four episodes that have a value), `episodes` (used),
    `p_value` (NaN where nothing could be tested) and `relevant`. Missing and infinite values are left out feature by feature.

    | target | feature | test |
    |---|---|---|
    | binary | real | Mann-Whitney U, two-sided |
    | binary | binary | Fisher's exact test |
    | real | real | Kendall's tau, asymptotic |
    | real | binary | Kolmogorov-Smirnov, two samples |

    Raises:
        InputError: several rows of one episode and no `aggregate`; lengths that differ; a target that changes within an episode
            whose median is asked for although it is binary.
        TooLittleData: fewer than four episodes, or a target that never changes.
    """
    rows = _fold(features, target, episodes, train)
    frame, y = _one_per_episode(*rows, aggregate, seed)
    values = np.unique(y)
    if len(frame) < _LEAST or len(values) < 2:
        raise TooLittleData(
            f"{len(frame)} episodes with {len(values)} different targets say nothing about features",
            hint=f"at least {_LEAST} lives and two different targets are needed in the training fold",
        )
    found = [_test(frame[name].to_numpy(dtype=np.float64, na_value=np.nan), y, values) for name in frame]
    table = pd.DataFrame(found, columns=["kind", "episodes", "p_value"])
    table.insert(0, "feature", list(frame))
    table["relevant"] = discoveries(table["p_value"].to_numpy(), level, independent=independent)
    return table.sort_values("p_value", kind="stable", ignore_index=True)


def discoveries(p_values: Floats, level: float, *, independent: bool = False) -> npt.NDArray[np.bool_]:
    """Which hypotheses are rejected when the expected share of wrong rejections must not exceed `level`; never one that is NaN.

    The k-th smallest of m p-values counts when it, or a larger one further up, is at most `level k / m` (Benjamini-Hochberg),
    divided by `1 + 1/2 + ... + 1/m` when the tests depend on each other in ways unknown (Benjamini-Yekutieli).

    >>> discoveries(np.array([0.001, 0.04, np.nan, 0.03]), 0.05, independent=True).tolist()
    [True, True, False, True]

    Raises:
        InputError: a level outside 0..1.
    """
    if not 0.0 < level < 1.0:
        raise InputError(f"a false discovery level of {level}", hint="between 0 and 1, such as 0.05")
    tested = np.flatnonzero(~np.isnan(p_values))
    rejected = np.zeros(len(p_values), dtype=bool)
    if not len(tested):
        return rejected
    ranks = np.arange(1, len(tested) + 1)
    dependence = 1.0 if independent else float(np.sum(1.0 / ranks))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    below = np.flatnonzero(p_values[order] <= level * ranks / (len(tested) * dependence))
    if len(below):
        rejected[order[: below[-1] + 1]] = True
    return rejected


def _fold(
    features: pd.DataFrame, target: npt.ArrayLike, episodes: npt.ArrayLike, train: npt.ArrayLike
) -> tuple[pd.DataFrame, Floats, npt.NDArray[np.intp]]:
    """The rows of the fold that have a target: features, target and a number for each episode."""
    y, mask = np.asarray(target, dtype=np.float64), np.asarray(train, dtype=bool)
    number = np.asarray(episodes, dtype=object)
    lengths = {"features": len(features), "target": len(y), "episodes": len(number), "train": len(mask)}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {count}" for name, count in lengths.items())
        raise InputError(f"rows of different number: {told}", hint="one target, episode and train flag per feature row")
    mask = mask & np.isfinite(y)
    return features[mask], y[mask], pd.factorize(number[mask])[0]


def _one_per_episode(
    features: pd.DataFrame, y: Floats, episode: npt.NDArray[np.intp], aggregate: Aggregate | None, seed: int
) -> tuple[pd.DataFrame, Floats]:
    count = int(episode.max()) + 1 if len(episode) else 0
    if aggregate is not None and aggregate not in get_args(Aggregate):
        raise InputError(f"no way {aggregate!r} to make one row of several", hint=", ".join(get_args(Aggregate)))
    if count == len(episode):
        return features, y
    if aggregate is None:
        raise InputError(
            f"{len(episode)} rows of {count} episodes are not independent: their p-values would be far too small",
            hint="give one row per life, or aggregate='last', 'median' or 'sample'",
        )
    if aggregate == "median":
        if len(np.unique(y)) == 2 and (pd.Series(y).groupby(episode).nunique() > 1).any():
            raise InputError(
                "a yes-or-no target changes within an episode, so the episode has no median of it",
                hint="aggregate='last' or 'sample'",
            )
        finite = features.astype(np.float64).replace([np.inf, -np.inf], np.nan)
        middle = pd.Series(y).groupby(episode).median().to_numpy(dtype=np.float64)
        return finite.groupby(episode).median(), np.asarray(middle, dtype=np.float64)
    # The last of each: of the rows as they come, or as they have been shuffled.
    order = np.random.default_rng(seed).permutation(len(episode)) if aggregate == "sample" else np.arange(len(episode))
    chosen = np.empty(count, dtype=np.intp)
    chosen[episode[order]] = order
    return features.iloc[chosen], y[chosen]


def _test(x: Floats, y: Floats, values: Floats) -> tuple[str, int, float]:
    """Kind, episodes used and p-value of one feature. values: of the target, over all features alike."""
    from scipy import stats

    usable = np.isfinite(x)
    x, y = x[usable], y[usable]
    if len(x) < _LEAST:
        return "empty", len(x), np.nan
    levels = np.unique(x)
    if len(levels) == 1 or len(np.unique(y)) == 1:
        return "constant", len(x), np.nan
    kind = "binary" if len(levels) == 2 else "real"
    if len(values) > 2 and kind == "real":
        p_value = stats.kendalltau(x, y, method="asymptotic").pvalue
    elif len(values) > 2:
        p_value = stats.ks_2samp(y[x == levels[1]], y[x == levels[0]]).pvalue
    elif kind == "real":
        p_value = stats.mannwhitneyu(x[y == values[1]], x[y == values[0]], alternative="two-sided").pvalue
    else:
        table = [[np.sum((y == one) & (x == other)) for other in levels[::-1]] for one in values[::-1]]
        p_value = stats.fisher_exact(table, alternative="two-sided").pvalue
    return kind, len(x), float(p_value)
