"""The rest of an explanation: which way of failing comes first, and which past cases of the model this looks like, with what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, ModelDefinition
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.scoring.assessment import Assessment, Likeness
from pdm.views import words

_AROUND = timedelta(days=7)
_AROUND_USAGE = 0.02
"""Of a counter's position: how far from a failure its repair may be written down."""
_TEXT = 140
_CLOSE = 0.6


@dataclass(frozen=True)
class Contender:
    """One way to fail in the race. share: P(it comes first), 0..1; start: where its part of the bar begins."""

    title: str
    chance: str
    share: float
    start: float


@dataclass(frozen=True)
class Race:
    """Which mode comes first within a horizon; the shares and that of no failure add up to 1."""

    horizon: str
    contenders: tuple[Contender, ...]
    none: str
    sentence: str


@dataclass(frozen=True)
class PastLife:
    """One past case. likeness: 0..1; failed: whether it ended in a failure; found: what people wrote about it."""

    asset: str
    sentence: str
    found: str
    likeness: float
    failed: bool


@dataclass(frozen=True)
class PastLives:
    """The nearest past cases of the model, and what they come to in one sentence."""

    cases: tuple[PastLife, ...]
    sentence: str


def race(assessment: Assessment | None, asset_class: AssetClass, model: ModelDefinition | None) -> Race | None:
    """The race of the nearest horizon; None where modes do not race each other."""
    if assessment is None or not assessment.first:
        return None
    nearest = min(risk.horizon for risk in assessment.first)
    running = [risk for risk in assessment.first if risk.horizon == nearest]
    start, contenders = 0.0, []
    for risk in running:
        title = words.mode_title(risk.mode, model)
        contenders.append(Contender(title, words.percent(risk.probability), risk.probability, round(start, 4)))
        start += risk.probability
    horizon = words.horizon(nearest, asset_class.axis)
    parts = ", ".join(f"{one.title[:1].lower()}{one.title[1:]} first {one.chance}" for one in contenders)
    none = words.percent(max(0.0, 1.0 - start))
    return Race(horizon, tuple(contenders), none, f"Within {horizon}: {parts}, no failure {none}.")


def past_lives(
    plant: Plant, assessment: Assessment | None, asset_class: AssetClass, model: ModelDefinition | None
) -> PastLives:
    """The past cases that this assessment is likened to; none where the bundle keeps none."""
    if assessment is None or not assessment.similar:
        return PastLives((), "")
    said = _texts(plant, assessment.similar, asset_class)
    cases = tuple(
        _past(plant, one, text, asset_class, model) for one, text in zip(assessment.similar, said, strict=True)
    )
    failed = Counter(words.mode_title(one.mode, model) for one in assessment.similar if one.mode)
    best = max(one.likeness for one in assessment.similar)
    if best < _CLOSE:
        return PastLives(cases, "None of the past cases is close: the model has seen little like this.")
    kinds = ", ".join(f"{title[:1].lower()}{title[1:]} {count}" for title, count in failed.most_common())
    sentence = f"{sum(failed.values())} of the {words.plural(len(cases), 'nearest case')} failed"
    return PastLives(cases, f"{sentence}: {kinds}." if failed else f"{sentence}.")


def _past(plant: Plant, one: Likeness, text: str, asset_class: AssetClass, model: ModelDefinition | None) -> PastLife:
    lead = words.length(one.lead, asset_class.axis)
    when = _when(plant, one, asset_class)
    if one.mode:
        title = words.mode_title(one.mode, model)
        sentence = f"{when}, {lead} before its failure: {title[:1].lower()}{title[1:]}"
    else:
        sentence = f"{when}: nothing failed within {lead}"
    return PastLife(one.asset, sentence, text, one.likeness, bool(one.mode))


def _when(plant: Plant, one: Likeness, asset_class: AssetClass) -> str:
    if isinstance(one.at, str):
        return words.day(datetime.fromisoformat(one.at), plant.settings.time_zone)
    return f"at {words.plural(one.at, asset_class.axis.unit)}"


def _texts(plant: Plant, cases: Sequence[Likeness], asset_class: AssetClass) -> list[str]:
    """What people wrote about the end of each past case: the failure's or its repair's words."""
    assets = sorted({one.asset for one in cases if one.mode})
    if not assets:
        return [""] * len(cases)
    events = read_events(plant.history, assets=assets, kinds=["failure", "repair"])
    events = events[events["text"].fillna("").str.strip().ne("")]
    return [_text(events[events["asset"].eq(one.asset)], one, asset_class) if one.mode else "" for one in cases]


def _text(events: pd.DataFrame, one: Likeness, asset_class: AssetClass) -> str:
    if isinstance(one.at, str):
        end = pd.Timestamp(one.at) + pd.Timedelta(asset_class.axis.calendar(one.lead))
        away = (events["time"] - end).abs() / _AROUND
    else:
        end_usage = one.at + one.lead
        around = max(_AROUND_USAGE * end_usage, 1.0)
        away = pd.Series(
            np.abs(events["usage"].to_numpy(np.float64, na_value=np.nan) - end_usage) / around, events.index
        )
    near = events.assign(away=away)[away.le(1.0)]
    if near.empty:
        return ""
    text = " ".join(str(near.sort_values("away", kind="stable")["text"].iloc[0]).split())
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"
