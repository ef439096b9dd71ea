"""Life features: how far a machine has moved from its own normal, and how it has done since it was new.

| feature | meaning |
|---|---|
| `<channel>__life_drift` | mean of the last `recent_rows` values minus the mean of the life's first `baseline_rows` |
| `<channel>__life_mean`, `_std`, `_slope` | over the whole life so far; the slope per native unit |
| `<channel>__ewm_mean__alpha_0.05` | exponentially weighted mean, bias-corrected |
| `life__age` | native units since the life began |

A life begins at the start of a `unit` life, else at the asset's first reading. Drift is NaN until the baseline is complete; a `rebaseline`
event that was known at the as-of time makes it start afresh from there, while the other features go on.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pdm.catalogue.feature_set import LifeFeatures
from pdm.extraction.asof import AsOf
from pdm.extraction.calculators import Output, calculate
from pdm.extraction.history import AssetHistory, latest_visible
from pdm.extraction.scale import Scale

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


def life_names(features: LifeFeatures, channels: tuple[str, ...]) -> list[str]:
    """Names of the columns, channel by channel."""
    names = [f"{channel}__{part}" for channel in channels for part in _parts(features)]
    return [*names, "life__age"] if features.age else names


def life_columns(
    history: AssetHistory, asof: AsOf, features: LifeFeatures, channels: tuple[str, ...], scale: Scale
) -> Floats:
    """Columns in the order of `life_names`: [as-of rows, columns]."""
    rebaselined = history.events.where("rebaseline")
    restart = latest_visible(rebaselined.at, rebaselined.visible, asof.at, scale.never)
    base_row = np.maximum(asof.life_row, np.searchsorted(history.positions, restart, side="right"))
    places = scale.native(history.positions - history.positions[0])
    blocks = [_channel(history.values[name], places, asof, base_row, features) for name in channels]
    if features.age:
        blocks.append(scale.native(asof.at - asof.life_start)[:, None])
    return np.concatenate(blocks, axis=1)


def _parts(features: LifeFeatures) -> list[str]:
    parts = ["life_drift"] if features.baseline_rows else []
    parts += ["life_mean", "life_std", "life_slope"] if features.expanding else []
    return parts + [f"ewm_mean__alpha_{alpha}" for alpha in features.ewm_alpha]


def _channel(values: Floats, places: Floats, asof: AsOf, base_row: Indices, features: LifeFeatures) -> Floats:
    usable = np.isfinite(values)
    count = np.concatenate([[0], np.cumsum(usable)])
    kept, ends = values[usable], count[asof.ends]
    blocks = []
    if features.baseline_rows:
        blocks.append(_drift(kept, count[np.minimum(base_row, asof.ends)], ends, features)[:, None])
    if features.expanding or features.ewm_alpha:
        from pdm.extraction.kernel_life import run

        alphas = np.array(features.ewm_alpha, dtype=np.float64)
        block = np.empty((len(ends), 3 + len(alphas)))
        run(kept, places[usable], count[asof.life_row], ends, alphas, block)
        blocks.append(block if features.expanding else block[:, 3:])
    return np.concatenate(blocks, axis=1) if blocks else np.empty((len(ends), 0))


def _drift(values: Floats, base: Indices, ends: Indices, features: LifeFeatures) -> Floats:
    mean = [Output("mean")]
    complete = ends - base >= features.baseline_rows
    normal = calculate(values, base, np.where(complete, base + features.baseline_rows, base), mean)[:, 0]
    recent = calculate(values, np.maximum(base, ends - features.recent_rows), ends, mean)[:, 0]
    return recent - normal
