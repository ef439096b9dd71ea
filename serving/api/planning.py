"""Trust and deferrals: how far requests may go by themselves, and what healthy machines do not need yet."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from pdm.operations.decide_deferral import decide_deferral
from pdm.operations.find_deferrals import find_deferrals
from pdm.operations.propose_deferral import propose_deferral
from pdm.operations.read_trust import TrustLine, read_trust
from pdm.operations.set_ceiling import set_ceiling
from serving.api.schemas import MOMENT
from serving.api.verbs import Act, Reasoned
from serving.context import ThePlant

router = APIRouter(prefix="/v1", tags=["planning"])
Rung = Literal["show", "suggest", "draft", "automatic"]
ClassName = Annotated[str, Path(max_length=200, description="The asset class.")]
ModeName = Annotated[str, Path(max_length=200, description="The failure mode.")]
Id = Annotated[str, Path(max_length=64, description="The proposal's id.")]


class TrustOut(BaseModel):
    """One (class, failure mode). at_least: lower confidence bound of the share of right ones since the last step."""

    asset_class: str
    failure_mode: str
    title: str
    rung: Rung
    ceiling: Rung
    since: datetime | None
    why: str
    cases: int
    right: int
    at_least: float
    asks: str

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "asset_class": "pump",
                    "failure_mode": "bearing_wear",
                    "title": "Bearing wear, drive end",
                    "rung": "suggest",
                    "ceiling": "draft",
                    "since": None,
                    "why": "as models/ says",
                    "cases": 6,
                    "right": 5,
                    "at_least": 0.49,
                    "asks": "draft: at least 8 closed cases, and 60% right with 90% confidence",
                }
            ]
        }
    )


class Ceiling(Reasoned):
    """How far it may go at most."""

    ceiling: Rung

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"by": "Ada", "why": "two good years", "ceiling": "draft"}]}
    )


class DeferralOut(BaseModel):
    """A proposal to do one preventive task later."""

    id: str
    source: str
    plan: str
    asset: str
    text: str
    due: datetime
    until: datetime
    risk: float
    state: Literal["proposed", "approved", "declined"]
    approver: str
    proposed_by: str
    proposed_at: datetime
    decided_at: datetime | None
    why: str
    version: int

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "de-1",
                    "source": "sap-ip24",
                    "plan": "120034",
                    "asset": "P-101",
                    "text": "Coupling check",
                    "due": MOMENT,
                    "until": MOMENT,
                    "risk": 0.004,
                    "state": "proposed",
                    "approver": "Eve",
                    "proposed_by": "Ada",
                    "proposed_at": MOMENT,
                    "decided_at": None,
                    "why": "",
                    "version": 1,
                }
            ]
        },
    )


class CandidateOut(BaseModel):
    """One task that may be proposed; `risk`: P(failure of any mode before `until`)."""

    plan: str
    asset: str
    text: str
    due: datetime | None
    until: datetime
    risk: float


class LeftOut(BaseModel):
    """One task that may not, and why."""

    plan: str
    asset: str
    text: str
    reason: str


class DeferralsOut(BaseModel):
    """What may be proposed, what may not, and what was proposed."""

    candidates: list[CandidateOut]
    left_out: list[LeftOut]
    proposals: list[DeferralOut]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "candidates": [
                        {
                            "plan": "120034",
                            "asset": "P-101",
                            "text": "Coupling check",
                            "due": MOMENT,
                            "until": MOMENT,
                            "risk": 0.004,
                        }
                    ],
                    "left_out": [
                        {
                            "plan": "120035",
                            "asset": "P-101",
                            "text": "Abschmieren",
                            "reason": "never deferred: lubrication",
                        }
                    ],
                    "proposals": [],
                }
            ]
        }
    )


class Proposal(Act):
    """Which task, and who is asked."""

    plan: str = Field(min_length=1, max_length=200, description="Number of the preventive plan.")
    asset: str = Field(min_length=1, max_length=200, description="The machine.")
    approver: str = Field(min_length=1, max_length=120, pattern=r"\S", description="Who decides; nobody else may.")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"by": "Ada", "plan": "120034", "asset": "P-101", "approver": "Eve"}]}
    )


class Decision(Act):
    """Yes or no."""

    approve: bool = Field(description="Yes or no.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"by": "Eve", "approve": False, "why": "audit in May"}]})


@router.get("/trust")
def list_trust(plant: ThePlant) -> list[TrustOut]:
    """The ladder of every failure mode."""
    return [_trust(line) for line in read_trust(plant)]


@router.post("/trust/{asset_class}/{failure_mode}/ceiling")
def put_ceiling(plant: ThePlant, asset_class: ClassName, failure_mode: ModeName, act: Ceiling) -> TrustOut:
    """Say how far requests of a failure mode may go. Rungs below are still earned; a lower ceiling holds at once."""
    set_ceiling(plant, asset_class, failure_mode, act.ceiling, by=act.by, why=act.why)
    found = {(line.trust.asset_class, line.trust.failure_mode): line for line in read_trust(plant)}
    return _trust(found[asset_class, failure_mode])


@router.get("/deferrals")
def list_deferrals(plant: ThePlant) -> DeferralsOut:
    """Preventive tasks that a healthy machine does not need yet; what is left out comes with its reason."""
    found = find_deferrals(plant)
    return DeferralsOut(
        candidates=[
            CandidateOut(
                plan=one.task.plan,
                asset=one.task.asset,
                text=one.task.text,
                due=one.task.due,
                until=one.until,
                risk=one.risk,
            )
            for one in found.candidates
        ],
        left_out=[
            LeftOut(plan=task.plan, asset=task.asset, text=task.text, reason=reason) for task, reason in found.left_out
        ],
        proposals=[DeferralOut.model_validate(one) for one in found.proposals],
    )


@router.post("/deferrals")
def propose(plant: ThePlant, act: Proposal) -> DeferralOut:
    """Propose to do one task later, to a named person."""
    return DeferralOut.model_validate(propose_deferral(plant, act.plan, act.asset, approver=act.approver, by=act.by))


@router.post("/deferrals/{deferral_id}/decide")
def decide(plant: ThePlant, deferral_id: Id, act: Decision) -> DeferralOut:
    """Decide, if you are the one who was asked. A planner moves the date in the maintenance system."""
    return DeferralOut.model_validate(decide_deferral(plant, deferral_id, approve=act.approve, by=act.by, why=act.why))


def _trust(line: TrustLine) -> TrustOut:
    trust = line.trust
    return TrustOut(
        asset_class=trust.asset_class,
        failure_mode=trust.failure_mode,
        title=line.title,
        rung=trust.rung,
        ceiling=trust.ceiling,
        since=trust.since,
        why=trust.why,
        cases=line.figures.cases,
        right=line.figures.right,
        at_least=line.figures.bound,
        asks=line.asks,
    )
