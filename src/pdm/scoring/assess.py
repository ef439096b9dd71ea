"""One answer per asset: the four words, risks with their horizons, remaining life with dates, reasons and doubts.

Nothing is hidden: an asset without data, a model that cannot be applied and a silent sensor each give an assessment that says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass, Policy
from pdm.errors import InputError
from pdm.learning.cases import by_channel, nearest
from pdm.learning.ladder import NONE
from pdm.learning.model import Floats, Prediction
from pdm.readings.levels import Levels
from pdm.readings.registry import Asset
from pdm.registry.bundle import Bundle
from pdm.scoring.aging import aged
from pdm.scoring.assessment import Assessment, Condition, Contribution, Equipment, Likeness, ModelState
from pdm.scoring.explain import reasons
from pdm.scoring.masking import without
from pdm.scoring.quality import Silence, silences
from pdm.scoring.risks import (
    RiskSource,
    blind_targets,
    curve,
    first_risks,
    remaining_life,
    risk_sources,
    risks,
    soonest,
)
from pdm.scoring.states import AT_REST, CLOCK_SLACK, condition_word, data_word, equipment_word
from pdm.scoring.watching import NO_BASELINE, Watched

TOO_FEW_FEATURES = 0.5
"""With more than this share of its features missing, a model would be guessing."""
WORTH_SAYING = 0.1
SIMILAR = 5
"""Past cases that a score is likened to."""


@dataclass(frozen=True)
class _Scores:
    """What the model says about a table of rows. rows: asset -> row of the matrix. problem: why it says nothing.

    blind: machines about which it is not asked, since most of what it sees rests on a doubtful sensor.
    abstained: targets that ask about nothing but failure modes which the model knows it cannot see coming, or that it answers no
        better than age alone.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    times: tuple[object, ...] = ()
    matrix: npt.NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))
    prediction: Prediction | None = None
    sources: tuple[RiskSource, ...] = ()
    effects: Mapping[str, Floats] = field(default_factory=dict)
    problem: str = ""
    blind: frozenset[str] = frozenset()
    abstained: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Newest:
    """The newest reading used. moment: in UTC (on a usage axis when the platform learnt of it); usage: position on a usage axis."""

    moment: datetime | None = None
    usage: float | None = None


def assess(
    bundle: Bundle | None,
    features: pd.DataFrame,
    *,
    assets: Mapping[str, Asset],
    last_readings: pd.DataFrame,
    now: datetime,
    stale_after: timedelta,
    equipment: Mapping[str, Equipment] | None = None,
    asset_class: AssetClass | None = None,
    recent: pd.DataFrame | None = None,
    problems: Sequence[str] = (),
    explain: bool = True,
    watched: Mapping[str, Watched] | None = None,
    ages: Mapping[str, Mapping[str, float]] | None = None,
    prediction: Prediction | None = None,
    levels: Levels | None = None,
) -> list[Assessment]:
    """What the bundle in charge thinks of every asset, sorted by tag; the order of rows in the tables does not matter.

    bundle: None while nobody was promoted; then `asset_class` says whose words are made.
    features: asset, time and the model's features; the newest row of each asset is used.
    last_readings: asset, time, recorded_at of the newest reading of each asset.
    equipment: what each machine does at its newest reading.
    recent: newest readings (asset, time, channels; bad and void as NaN), to see silent channels.
    stale_after: older readings than this say nothing about now.
    problems: what is wrong with the model that should be in charge; told on every asset, and without a bundle the model's word is
        `error` then.
    explain: whether to say why; without, the assessments carry neither contributions nor features.
    watched: what the watch list says, by asset; None where the class keeps none.
    ages: asset -> maintainable item -> age in native units, where age alone answers.
    prediction: what the bundle says about `features`, row by row, where it was asked already; their assets must differ then.
    levels: what the channels of each machine usually show, as far as it is remembered.

    An assessment whose data is bad carries no risks; one whose data is stale carries them as of `data_time`, with condition `unknown`.

    Raises:
        InputError: neither a bundle nor an asset class was given.
    """
    asset_class = bundle.asset_class if bundle else asset_class
    if asset_class is None:
        raise InputError("without a bundle the asset class must be named", hint="asset_class=...")
    scores = _score(bundle, features, explain, prediction) if bundle else _Scores()
    if bundle and watched:
        scores = _without_suspects(bundle, scores, watched)
    newest = _newest(last_readings, scores, asset_class)
    quiet = {}
    if recent is not None:
        channels = bundle.feature_set.channels if bundle else asset_class.channel_names
        quiet = silences(recent, asset_class, channels, levels)
    turn = _Round(bundle, asset_class, scores, now, stale_after, tuple(problems), watched, ages or {})
    return [
        turn.assess(assets[tag], newest.get(tag, _Newest()), (equipment or {}).get(tag), quiet.get(tag, Silence()))
        for tag in sorted(assets)
    ]


@dataclass(frozen=True)
class _Round:
    """One class at one moment: what all its assessments share."""

    bundle: Bundle | None
    asset_class: AssetClass
    scores: _Scores
    now: datetime
    stale_after: timedelta
    problems: tuple[str, ...] = ()
    watched: Mapping[str, Watched] | None = None
    ages: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def model(self) -> ModelState:
        if self.bundle is None:
            return "error" if self.problems else "no model"
        return "error" if self.scores.problem else "ok"

    def assess(self, asset: Asset, newest: _Newest, equipment: Equipment | None, silence: Silence) -> Assessment:
        """The words first; risks and reasons only where data and model can carry them."""
        row = self.scores.rows.get(asset.asset)
        asked = row is not None and self.scores.matrix.shape[1] > 0
        missing = float(np.isnan(self.scores.matrix[row]).mean()) if asked else 0.0
        data = data_word(newest.moment, self.now, self.stale_after)
        words = equipment_word(equipment, data)
        flags = self._flags(newest, silence, missing)
        if data == "fresh" and (silence.silent or (missing > TOO_FEW_FEATURES and words not in AT_REST)):
            data = "bad quality"
        blank = Assessment(
            asset=asset.asset,
            asset_class=self.asset_class.name,
            as_of=self.now,
            data_time=newest.moment,
            data_usage=newest.usage,
            equipment=words,
            condition="unknown",
            data=data,
            model=self.model,
            quality_flags=flags,
            rung=self.bundle.ladder.rung if self.bundle else NONE,
            bundle=self.bundle.version if self.bundle else "",
        )
        if self.bundle is not None and self.bundle.age is not None and self.model == "ok":
            return _by_age(blank, self.bundle, self.ages.get(asset.asset, {}))
        if self.bundle is None or self.model != "ok" or data not in ("fresh", "stale"):
            return blank
        blank = self._watch(blank)
        if not self.bundle.manifest.targets:
            return replace(blank, condition=self._condition(blank, asset))
        if row is None:
            return replace(blank, quality_flags=(*flags, "no features could be computed from its readings yet"))
        if missing > TOO_FEW_FEATURES:
            return replace(blank, quality_flags=(*flags, "it has not run long enough lately to be judged"))
        if asset.asset in self.scores.blind:
            flag = "the model is not asked: most of what it looks at rests on a doubtful sensor"
            condition = self._condition(blank, asset)
            return replace(blank, condition=condition, quality_flags=(*blank.quality_flags, flag))
        return _answer(blank, asset, self.bundle, self.scores, row)

    def _watch(self, blank: Assessment) -> Assessment:
        """The assessment with what the watch list says, where there is one."""
        if self.watched is None:
            return blank
        found = self.watched.get(blank.asset)
        if found is None:
            return replace(blank, quality_flags=(*blank.quality_flags, NO_BASELINE))
        return replace(
            blank,
            deviations=found.deviations,
            suspect_channels=found.suspect_channels,
            quality_flags=(*blank.quality_flags, *found.flags),
        )

    def _condition(self, blank: Assessment, asset: Asset) -> Condition:
        """The condition by deviations alone."""
        policy = self.bundle.definition.policy if self.bundle else Policy()
        return condition_word(blank.data, blank.model, (), None, policy, asset.criticality, blank.deviations)

    def _flags(self, newest: _Newest, silence: Silence, missing: float) -> tuple[str, ...]:
        """What to know before believing the answer."""
        flags = list(silence.flags)
        if newest.moment is not None and newest.moment > self.now + CLOCK_SLACK:
            flags.append(f"the newest reading bears a time in the future ({newest.moment:%Y-%m-%d %H:%M} UTC)")
        if missing > WORTH_SAYING:
            flags.append(f"{missing:.0%} of the features have no value")
        if self.scores.problem:
            flags.append(self.scores.problem)
        flags += self.problems
        return tuple(flags)


def _by_age(blank: Assessment, bundle: Bundle, ages: Mapping[str, float]) -> Assessment:
    """The assessment with what age alone says: parts age whether readings come or not, and its condition stays unknown."""
    if bundle.age is None:
        return blank
    found = aged(bundle.age, ages, bundle.definition, bundle.asset_class.axis, now=blank.as_of)
    return replace(
        blank,
        risks=found.risks,
        remaining_life=found.remaining_life,
        curve=found.curve,
        first=found.first,
        contributions=found.contributions,
        quality_flags=(*blank.quality_flags, *found.flags),
    )


def _answer(blank: Assessment, asset: Asset, bundle: Bundle, scores: _Scores, row: int) -> Assessment:
    """The assessment with everything that the model says."""
    prediction, definition, axis = scores.prediction, bundle.definition, bundle.asset_class.axis
    if prediction is None or blank.data_time is None:
        return blank
    unit, targets = bundle.manifest.unit, [entry.target for entry in bundle.manifest.targets]
    found = risks(scores.sources, prediction, row, unit, scores.abstained)
    arrays = soonest(prediction, row, scores.abstained)
    life = remaining_life(arrays, row, axis, unit, blank.data_time) if arrays else None
    if life is not None and prediction.remaining.keys() <= scores.abstained:
        life = replace(life, abstained=True)
    numbers = [risk.probability for risk in found] + ([life.median, life.low, life.high] if life else [])
    if not np.isfinite(numbers).all():
        return replace(blank, model="error", quality_flags=(*blank.quality_flags, "the model gave no number"))
    # What the model abstains from is explained only where it is all there is.
    weighty = [risk.probability - risk.abstained for risk in found]
    contributions = _reasons(bundle, scores, row, weighty)
    position = {name: place for place, name in enumerate(bundle.feature_names)}
    return replace(
        blank,
        condition=condition_word(
            blank.data, blank.model, found, life, definition.policy, asset.criticality, blank.deviations
        ),
        risks=found,
        remaining_life=life,
        curve=curve(targets, prediction, row, scores.abstained),
        first=first_risks(targets, scores.sources, prediction, row, unit),
        similar=_similar(bundle, scores, row, weighty, asset.asset),
        contributions=contributions,
        features={
            item.feature: float(scores.matrix[row, position[item.feature]])
            for item in contributions
            if item.value is not None
        },
    )


def _reasons(bundle: Bundle, scores: _Scores, row: int, probabilities: list[float]) -> tuple[Contribution, ...]:
    """Why the worst risk is what it is."""
    if not probabilities or not scores.effects:
        return ()
    target = scores.sources[int(np.argmax(probabilities))].target
    effects = scores.effects[target][row, :-1]  # the last column is the bias, which is nobody's doing
    typical = bundle.manifest.facts.get("typical") or ()
    return reasons(bundle.feature_names, scores.matrix[row], effects, bundle.sentences, typical=typical)


def _similar(bundle: Bundle, scores: _Scores, row: int, probabilities: list[float], asset: str) -> tuple[Likeness, ...]:
    """The past cases with the most similar reasons for the worst risk."""
    if not probabilities or not scores.effects:
        return ()
    target = scores.sources[int(np.argmax(probabilities))].target
    library = bundle.cases.get(target)
    if library is None or not library.cases:
        return ()
    owners = [bundle.sentences[name].channel or name for name in bundle.feature_names]
    channels, vectors = by_channel(owners, scores.effects[target][row : row + 1, :-1])
    if channels != library.channels:
        return ()
    unit = bundle.manifest.unit
    return tuple(
        Likeness(case.asset, case.at, case.mode, case.lead, unit, likeness)
        for case, likeness in nearest(library, vectors[0], top=SIMILAR, not_of=asset)
    )


def _score(bundle: Bundle, features: pd.DataFrame, explain: bool, prediction: Prediction | None) -> _Scores:
    """The newest row of every asset, asked once; what goes wrong becomes a sentence on every asset of the class."""
    if absent := [name for name in bundle.feature_names if name not in features.columns]:
        return _Scores(problem=f"{len(absent)} features of the model were not computed, first {absent[0]!r}")
    table = features
    if prediction is None:
        table = features.sort_values(["asset", "time"], kind="stable").drop_duplicates("asset", keep="last")
    rows = {str(asset): row for row, asset in enumerate(table["asset"])}
    if not rows:
        return _Scores()
    matrix = table[list(bundle.feature_names)].to_numpy(np.float32)
    targets = [entry.target for entry in bundle.manifest.targets]
    try:
        prediction = prediction or bundle.predictor.predict(matrix)
        sources = risk_sources(targets, prediction, bundle.definition.policy)
        effects = {
            source.target: np.asarray(bundle.predictor.contributions(matrix, source.target))
            for source in (sources if explain else ())
        }
    except Exception as error:
        # Whatever a booster throws must not stop the other classes: each asset says `model: error`, with this sentence.
        return _Scores(problem=f"bundle {bundle.version} could not be applied: {type(error).__name__}: {error}")
    # What was no better than age alone on machines it had not seen is shown, and that is all.
    abstained = blind_targets(targets, bundle.ladder.abstained) | bundle.ladder.unproven.keys()
    return _Scores(rows, tuple(table["time"]), matrix, prediction, sources, effects, abstained=abstained)


def _without_suspects(bundle: Bundle, scores: _Scores, watched: Mapping[str, Watched]) -> _Scores:
    """The scores of machines with a doubtful sensor, asked once more without it."""
    doubted = {
        scores.rows[asset]: found.suspect_channels
        for asset, found in watched.items()
        if found.suspect_channels and asset in scores.rows
    }
    if not doubted or scores.prediction is None:
        return scores
    masked, taken = without(bundle, scores.matrix, doubted)
    rows = np.array(list(doubted), dtype=np.intp)
    too_many = np.isnan(masked).mean(axis=1) > TOO_FEW_FEATURES
    effects = {}
    for target, table in scores.effects.items():
        again = np.asarray(bundle.predictor.contributions(masked, target))
        again[:, :-1][taken] = 0.0  # what was not looked at is nobody's reason
        effects[target] = table.copy()
        effects[target][rows] = again
    blind = {asset for asset, row in scores.rows.items() if row in set(rows[too_many].tolist())}
    prediction = scores.prediction.replaced(rows, bundle.predictor.predict(masked))
    return replace(scores, prediction=prediction, effects=effects, blind=frozenset(blind))


def _newest(last_readings: pd.DataFrame, scores: _Scores, asset_class: AssetClass) -> dict[str, _Newest]:
    """The newest reading that was used: never newer than the feature row that stands for the asset."""
    if last_readings.empty:
        return {}
    table = last_readings
    if not table["asset"].is_unique:
        table = table.sort_values(["asset", "time"], kind="stable").drop_duplicates("asset", keep="last")
    assets = [str(asset) for asset in table["asset"]]
    if asset_class.axis.kind == "usage":
        recorded = [moment.to_pydatetime() for moment in pd.to_datetime(table["recorded_at"], utc=True)]
        return {
            asset: _Newest(moment, float(usage))
            for asset, moment, usage in zip(assets, recorded, table["time"], strict=True)
        }
    moments = pd.to_datetime(table["time"], utc=True)
    used = dict(zip(assets, moments, strict=True))
    for asset, row in scores.rows.items():
        if scores.times and asset in used:
            as_of = pd.Timestamp(scores.times[row])  # type: ignore[arg-type]  # a column's cells are objects to mypy
            used[asset] = min(used[asset], as_of.tz_localize("UTC") if as_of.tzinfo is None else as_of)
    return {asset: _Newest(moment.to_pydatetime()) for asset, moment in used.items()}
