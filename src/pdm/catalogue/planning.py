"""What the site itself decides about its work: `models/site/planning.toml` as data.

Crafts, the priority matrix, how much risk is accepted, how many requests the maintenance system is sent, how trust is earned, and
what may be put off. A plant's own file replaces the bundled one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

CRAFTS = ("mechanic", "electrician", "instrument technician", "operator")


@dataclass(frozen=True)
class Limits:
    """How much the maintenance system is sent. open_per_asset: requests of one asset that are open over there; 0: no limit.

    per_day: requests handed over per calendar day of the plant; 0: no limit.
    """

    open_per_asset: int = 0
    per_day: int = 0


@dataclass(frozen=True)
class TrustTerms:
    """How requests of one (class, failure mode) earn and lose automation.

    target: rung -> least lower confidence bound of the share of right alerts, to be promoted *to* that rung.
    least_cases: closed cases that count, before anybody is promoted. confidence: of the one-sided bound.
    demote_after: so many no-fault-founds among the last `demote_within` cases cost one rung.
    """

    target: Mapping[str, float] = field(default_factory=lambda: {"suggest": 0.3, "draft": 0.6, "automatic": 0.8})
    least_cases: int = 8
    confidence: float = 0.9
    demote_after: int = 2
    demote_within: int = 5


@dataclass(frozen=True)
class DeferralTerms:
    """When a preventive task may be proposed for later.

    risk: P(failure of any mode before the new date) that must not be exceeded. share: of the task's cycle; longest: at most.
    shortest: nothing shorter is worth the trouble. words: the plant's own words for tasks that are never put off.
    """

    risk: float = 0.02
    share: float = 0.25
    longest: timedelta = timedelta(days=60)
    shortest: timedelta = timedelta(days=7)
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planning:
    """The site's decisions.

    crafts: names of the trades, as job packages and crews use them.
    priority_bounds, priority_rows: probability bands and one row of priorities (1 highest .. 4) per criticality.
    risk_budget: criticality -> P(failure) that is accepted before the work: it sets the latest safe date.
    spare_share: share of the loss of production that remains when the asset has a spare, for the spare may fail too.
    shift_hours, shift_start, workdays: a crew's day; 0 is Monday.
    """

    crafts: tuple[str, ...] = CRAFTS
    priority_bounds: tuple[float, ...] = (0.3, 0.6, 0.85)
    priority_rows: Mapping[int, tuple[int, ...]] = field(
        default_factory=lambda: {1: (2, 2, 1, 1), 2: (3, 2, 2, 1), 3: (3, 3, 2, 2), 4: (4, 3, 3, 2), 5: (4, 4, 3, 3)}
    )
    risk_budget: Mapping[int, float] = field(default_factory=lambda: dict.fromkeys(range(1, 6), 0.05))
    spare_share: float = 0.1
    shift_start: float = 7.0
    shift_hours: float = 8.0
    workdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    limits: Limits = Limits()
    trust: TrustTerms = field(default_factory=TrustTerms)
    deferral: DeferralTerms = DeferralTerms()
