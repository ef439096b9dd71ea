"""What the platform thinks of one asset at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Equipment = Literal["running", "standby", "transient", "stopped", "unknown"]
Condition = Literal["normal", "watch", "act", "unknown"]
DataState = Literal["fresh", "stale", "no data", "bad quality"]
ModelState = Literal["ok", "error", "no model"]


@dataclass(frozen=True)
class RemainingLife:
    """Remaining life as a distribution's median and 90 % interval, in native units of the class's axis and as dates.

    at_cap: the model only says "at least `low`": the machine is further from failure than the model looks.
    mean: of the distribution cut off at the cap, where it is known.
    abstained: it is about failure modes alone that the model abstains from.
    open_end: `high` is where the model stops looking: it may last longer than that.
    """

    median: float
    low: float
    high: float
    unit: str
    median_date: datetime | None = None
    low_date: datetime | None = None
    high_date: datetime | None = None
    at_cap: bool = False
    mean: float | None = None
    abstained: bool = False
    open_end: bool = False

    @property
    def expected(self) -> float:
        """The mean where it is known, else the median: one number for figures such as RMSE, never for people."""
        return self.median if self.mean is None else self.mean


@dataclass(frozen=True)
class Risk:
    """P(failure of `mode` within `horizon` native units); mode `unspecified` where the model does not tell modes apart.

    abstained: the model knows that its sensors do not show this mode coming, or it has not been shown to answer better than without
    them; the number is shown, and disturbs nobody by itself.
    """

    mode: str
    horizon: float
    unit: str
    probability: float
    abstained: bool = False

    @property
    def plain(self) -> list[str | float | bool]:
        """Its fields in order, as records keep them; `abstained` only where it holds, so that older records read the same."""
        return [self.mode, self.horizon, self.unit, self.probability, *([True] if self.abstained else [])]


@dataclass(frozen=True)
class Contribution:
    """One reason for a score: a feature in words, its value with unit, and how it moved the score (log-odds, >0 worse)."""

    feature: str
    channel: str
    sentence: str
    value: float | None
    unit: str
    effect: float


@dataclass(frozen=True)
class Deviation:
    """How far an asset stands from what is expected of a sound one in its load and weather: what can be said without any failure.

    mode: the failure mode whose signs this fits, or `unspecified`. level: 1.0 is the alert limit, which healthy machines pass at a
    stated rate only. channels: those that deviate, the strongest first. sentence: the same for people, with unit and duration.
    """

    mode: str
    level: float
    channels: tuple[str, ...] = ()
    sentence: str = ""


@dataclass(frozen=True)
class Likeness:
    """A past case of the model that this score resembles.

    asset, at: which machine, and when (ISO moment, or the position on its counter). mode: what failed, empty where nothing did.
    lead: native units until that failure, or for how long nothing failed. likeness: 1 the same reasons, 0 none in common.
    """

    asset: str
    at: str | float
    mode: str
    lead: float
    unit: str
    likeness: float


@dataclass(frozen=True)
class Assessment:
    """The answer of one bundle about one asset, as of one moment: nothing known later was used.

    as_of: the moment of asking (UTC). data_time: time of the newest reading used; data_usage: the same on a usage axis.
    deviations: what the watch list says; one with a small level says that all is as expected, none that nobody watches.
    suspect_channels: channels that look like a bad sensor rather than a bad machine; the scores were made without them.
    curve: (native units from the newest reading on, P(failure of any mode within them)), rising: the whole distribution behind
    the remaining life, for whoever has to choose a date.
    first: P(failure of this mode comes before any other, and within the horizon), where several modes are asked within one horizon:
    these add up to the chance of any failure, which the risks of the modes alone do not.
    similar: the nearest past cases of the model that answers for the worst risk, the most alike first.
    The four words never claim `normal` on stale, missing or bad data.
    """

    asset: str
    asset_class: str
    as_of: datetime
    data_time: datetime | None
    data_usage: float | None
    equipment: Equipment
    condition: Condition
    data: DataState
    model: ModelState
    risks: tuple[Risk, ...] = ()
    remaining_life: RemainingLife | None = None
    contributions: tuple[Contribution, ...] = ()
    quality_flags: tuple[str, ...] = ()
    rung: str = "fleet model"
    bundle: str = ""
    features: dict[str, float] = field(default_factory=dict, compare=False, repr=False)
    deviations: tuple[Deviation, ...] = ()
    suspect_channels: tuple[str, ...] = ()
    curve: tuple[tuple[float, float], ...] = ()
    first: tuple[Risk, ...] = ()
    similar: tuple[Likeness, ...] = ()

    @property
    def worst(self) -> Risk | None:
        """The most probable failure mode; one that the model abstains from only where there is no other."""
        return max(self.risks, key=lambda risk: (not risk.abstained, risk.probability), default=None)

    @property
    def strongest(self) -> Deviation | None:
        """The deviation nearest to its limit, or furthest above it."""
        return max(self.deviations, key=lambda deviation: deviation.level, default=None)
