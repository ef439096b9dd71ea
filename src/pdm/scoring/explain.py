"""Why a score is what it is, in the words of the plant: channels with titles, values and units, not feature names.

Contributions are Shapley values of the trees in log-odds. Those of one channel are added up, because a reader asks which
measurement moved the score, not which of its forty statistics. Within the channel those of one window are added up: the window that
pulls most says whether it was the last day or the last month, in the words of its strongest statistic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pdm.extraction import FeatureSentence
from pdm.scoring.assessment import Contribution

TOP = 5
_NO_UNIT = ("", "1")
_PER_HOUR = " per hour"
_SINCE = "time since the last "


def reasons(
    names: Sequence[str],
    values: npt.NDArray[np.float32],
    effects: npt.NDArray[np.float64],
    sentences: Mapping[str, FeatureSentence],
    *,
    typical: Sequence[float | None] = (),
    top: int = TOP,
) -> tuple[Contribution, ...]:
    """The strongest reasons of one score, the strongest first.

    names, values, effects: features of one row [f], with their contributions without the bias.
    sentences: each feature in words. A feature without a channel (age, events) stands for itself.
    typical: what each feature usually was while the model learnt [f], None where that is not known; empty: it is of none.
    """
    owners = [sentences[name].channel or name for name in names]
    groups, index = np.unique(np.array(owners, dtype=object).astype(str), return_inverse=True)
    totals = np.bincount(index, weights=effects, minlength=len(groups))
    strongest = [group for group in np.argsort(-np.abs(totals), kind="stable")[:top] if totals[group] != 0.0]
    return tuple(
        _reason(group, index, names, values, effects, sentences, float(totals[group]), typical) for group in strongest
    )


def sentence(words: FeatureSentence, value: float | None, effect: float, typical: float | None = None) -> str:
    """One reason as people say it: `Mean of flow over the last 24 h: 4.21 m3/h (typically 5.3), raises the risk`.

    A slope is told per day, whatever unit it was computed in; what never happened is said to be on no record.
    """
    # A feature's sentence ends with its unit; here the unit follows the value.
    said = words.sentence.removesuffix(f", {words.unit}")
    moved = "raises" if effect > 0 else "lowers"
    if value is None and said.startswith(_SINCE):
        return f"No {said.removeprefix(_SINCE)} is on record, {moved} the risk"
    slope = words.unit.endswith(_PER_HOUR)
    scale, unit = (24.0, f"{words.unit.removesuffix(_PER_HOUR)} per day".strip()) if slope else (1.0, words.unit)
    shown = "no value" if value is None else f"{_number(scale * value)}{'' if unit in _NO_UNIT else f' {unit}'}"
    usual = "" if value is None or typical is None else f" (typically {_number(scale * typical)})"
    return f"{said[:1].upper()}{said[1:]}: {shown}{usual}, {moved} the risk"


def _reason(
    group: int,
    index: npt.NDArray[np.intp],
    names: Sequence[str],
    values: npt.NDArray[np.float32],
    effects: npt.NDArray[np.float64],
    sentences: Mapping[str, FeatureSentence],
    total: float,
    typical: Sequence[float | None],
) -> Contribution:
    """The strongest feature of the group's strongest window, both pulling the way the group does, with the pull of the whole group."""
    pull = effects * math.copysign(1.0, total)
    windows = np.array([sentences[name].window for name in names], dtype=object).astype(str)
    pulls = {
        window: float(pull[(index == group) & (windows == window)].sum()) for window in set(windows[index == group])
    }
    strongest = max(sorted(pulls), key=lambda window: pulls[window])
    feature = int(np.argmax(np.where((index == group) & (windows == strongest), pull, -np.inf)))
    words = sentences[names[feature]]
    value = float(values[feature]) if np.isfinite(values[feature]) else None
    told = sentence(words, value, total, typical[feature] if len(typical) == len(names) else None)
    return Contribution(names[feature], words.channel, told, value, words.unit, total)


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value + 0.0:.3g}"
