"""Hand approved work requests to the receiver, and hear back what became of the earlier ones."""

from __future__ import annotations

from prefect import flow, task
from prefect.artifacts import create_table_artifact

from pdm.operations.deliver_outbox import deliver_outbox
from pdm.operations.poll_receiver import poll_receiver
from pdm.wiring import build_plant


@task
def deliver(home: str | None) -> dict[str, int]:
    """One round; what failed waits in the outbox, which knows when to try again, so that no retry is needed here."""
    report = deliver_outbox(build_plant(home))
    return {"sent": report.sent, "failed": report.failed, "refused": report.refused, "waiting": report.waiting}


@task(retries=2, retry_delay_seconds=60)
def poll(home: str | None) -> int:
    """How many requests changed their state over there."""
    return poll_receiver(build_plant(home)).changed


@flow(name="deliver-requests", log_prints=True)
def deliver_requests(home: str | None = None) -> int:
    """Deliver and poll once; the number of requests handed over."""
    counts = deliver(home)
    changed = poll(home)
    create_table_artifact(
        key="outbox", table=[counts | {"changed": changed}], description="Work requests on their way."
    )
    print(f"{counts['sent']} handed over, {counts['waiting']} waiting, {changed} changed over there")
    return counts["sent"]
