"""R10: silencing never deletes. A shelved alert is recorded, visible and counted, goes on being assessed, and always comes back.

Alerts are shelved, released, suppressed by quiet hours and closed by verdicts in a year of days drawn by chance; after every day the
store, the inbox, the digest and the audit must still hold all of them.
"""

import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from pdm.alerts.alert import AlertState
from pdm.operations.answer_alert import shelve_alert, unshelve_alert
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.notify_people import notify_people
from pdm.operations.record_verdict import record_verdict
from pdm.testing.builders import NOON, an_assessment
from pdm.testing.notifier import MemoryNotifier
from pdm.testing.plants import a_plant
from pdm.testing.promise import tell
from pdm.views.digest import digest
from pdm.views.inbox import inbox
from pdm.work.notification import INTENT


def measure(short: bool) -> dict:
    days, machines = (40, 4) if short else (180, 10)
    random = np.random.default_rng(10)
    tags = [f"P-{number}" for number in range(machines)]
    lost: list[str] = []
    ever: set[str] = set()
    shelved = came_back = 0
    with tempfile.TemporaryDirectory() as folder:
        plant = a_plant(Path(folder), notifier=MemoryNotifier())
        quiet = plant.settings.model_copy(
            update={"quiet_hours": "00:00-23:59", "quiet_hours_pass": 0, "digest_day": ""}
        )
        plant = replace(plant, settings=quiet)
        for _day in range(days):
            now = plant.clock.advance(timedelta(days=1))
            hours = (now - NOON) / timedelta(hours=1)
            before = states(plant)
            consider_assessments(plant, [an_assessment(tag, 0.8, hours=hours) for tag in tags])
            after = states(plant)
            over = {key for key, (state, until, _) in before.items() if state is AlertState.SHELVED and until <= now}
            came_back += len(over)
            lost += [f"{key} did not come back" for key in over if after[key][0] is AlertState.SHELVED]
            kept = [key for key in before if before[key][0] is AlertState.SHELVED and key not in over]
            lost += [f"{key} is not assessed while it is shelved" for key in kept if after[key][2] != now]
            ever |= set(after)
            for key, (state, _, _) in sorted(after.items()):
                draw = random.random()
                if state is AlertState.SHELVED and draw < 0.05:
                    unshelve_alert(plant, key, by="Ada", why="seen again")
                elif state is AlertState.UNACKNOWLEDGED and draw < 0.4:
                    until = now + timedelta(days=int(random.integers(1, 9)))
                    shelve_alert(plant, key, until=until, by="Ada", why="waits for the stop")
                    shelved += 1
                elif state is AlertState.UNACKNOWLEDGED and draw < 0.7:
                    with plant.unit_of_work() as work:
                        case = work.alerts.get(key).case_id
                    record_verdict(plant, case, by="Bo", found="nothing", inspected=True)
            notify_people(plant)
            lost += missing(plant, ever)
        with plant.unit_of_work() as work:
            entries = work.audit.verify()
            heard = {one.body["alert"] for one in work.outbox.pending(1_000_000, INTENT)}
        plant.unit_of_work.close()
    lost += [f"{key}: what people should hear of it is gone" for key in ever - heard]
    return {
        "kept": not lost and shelved > 0 and came_back > 0 and len(ever) > machines,
        "days": days,
        "alerts": len(ever),
        "shelved": shelved,
        "came_back": came_back,
        "audit_entries": entries,
        "lost": lost[:5],
    }


def states(plant) -> dict:
    with plant.unit_of_work() as work:
        return {
            one.id: (one.state, one.shelved_until, one.last_seen) for one in work.alerts.list() if one.closed_at is None
        }


def missing(plant, ever: set[str]) -> list[str]:
    """What of all alerts there have ever been is not in the store, of the open ones not in the inbox, of the shelved not in the digest."""
    with plant.unit_of_work() as work:
        alerts = {one.id: one for one in work.alerts.list()}
        steps = {entry.subject for entry in work.audit.list(limit=100_000) if entry.verb == "shelve"}
    shown = {row.alert.id for row in inbox(plant).open}
    text = digest(plant, plant.clock.now()).text
    found = [f"{key} is not in the store" for key in ever - set(alerts)]
    for key, alert in alerts.items():
        if alert.closed_at is None and key not in shown:
            found.append(f"{key} is not in the inbox")
        if alert.state is AlertState.SHELVED:
            found += [] if f"* {alert.asset}:" in text.split("Shelved\n")[-1] else [f"{key} is not in the digest"]
            found += [] if f"alert:{key}" in steps else [f"shelving {key} is not in the audit"]
    return found


if __name__ == "__main__":
    sys.exit(tell("R10", measure))
