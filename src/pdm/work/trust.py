"""How far the requests of one (class, failure mode) may go by themselves: a ladder, climbed by being right, lost by being wrong.

    show       the alert is shown; a request is raised by people only
    suggest    a request is drafted and waits here for a reviewer
    draft      it is handed to the receiver and reviewed there
    automatic  it is handed over and asks for no review

Nobody climbs above the ceiling: what `auto_request` in `models/` says, or what a person raised it to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args

from pdm.catalogue.planning import TrustTerms
from pdm.errors import InputError

Rung = Literal["show", "suggest", "draft", "automatic"]
RUNGS: tuple[Rung, ...] = get_args(Rung)

Answer = Literal["right", "wrong", "no fault"]
"""What one closed case said. wrong: sensor fault or process change: the machine was sound, but something was found."""


@dataclass(frozen=True)
class Trust:
    """Where one (class, failure mode) stands. since: from then on cases count; None: from the first one. ceiling: as far as it may go.

    raised_by: who set the ceiling; empty while the definition says it.
    """

    asset_class: str
    failure_mode: str
    rung: Rung
    ceiling: Rung
    since: datetime | None = None
    why: str = ""
    raised_by: str = ""
    version: int = 0


@dataclass(frozen=True)
class Standing:
    """The figures behind a rung. bound: lower confidence bound of the share of right ones; lost: no-fault-founds that count."""

    cases: int
    right: int
    bound: float
    lost: int


def starting(asset_class: str, failure_mode: str, auto_request: str) -> Trust:
    """Where a (class, failure mode) begins: where its definition says, except that the last rung has to be earned.

    >>> starting("pump", "bearing_wear", "automatic").rung, starting("pump", "bearing_wear", "suggest").ceiling
    ('draft', 'suggest')
    """
    ceiling = rung_named(auto_request)
    return Trust(asset_class, failure_mode, min(ceiling, "draft", key=RUNGS.index), ceiling, why="as models/ says")


def rung_named(word: str) -> Rung:
    """The rung of this name.

    Raises:
        InputError: there is none.
    """
    for rung in RUNGS:
        if rung == word:
            return rung
    raise InputError(f"there is no rung {word!r}", hint=", ".join(RUNGS))


def lower_bound(right: int, cases: int, confidence: float) -> float:
    """The exact one-sided lower bound of a share (Clopper and Pearson, Biometrika 26, 1934).

    >>> round(lower_bound(8, 8, 0.9), 3), lower_bound(0, 5, 0.9), lower_bound(0, 0, 0.9)
    (0.75, 0.0, 0.0)
    """
    if right <= 0 or cases <= 0:
        return 0.0
    from scipy.special import betaincinv

    return float(betaincinv(right, cases - right + 1, 1 - confidence))


def standing(answers: Sequence[Answer], terms: TrustTerms) -> Standing:
    """The figures of the answers since the last step, oldest first."""
    right = answers.count("right")
    lost = list(answers[-terms.demote_within :]).count("no fault")
    return Standing(len(answers), right, lower_bound(right, len(answers), terms.confidence), lost)


def judge(trust: Trust, answers: Sequence[Answer], terms: TrustTerms, *, now: datetime) -> Trust:
    """The next step, or the same trust when there is none. answers: since `trust.since`, oldest first.

    Two no-fault-founds cost a rung before anything else is looked at. A step begins a new count: the cases that earned one rung
    do not earn the next one, too.
    """
    place = RUNGS.index(trust.rung)
    figures = standing(answers, terms)
    if figures.lost >= terms.demote_after and place > 0:
        why = f"{figures.lost} no-fault-founds among the last {min(len(answers), terms.demote_within)} closed cases"
        return replace(trust, rung=RUNGS[place - 1], since=now, why=why)
    if place > RUNGS.index(trust.ceiling):
        return replace(trust, rung=trust.ceiling, since=now, why="the ceiling was lowered")
    if trust.rung == trust.ceiling or place + 1 == len(RUNGS):
        return trust
    following = RUNGS[place + 1]
    target = terms.target[following]
    if figures.cases < terms.least_cases or figures.bound < target:
        return trust
    why = (
        f"{figures.right} of {figures.cases} closed cases were right: at least {figures.bound:.0%} with "
        f"{terms.confidence:.0%} confidence, {target:.0%} asked for"
    )
    return replace(trust, rung=following, since=now, why=why)


def with_ceiling(trust: Trust, ceiling: Rung, *, by: str, why: str, now: datetime) -> Trust:
    """A person decides how far it may go; a rung above comes down at once."""
    changed = replace(trust, ceiling=ceiling, raised_by=by)
    if RUNGS.index(trust.rung) > RUNGS.index(ceiling):
        return replace(changed, rung=ceiling, since=now, why=f"the ceiling was lowered by {by}: {why}")
    return changed


def demoted(trust: Trust, *, why: str, now: datetime) -> Trust:
    """One rung down, for drift or on a person's word; on the lowest rung only the count begins anew."""
    place = max(RUNGS.index(trust.rung) - 1, 0)
    return replace(trust, rung=RUNGS[place], since=now, why=why)
