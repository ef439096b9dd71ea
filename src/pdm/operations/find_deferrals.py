"""Look through the preventive plans for tasks that a healthy machine does not need yet; the excluded ones come with their reason."""

from __future__ import annotations

from dataclasses import dataclass

from pdm.alerts.alert import OPEN_STATES
from pdm.ports import Plant
from pdm.records.planning import PlannedTask, read_planning
from pdm.work.deferral import Candidate, Deferral, candidate


@dataclass(frozen=True)
class DeferralList:
    """candidates: what may be proposed. left_out: what may not, with the reason. proposals: what was proposed, newest first."""

    candidates: tuple[Candidate, ...]
    left_out: tuple[tuple[PlannedTask, str], ...]
    proposals: tuple[Deferral, ...]


def find_deferrals(plant: Plant) -> DeferralList:
    """The preventive tasks that lie ahead, by today's assessments. Nothing is stored."""
    now = plant.clock.now()
    tables = read_planning(plant.workspace.home)
    terms = plant.catalogue.planning.deferral
    with plant.unit_of_work() as work:
        latest = {one.asset: one for one in work.assessments.latest()}
        alerted = {alert.asset for alert in work.alerts.list(states=sorted(OPEN_STATES))}
        proposals = work.deferrals.list()
    found: list[Candidate] = []
    left_out: list[tuple[PlannedTask, str]] = []
    for task in tables.plans:
        if task.due is None:
            continue
        assessment = latest.get(task.asset)
        known = plant.catalogue.classes.get(assessment.asset_class) if assessment else None
        if known is None:
            left_out.append((task, "nobody knows how the machine is now"))
            continue
        answer = candidate(
            task,
            assessment,
            known.axis,
            terms,
            flag=(tables.protected or {}).get(task.plan, ""),
            busy="an alert is open on it" if task.asset in alerted else "",
            now=now,
        )
        if isinstance(answer, Candidate):
            found.append(answer)
        else:
            left_out.append((task, answer))
    return DeferralList(tuple(sorted(found, key=lambda one: str(one.task.due))), tuple(left_out), tuple(proposals))
