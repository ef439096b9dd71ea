"""The weeks ahead of one machine: what would fail first by when, as stacked chances, a table, and sentences that add up to 100 %."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pdm.catalogue import AssetClass, Axis, ModelDefinition
from pdm.learning.ladder import AGE_ONLY
from pdm.scoring.assessment import Assessment
from pdm.scoring.incidence import Incidence, incidence
from pdm.views import words
from pdm.views.rung import Standing
from pdm.views.series import Chart, Line

NO_FAILURE = "no failure"
_APART = 0.1
"""From this difference on it is said that the models disagree."""


@dataclass(frozen=True)
class Row:
    """One horizon of the table. chances: by mode in the order of the chart's lines, then that of no failure; as text."""

    horizon: str
    chances: tuple[str, ...]


@dataclass(frozen=True)
class Ahead:
    """The time ahead of one machine. sentences: at a near and at the farthest horizon.

    notes: what is not told apart, not predicted, or not agreed upon, and why. until: the mode that most likely ends its life, in
    words; empty where none stands out.
    """

    incidence: Incidence
    chart: Chart
    sentences: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    until: str = ""


def ahead(
    assessment: Assessment | None, asset_class: AssetClass, model: ModelDefinition | None, standing: Standing
) -> Ahead | None:
    """What the newest assessment says of the time ahead; None where it knows no horizon but one."""
    if assessment is None:
        return None
    covered = covered_modes(assessment, model)
    found = incidence(assessment, covered)
    if found is None or len(found.horizons) < 2 or not covered:
        return None
    axis = asset_class.axis
    lines = found.modes or {"": found.whole}
    titles = tuple(words.mode_title(mode, model) if mode else "any failure" for mode in lines)
    rows = tuple(
        Row(words.horizon(horizon, axis), (*(words.percent(of[place]) for of in lines.values()), _none(found, place)))
        for place, horizon in enumerate(found.horizons)
    )
    near = found.at(found.asked if found.asked is not None else _near(assessment, found))
    told = tuple(_sentence(rows[place], titles) for place in sorted({near, len(rows) - 1}))
    days = axis.per_day if axis.kind == "time" else 1.0
    chart = Chart(
        name="ahead",
        title="chance of failing from now on",
        unit="%",
        x=(0.0, *(round(horizon / days, 3) for horizon in found.horizons)),
        lines=tuple(
            Line(title, (0.0, *(round(100 * chance, 2) for chance in of)))
            for title, of in zip(titles, lines.values(), strict=True)
        ),
        summary=" ".join(told),
        time=False,
        x_unit="days from now" if axis.kind == "time" else f"{axis.unit} from now",
        range=(0.0, 100.0),
        stacked=True,
        rest=NO_FAILURE,
    )
    notes = (
        *_not_apart(found, covered, model, standing),
        *_blind(found, model, standing),
        *_left_out(covered, model),
        *_apart(found, axis),
    )
    return Ahead(found, chart, told, (*titles, NO_FAILURE), rows, notes, _until(found, model))


def _until(found: Incidence, model: ModelDefinition | None) -> str:
    """The mode that comes first more often than all others together, over the whole horizon."""
    ranked = [(chances[-1], mode) for mode, chances in found.modes.items()]
    if not ranked or max(ranked)[0] <= found.whole[-1] / 2:
        return ""
    return words.mode_title(max(ranked)[1], model)


def covered_modes(assessment: Assessment, model: ModelDefinition | None) -> tuple[str, ...]:
    """The failure modes that the assessment's curve is about."""
    if assessment.rung == AGE_ONLY or model is None:
        return tuple(dict.fromkeys(risk.mode for risk in (assessment.first or assessment.risks)))
    lives = [target for target in model.targets if target.kind == "remaining_life"]
    return tuple(dict.fromkeys(mode for target in lives for mode in target.modes))


def _near(assessment: Assessment, found: Incidence) -> float:
    """The horizon that people are alerted by, or a third of the way."""
    asked = min((risk.horizon for risk in assessment.risks), default=0.0)
    return asked or found.horizons[len(found.horizons) // 3]


def _none(found: Incidence, place: int) -> str:
    return words.percent(max(0.0, 1.0 - found.whole[place]))


def _sentence(row: Row, titles: tuple[str, ...]) -> str:
    parts = [f"{_lower(title)} {chance}" for title, chance in zip((*titles, NO_FAILURE), row.chances, strict=True)]
    return f"Within {row.horizon}: {', '.join(parts)}."


def _not_apart(
    found: Incidence, covered: Collection[str], model: ModelDefinition | None, standing: Standing
) -> tuple[str, ...]:
    """Why nobody says which mode it would be."""
    if found.modes:
        return ()
    names = " or ".join(_lower(words.mode_title(mode, model)) for mode in covered)
    silent = [
        standing.left_out[target.name]
        for target in (model.targets if model else ())
        if target.name in standing.left_out and set(target.modes) & set(covered)
    ]
    return (" ".join([f"Which it would be, {names}, is not told apart.", *silent]),)


def _blind(found: Incidence, model: ModelDefinition | None, standing: Standing) -> tuple[str, ...]:
    """Modes whose share nobody should lean on."""
    return tuple(
        f"{words.mode_title(mode, model)}: these sensors are not known to show it coming, so its share is a guess."
        for mode in found.modes
        if mode in standing.abstained
    )


def _left_out(covered: Collection[str], model: ModelDefinition | None) -> tuple[str, ...]:
    """Failure modes that the curve knows nothing of."""
    missing = [mode for mode in (model.failure_modes if model else ()) if mode.name not in covered]
    return tuple(f"{mode.title} is not counted here: nobody predicts its remaining life." for mode in missing)


def _apart(found: Incidence, axis: Axis) -> tuple[str, ...]:
    """That the modes' own models see it otherwise, where they do."""
    if found.asked is None or found.said is None:
        return ()
    here = found.whole[found.at(found.asked)]
    if found.horizons[found.at(found.asked)] != found.asked or abs(here - found.said) < _APART:
        return ()
    within = words.horizon(found.asked, axis)
    return (
        f"Two models look at this machine and do not agree: those that are asked about {within} alone say "
        f"{words.percent(found.said)} for any failure, this curve {words.percent(here)}. The truth may lie anywhere between.",
    )


def _lower(title: str) -> str:
    return f"{title[:1].lower()}{title[1:]}"
