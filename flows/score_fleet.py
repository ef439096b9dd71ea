"""Score the fleet as known now; when someone else has scored this period already, leave it at that."""

from __future__ import annotations

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_table_artifact

from pdm.errors import LeaseHeld, StoreError
from pdm.operations.score_fleet import score_fleet as score
from pdm.units import duration
from pdm.wiring import build_plant


def _worth_another_try(_task: object, _run: object, state: object) -> bool:
    """A busy store or a held lease passes; bad input does not get better by itself."""
    failure = getattr(state, "data", None)
    return isinstance(failure, LeaseHeld | StoreError | OSError)


@task(retries=3, retry_delay_seconds=20, retry_condition_fn=_worth_another_try)
def score_once(home: str | None, asset_class: str | None) -> tuple[list[dict[str, str]], list[str]]:
    """One round: the rows of the artifact, worst first, and which models could not answer and why."""
    plant = build_plant(home)
    period = duration(plant.settings.score_every)
    report = score(plant, asset_class=asset_class, holder="prefect", period=period)
    risky = sorted((a for a in report.assessments if a.worst), key=lambda a: -a.worst.probability if a.worst else 0.0)
    rows = [
        {
            "asset": a.asset,
            "condition": a.condition,
            "data": a.data,
            "failure mode": a.worst.mode if a.worst else "",
            "risk": f"{a.worst.probability:.0%} within {a.worst.horizon:g} {a.worst.unit}" if a.worst else "",
        }
        for a in risky
    ]
    return rows, list(report.problems)


@flow(name="score-fleet", log_prints=True)
def score_fleet(home: str | None = None, asset_class: str | None = None) -> int:
    """Score all assets of the plant in `home` (default: `PDM_HOME`); the number of assets with a risk."""
    rows, problems = score_once(home, asset_class)
    for problem in problems:
        get_run_logger().warning(problem)
    description = "\n\n".join(["The fleet, worst first.", *problems])
    create_table_artifact(key="fleet", table=rows[:50], description=description)
    print(f"{len(rows)} assets scored")
    return len(rows)
