"""The shape of `models/site/planning.toml`: what may stand there, and how it becomes the site's decisions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pdm.catalogue.planning import CRAFTS, DeferralTerms, Limits, Planning, TrustTerms
from pdm.catalogue.schema_base import Document
from pdm.units import duration

Share = Annotated[float, Field(ge=0, le=1)]
Rank = Annotated[int, Field(ge=1, le=4)]


class PriorityDocument(Document):
    """`[priority]`: criticality by probability."""

    bounds: tuple[Share, ...] = Planning().priority_bounds
    rows: dict[int, tuple[Rank, ...]] = Field(default_factory=lambda: dict(Planning().priority_rows))

    def check(self) -> None:
        if list(self.bounds) != sorted(set(self.bounds)):
            raise ValueError("'bounds' must rise")
        if missing := [level for level in range(1, 6) if level not in self.rows]:
            raise ValueError(f"'rows' has none for criticality {missing[0]}: write 1 to 5")
        for level, row in self.rows.items():
            if len(row) != len(self.bounds) + 1:
                raise ValueError(f"'rows': criticality {level} has {len(row)} priorities, not {len(self.bounds) + 1}")


class LimitsDocument(Document):
    """`[limits]`: how much the maintenance system is sent."""

    open_per_asset: int = Field(Limits.open_per_asset, ge=0)
    per_day: int = Field(Limits.per_day, ge=0)


class TrustDocument(Document):
    """`[trust]`: how automation is earned and lost."""

    target: dict[Literal["suggest", "draft", "automatic"], Share] = Field(default_factory=dict)
    least_cases: int = Field(TrustTerms.least_cases, ge=1)
    confidence: float = Field(TrustTerms.confidence, gt=0.5, lt=1)
    demote_after: int = Field(TrustTerms.demote_after, ge=1)
    demote_within: int = Field(TrustTerms.demote_within, ge=1)

    def build(self) -> TrustTerms:
        if self.demote_after > self.demote_within:
            raise ValueError("'demote_after' is more than demote_within: nobody would ever be demoted")
        target = dict(TrustTerms().target) | {str(rung): share for rung, share in self.target.items()}
        return TrustTerms(**self.model_dump() | {"target": target})


class DeferralDocument(Document):
    """`[deferral]`: what may be proposed for later."""

    risk: float = Field(DeferralTerms.risk, ge=0, lt=1)
    share: float = Field(DeferralTerms.share, gt=0, le=1)
    longest: str = "60d"
    shortest: str = "7d"
    words: tuple[str, ...] = ()

    def build(self) -> DeferralTerms:
        longest, shortest = duration(self.longest), duration(self.shortest)
        if shortest > longest:
            raise ValueError("'shortest' is longer than longest")
        return DeferralTerms(self.risk, self.share, longest, shortest, self.words)


class PlanningDocument(Document):
    """The file `models/site/planning.toml`."""

    crafts: tuple[str, ...] = Field(CRAFTS, min_length=1)
    spare_share: float = Field(Planning.spare_share, ge=0, le=1)
    shift_start: float = Field(Planning.shift_start, ge=0, lt=24)
    shift_hours: float = Field(Planning.shift_hours, gt=0, le=24)
    workdays: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(Planning.workdays, min_length=1)
    risk_budget: dict[int, Annotated[float, Field(gt=0, lt=1)]] = Field(default_factory=dict)
    priority: PriorityDocument = PriorityDocument()
    limits: LimitsDocument = LimitsDocument()
    trust: TrustDocument = TrustDocument()
    deferral: DeferralDocument = DeferralDocument()

    def build(self) -> Planning:
        self.priority.check()
        if self.shift_start + self.shift_hours > 24:
            raise ValueError("'shift_hours' runs over midnight")
        if odd := [level for level in self.risk_budget if not 1 <= level <= 5]:
            raise ValueError(f"'risk_budget' knows no criticality {odd[0]}: write 1 to 5")
        return Planning(
            crafts=self.crafts,
            priority_bounds=self.priority.bounds,
            priority_rows=self.priority.rows,
            risk_budget={**Planning().risk_budget, **self.risk_budget},
            spare_share=self.spare_share,
            shift_start=self.shift_start,
            shift_hours=self.shift_hours,
            workdays=tuple(sorted(set(self.workdays))),
            limits=Limits(**self.limits.model_dump()),
            trust=self.trust.build(),
            deferral=self.deferral.build(),
        )
