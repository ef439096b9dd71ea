"""Ask every champion what it thinks of its assets now, and let alerts, cases and requests follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pandas as pd

from pdm.operations._helpers import ask_helper
from pdm.operations._known import Answered, Known, lately, no_features, who_answers
from pdm.operations._turns import scored_in, turn
from pdm.operations.consider_assessments import AlertReport, consider_assessments
from pdm.operations.score_shadow import score_shadow
from pdm.ports import Plant
from pdm.readings.levels import Levels, remember_levels
from pdm.registry.bundle import Bundle
from pdm.registry.card import overdue
from pdm.registry.in_charge import InCharge
from pdm.scoring.assess import assess
from pdm.scoring.assessment import Assessment
from pdm.scoring.own_levels import own_levels
from pdm.units import duration


@dataclass(frozen=True)
class ScoringReport:
    """What one round of scoring did.

    problems: per class, why the model that should be in charge could not answer. shadows: answers of challengers beside it;
        notes: why one of them could not be asked.
    """

    assessed: int
    without_model: int
    alerts: AlertReport
    assessments: tuple[Assessment, ...]
    done_already: bool = False
    problems: tuple[str, ...] = ()
    shadows: int = 0
    notes: tuple[str, ...] = ()


def score_fleet(
    plant: Plant,
    *,
    asset_class: str | None = None,
    holder: str = "command line",
    period: timedelta | None = None,
    remember: bool = True,
) -> ScoringReport:
    """Score all assets (of one class), as known now, and raise what has to be raised.

    A lease keeps two schedulers from scoring at once. With `period`, a round is left out when someone has scored in the same
    period (counted from the UTC epoch) already; scoring the same moment twice changes nothing either way. A champion that cannot be
    trusted stops nobody: the last good one answers, or the assets of its class say `model: error`, and the report tells why.

    remember: whether to write down what the machines usually show; a replay of a history that it must not change does without.

    Raises:
        LeaseHeld: another process is scoring.
    """
    names = [asset_class] if asset_class else sorted(plant.catalogue.classes)
    with turn(plant, holder):
        if period is not None and scored_in(plant, period, names):
            return ScoringReport(0, 0, AlertReport(), (), done_already=True)
        known = Known(plant.history, plant.clock.now())
        found = [_assess(plant, name, known) for name in names]
        assessments = [assessment for one in found for assessment in one.assessments]
        alerts = consider_assessments(plant, assessments)
        for one in found if remember else ():
            _remember(plant, one, known)
        shadows = [_beside(plant, name, known) for name in names]
    without = sum(assessment.model == "no model" for assessment in assessments)
    problems = tuple(f"{one.name}: {problem}" for one in found for problem in one.problems)
    # A challenger that fails is nobody's outage: a note, and no problem of the service's health.
    notes = tuple(f"{name}: {problem}" for name, (_, problem) in zip(names, shadows, strict=True) if problem)
    beside = sum(count for count, _ in shadows)
    return ScoringReport(
        len(assessments), without, alerts, tuple(assessments), problems=problems, shadows=beside, notes=notes
    )


def assess_class(plant: Plant, name: str) -> list[Assessment]:
    """The assessments of one class as of the plant's clock, with nothing stored: what a page or a notebook may ask at any time."""
    return _assess(plant, name, Known(plant.history, plant.clock.now())).assessments


def champion(plant: Plant, name: str) -> Bundle | None:
    """The bundle that answers for a class, verified: the champion, or the last good one; None while nobody was promoted."""
    return who_answers(plant, name).bundle


@dataclass(frozen=True)
class _Class:
    """What came out for one class. lately: the readings that were looked at, in which channels; levels: what was remembered then."""

    name: str
    assessments: list[Assessment]
    problems: tuple[str, ...] = ()
    lately: pd.DataFrame | None = None
    channels: tuple[str, ...] = ()
    levels: Levels = field(default_factory=dict)


def assess_as_known(plant: Plant, name: str, known: Known) -> list[Assessment]:
    """The assessments of one class as of any moment, from whatever is known then."""
    return _assess(plant, name, known).assessments


def _beside(plant: Plant, name: str, known: Known) -> tuple[int, str]:
    """The challenger's answers at the same moment, kept where they disturb nobody."""
    return score_shadow(plant, name, lambda bundle: _assess(plant, name, known, InCharge(bundle)).assessments)


def _assess(plant: Plant, name: str, known: Known, charge: InCharge | None = None) -> _Class:
    asset_class, assets = plant.catalogue.asset_class(name), known.assets.get(name)
    if not assets:
        return _Class(name, [])
    charge = charge or known.charge(plant, name)
    recent = known.recent(plant, asset_class, charge.bundle, sorted(assets))
    levels = known.levels(asset_class)
    looked_at = lately(plant, asset_class, charge.bundle, recent.near, known.now)
    told = known.features(plant, asset_class, charge.bundle, recent.near) if charge.bundle else Answered(no_features())
    broken = list[str]()
    seen = ask_helper("watch list", charge.bundle, lambda: known.watched(asset_class, charge.bundle, recent), broken)
    ages = ask_helper("ages", charge.bundle, lambda: known.ages(plant, asset_class, charge.bundle), broken)
    assessments = assess(
        charge.bundle,
        told.table,
        asset_class=asset_class,
        assets=assets,
        last_readings=recent.last,
        equipment=known.equipment(asset_class, recent),
        recent=looked_at,
        now=known.now,
        stale_after=duration(plant.settings.stale_after),
        problems=(*_words_on(charge), *_review(charge, known.now), *broken),
        explain=known.explain,
        watched=seen,
        ages=ages,
        prediction=told.prediction,
        levels=levels,
    )
    channels = charge.bundle.feature_set.channels if charge.bundle else asset_class.channel_names
    return _Class(name, assessments, (*charge.problems, *broken), looked_at, channels, levels)


def _remember(plant: Plant, one: _Class, known: Known) -> None:
    """Write down what the machines usually show, where it is new: a wrong unit is doubted for longer than scoring looks back."""
    if one.lately is None:
        return
    asset_class = plant.catalogue.asset_class(one.name)
    levels = own_levels(one.lately, asset_class, one.channels, one.levels, known.now)
    remember_levels(plant.history, asset_class, levels, now=known.now)


def _review(charge: InCharge, now: datetime) -> tuple[str, ...]:
    """What every asset of the class says once the card of its model is past its review date."""
    sentence = overdue(charge.bundle.manifest, now) if charge.bundle else ""
    return (sentence,) if sentence else ()


def _words_on(charge: InCharge) -> tuple[str, ...]:
    """What every asset of the class says when its champion cannot be trusted."""
    if not charge.problems:
        return ()
    if charge.bundle is None:
        return ("the model in charge cannot be trusted, and no former one either",)
    return (f"the model in charge cannot be trusted; the former one, {charge.bundle.version}, answers",)
