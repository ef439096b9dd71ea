"""The chances ahead of one machine: of no failure, and of each failure mode coming first, at every horizon. They add up to 1.

How likely any failure is by each horizon comes from the one survival curve of the assessment; which mode it would be, from the race of
the modes' own models, whose cause-specific hazards share what fails (`pdm.learning.competing`). Everything is derived from what an
assessment carries anyway, so scores that were stored long ago have it too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from pdm.scoring.assessment import Assessment, Risk


@dataclass(frozen=True)
class Incidence:
    """Chances ahead. horizons: native units from the newest reading on, rising. whole: P(any failure within each).

    modes: mode -> P(this one comes first, within each horizon), the likeliest at the end first; they add up to `whole`. Empty where
        nothing tells the modes apart.
    asked, said: a horizon at which the modes' own models were asked as well, and P(any failure) by them; None where they were not.
    """

    horizons: tuple[float, ...]
    whole: tuple[float, ...]
    modes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    asked: float | None = None
    said: float | None = None

    def at(self, horizon: float) -> int:
        """The place of the horizon nearest to this one."""
        return min(range(len(self.horizons)), key=lambda place: abs(self.horizons[place] - horizon))


def incidence(assessment: Assessment, covered: Collection[str]) -> Incidence | None:
    """The chances ahead; None where the assessment has no curve.

    covered: the failure modes whose remaining life the curve is about, as the class defines it.

    >>> from pdm.testing.builders import an_assessment
    >>> first = (Risk("wear", 336.0, "h", 0.3), Risk("leak", 336.0, "h", 0.1))
    >>> told = incidence(an_assessment(curve=((336.0, 0.2), (720.0, 0.6)), first=first), ["wear", "leak"])
    >>> {mode: [round(chance, 2) for chance in chances] for mode, chances in told.modes.items()}
    {'wear': [0.15, 0.45], 'leak': [0.05, 0.15]}
    """
    if not assessment.curve:
        return None
    horizons, whole = (tuple(float(value) for value in values) for values in zip(*assessment.curve, strict=True))
    racing = [risk for risk in assessment.first if risk.mode in covered]
    if len(covered) == 1:
        return Incidence(horizons, whole, {next(iter(covered)): whole})
    if not racing or {risk.mode for risk in racing} != set(covered):
        return Incidence(horizons, whole)
    asked = sorted({risk.horizon for risk in racing})
    modes = _split(racing, horizons, whole, asked)
    said = sum(risk.probability for risk in racing if risk.horizon == asked[0])
    return Incidence(horizons, whole, modes, asked[0], said) if modes else Incidence(horizons, whole)


def _split(
    racing: list[Risk], horizons: tuple[float, ...], whole: tuple[float, ...], asked: list[float]
) -> dict[str, tuple[float, ...]]:
    """What fails between two horizons, shared as in the race that was run up to there (the last one for everything beyond)."""
    names = sorted({risk.mode for risk in racing})
    table = np.zeros((len(names), len(asked)))
    for risk in racing:
        table[names.index(risk.mode), asked.index(risk.horizon)] = risk.probability
    come = np.diff(np.maximum.accumulate(table, axis=1), axis=1, prepend=0.0)
    total = come.sum(axis=0)
    if total.sum() <= 0:
        return {}
    # Where nothing at all fails between two horizons that were asked about, the whole race shares what the curve says.
    shares = np.where(total > 0, come / np.where(total > 0, total, 1.0), (come.sum(axis=1) / total.sum())[:, None])
    race = np.minimum(np.searchsorted(asked, horizons), len(asked) - 1)
    chances = np.cumsum(shares[:, race] * np.diff(whole, prepend=0.0), axis=1)
    order = np.argsort(-chances[:, -1], kind="stable")
    return {names[place]: tuple(float(chance) for chance in chances[place]) for place in order}
