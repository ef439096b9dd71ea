"""Tell people what waits for them, for plants whose service does not run all the time."""

from __future__ import annotations

from prefect import flow, task
from prefect.artifacts import create_table_artifact

from pdm.errors import LeaseHeld
from pdm.operations.notify_people import notify_people as tell
from pdm.wiring import build_plant


@task
def tell_once(home: str | None) -> dict[str, int]:
    """One round; what failed waits in the outbox, which knows when to try again, so that no retry is needed here."""
    try:
        report = tell(build_plant(home))
    except LeaseHeld:  # the service does it already
        return {"composed": 0, "sent": 0, "failed": 0, "held": 0}
    return {"composed": report.composed, "sent": report.sent, "failed": report.failed, "held": report.held}


@flow(name="notify-people", log_prints=True)
def notify_people(home: str | None = None) -> int:
    """Compose and send once; the number of messages that were taken."""
    counts = tell_once(home)
    create_table_artifact(key="notifications", table=[counts], description="What people were told.")
    print(f"{counts['sent']} messages sent, {counts['held']} alerts held for later")
    return counts["sent"]
