"""Which share of what could be saved a policy saves, over a range of cost ratios.

saving = (cost of the best baseline - cost of the policy) / (cost of the best baseline - cost under perfect knowledge).
1 is perfect knowledge, 0 is no better than what a plant can have without any model, below 0 is worse than that.
Perfect knowledge also prevents what shows in no sensor in time; so the same share is told against a reference as well, which is asked
what nobody but the truth could answer but hears no more than the sensors do (the oracle).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pdm.errors import InputError
from pdm.simulation.judge.figures import DRAWS, Figure, Sums, draw_intervals, ratio

PERFECT = "perfect"
WORLDS = ("cost", "beside")
OF_REFERENCE = "of_reference:"


def savings(
    tallies: Mapping[str, Sequence[pd.DataFrame]],
    baselines: Sequence[str],
    *,
    reference: str = "",
    draws: int = DRAWS,
    seed: int = 7,
) -> dict[str, dict[str, Figure]]:
    """For each policy: its share of the achievable saving, keyed `cost:<label>` (alone) and `beside:<label>` (beside the incumbent).

    reference: another policy that the saving is also measured against, keyed `of_reference:cost:<label>` and so on; NaN where the
    reference itself saves nothing.

    tallies: policy -> one tally per plant, the same plants for each; `perfect` among them. The best baseline is chosen anew in
    every draw of the bootstrap, as it is for the figure itself.

    Raises:
        InputError: `perfect` or a baseline is missing, or policies were judged on different plants.
    """
    missing = [name for name in (*baselines, PERFECT, *([reference] if reference else [])) if name not in tallies]
    if missing:
        raise InputError(f"the saving needs {', '.join(missing)} to be judged, too")
    joined, labels = _joined(tallies)

    def measure(sums: Sums) -> dict[str, np.ndarray]:
        answer = {}
        for label in labels:
            best = np.min([sums[f"{name}|{label}"] for name in baselines], axis=0)
            perfect = sums[f"{PERFECT}|cost:{label.partition(':')[2]}"]
            for name in tallies:
                saved = best - sums[f"{name}|{label}"]
                answer[f"{name}|{label}"] = ratio(saved, best - perfect)
                if reference:
                    answer[f"{name}|{OF_REFERENCE}{label}"] = ratio(saved, best - sums[f"{reference}|{label}"])
        return answer

    found = draw_intervals(joined, measure, draws=draws, seed=seed)
    keys = [*labels, *(f"{OF_REFERENCE}{label}" for label in labels if reference)]
    return {name: {key: found[f"{name}|{key}"] for key in keys} for name in tallies}


def recall_against(
    own: Sequence[pd.DataFrame], other: Sequence[pd.DataFrame], *, draws: int = DRAWS, seed: int = 7
) -> Figure:
    """The number of findable failures found in time, over the number that another policy finds."""
    mine, theirs = (pd.concat(parts, ignore_index=True) for parts in (own, other))
    both = mine[["plant", "asset", "asset_class", "found_detectable"]].assign(most=theirs["found_detectable"])

    def measure(sums: Sums) -> dict[str, np.ndarray]:
        return {"share": ratio(sums["found_detectable"], sums["most"])}

    return draw_intervals(both, measure, draws=draws, seed=seed)["share"]


def best_baseline(tallies: Mapping[str, Sequence[pd.DataFrame]], baselines: Sequence[str], label: str) -> str:
    """The baseline with the lowest cost under a label such as `cost:0.2`."""
    return min(baselines, key=lambda name: float(sum(tally[label].sum() for tally in tallies[name])))


def _joined(tallies: Mapping[str, Sequence[pd.DataFrame]]) -> tuple[pd.DataFrame, list[str]]:
    """One row per plant and asset, one column per policy and kind of cost: so a draw takes the same assets for all policies."""
    frames = {name: pd.concat(parts, ignore_index=True) for name, parts in tallies.items()}
    first = frames[PERFECT]
    labels = [name for name in first.columns if name.partition(":")[0] in WORLDS]
    who = ["plant", "asset", "asset_class"]
    for name, frame in frames.items():
        if not frame[who].equals(first[who]):
            raise InputError(f"{name} was judged on other plants or assets than {PERFECT}")
    columns = {f"{name}|{label}": frame[label] for name, frame in frames.items() for label in labels}
    return pd.concat([first[who], pd.DataFrame(columns)], axis=1), labels
