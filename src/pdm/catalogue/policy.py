"""When a human is disturbed, as data: limits for a class, for a failure mode of it, and for assets of a criticality.

The nearest word counts: a mode's own limit for a criticality, then the mode's, then the class's for that criticality, then the
class's. So a policy is read like a sentence, and `Policy.limits` is the only place that reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class ModePolicy:
    """What is different for one failure mode; None: as for the class."""

    raise_at: float | None = None
    clear_at: float | None = None
    raise_below: float | None = None
    raise_deviation: float | None = None
    clear_deviation: float | None = None
    persistence: tuple[int, int] | None = None
    on_delay: float | None = None
    off_delay: float | None = None
    raise_abstained: bool | None = None
    by_criticality: dict[int, float] = field(default_factory=dict)
    below_by_criticality: dict[int, float] = field(default_factory=dict)
    deviation_by_criticality: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """What holds for one failure mode on an asset of one criticality. raise_below: native units; delays: hours."""

    raise_at: float
    clear_at: float
    raise_below: float
    raise_deviation: float
    clear_deviation: float
    persistence: tuple[int, int]
    on_delay: float
    off_delay: float
    raise_abstained: bool = False


@dataclass(frozen=True)
class Policy:
    """When an alert is raised, kept, cleared and passed on.

    raise_at, clear_at: thresholds on P(failure within the target's horizon): the dead band lies between them.
    persistence: (n, m): n of the last m assessments at or above a limit.
    on_delay: hours from the first assessment at or above a limit until an alert is raised, on top of the persistence.
    off_delay: hours for which all limits must be kept before an alert returns.
    raise_below: also raise when the median remaining life is below this many native units (0: never).
    raise_deviation, clear_deviation: levels of the watch list; 1 is its limit, which healthy machines pass at a stated rate only,
        and 0 as `raise_deviation` means that it disturbs nobody.
    by_criticality, below_by_criticality, deviation_by_criticality: `raise_at`, `raise_below` and `raise_deviation` for assets
        of a criticality 1-5.
    modes: what is different for a failure mode.
    escalate_after: criticality -> hours after which an alert that nobody answered is escalated, once.
    quiet_after_work: hours after work on an asset (repair, preventive task, installation) in which its scores disturb nobody.
    sisters_within: hours within which the same suspicion on several sisters becomes one question to operations (0: never).
    common_causes: attributes of assets that name what they share, such as `cooling_water`; the line is always one.
    raise_abstained: whether the probability of a failure mode that the model knows it cannot see coming raises alerts all the same.
    auto_request: how far requests may go by themselves (`show`, `suggest`, `draft`, `automatic`): where the ladder of trust
        begins and ends (`pdm.work.trust`). `suggest` waits for a reviewer here, `draft` for one in the receiver.
    """

    raise_at: float = 0.5
    clear_at: float = 0.25
    persistence: tuple[int, int] = (2, 3)
    raise_below: float = 0.0
    by_criticality: dict[int, float] = field(default_factory=dict)
    auto_request: Literal["show", "suggest", "draft", "automatic"] = "suggest"
    raise_deviation: float = 1.0
    clear_deviation: float = 0.5
    on_delay: float = 0.0
    off_delay: float = 0.0
    below_by_criticality: dict[int, float] = field(default_factory=dict)
    deviation_by_criticality: dict[int, float] = field(default_factory=dict)
    modes: dict[str, ModePolicy] = field(default_factory=dict)
    escalate_after: dict[int, float] = field(default_factory=dict)
    quiet_after_work: float = 0.0
    sisters_within: float = 6.0
    common_causes: tuple[str, ...] = ()
    raise_abstained: bool = False

    def threshold(self, criticality: int, mode: str = "") -> float:
        """The probability at which an asset of this criticality disturbs someone."""
        return self.limits(mode, criticality).raise_at

    def limits(self, mode: str, criticality: int) -> Limits:
        """The limits for one failure mode on an asset of one criticality.

        >>> policy = Policy(raise_at=0.5, by_criticality={1: 0.3}, modes={"seal_leak": ModePolicy(raise_at=0.6, clear_at=0.2)})
        >>> policy.limits("seal_leak", 1).raise_at, policy.limits("bearing_wear", 1).raise_at, policy.limits("seal_leak", 3).clear_at
        (0.6, 0.3, 0.2)
        """
        own = self.modes.get(mode, _AS_THE_CLASS)
        return Limits(
            raise_at=_nearest(own.by_criticality, own.raise_at, self.by_criticality, self.raise_at, criticality),
            clear_at=self.clear_at if own.clear_at is None else own.clear_at,
            raise_below=_nearest(
                own.below_by_criticality, own.raise_below, self.below_by_criticality, self.raise_below, criticality
            ),
            raise_deviation=_nearest(
                own.deviation_by_criticality,
                own.raise_deviation,
                self.deviation_by_criticality,
                self.raise_deviation,
                criticality,
            ),
            clear_deviation=self.clear_deviation if own.clear_deviation is None else own.clear_deviation,
            persistence=own.persistence or self.persistence,
            on_delay=self.on_delay if own.on_delay is None else own.on_delay,
            off_delay=self.off_delay if own.off_delay is None else own.off_delay,
            raise_abstained=self.raise_abstained if own.raise_abstained is None else own.raise_abstained,
        )


_AS_THE_CLASS = ModePolicy()


def _nearest(
    own: dict[int, float], mode: float | None, shared: dict[int, float], otherwise: float, criticality: int
) -> float:
    """The mode's word for this criticality, the mode's, the class's for this criticality, or the class's."""
    if criticality in own:
        return own[criticality]
    return mode if mode is not None else shared.get(criticality, otherwise)
